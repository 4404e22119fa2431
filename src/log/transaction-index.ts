import path from 'node:path';
import { readInt64, writeInt64 } from '../record/integers.ts';
import type { Disk } from '../runtime/disk.ts';

/** One entry of a `.txnindex`: an aborted transaction whose marker lies in that segment. */
export interface AbortedTransactionEntry {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of the ABORT marker. */
  readonly lastOffset: number;
  /** First offset of the oldest transaction still open after it, else the marker's offset + 1. */
  readonly lastStableOffset: number;
}

const entryBytes = 34;
const entryVersion = 0;
const noEntries: readonly AbortedTransactionEntry[] = [];

/**
 * `<base>.txnindex`, made with its first entry and written at once: aborts are few.
 * Entry: `i16 version, i64 producerId, i64 firstOffset, i64 lastOffset, i64 lastStableOffset`.
 * @see TransactionIndex in Apache Kafka 3.9
 */
export class TransactionIndex {
  readonly #disk: Disk;
  path: string;
  /** What the file holds, once it was read. */
  #entries: readonly AbortedTransactionEntry[] | undefined;

  /** Nobody knows what an earlier life of the broker left. */
  #isUnsynced = true;
  /** Its name is not fsynced: it comes later than the segment's other files. */
  #isNew = true;

  constructor(disk: Disk, file: string) {
    this.#disk = disk;
    this.path = file;
  }

  append(entry: AbortedTransactionEntry): void {
    const entries = this.read() ?? [];
    this.#isNew ||= entries.length === 0;
    this.#isUnsynced = true;
    const file = this.#disk.openSync(this.path, 'write');
    try {
      file.writeSync([encodeEntry(entry)], file.sizeSync());
    } finally {
      file.closeSync();
    }
    this.#entries = [...entries, entry];
  }

  /** Undefined when the file is not one whole entry after the other. */
  read(): readonly AbortedTransactionEntry[] | undefined {
    if (this.#entries !== undefined) return this.#entries;
    if (!this.#disk.existsSync(this.path)) return (this.#entries = noEntries);
    const bytes = this.#disk.readFileSync(this.path);
    const entries: AbortedTransactionEntry[] = [];
    for (let at = 0; at < bytes.length; at += entryBytes) {
      if (at + entryBytes > bytes.length || bytes.readInt16BE(at) > entryVersion) return undefined;
      entries.push({
        producerId: readInt64(bytes, at + 2),
        firstOffset: readInt64(bytes, at + 10),
        lastOffset: readInt64(bytes, at + 18),
        lastStableOffset: readInt64(bytes, at + 26),
      });
    }
    return (this.#entries = entries);
  }

  reset(): void {
    this.#rewrite([]);
  }

  /** Drops transactions whose marker is at or above `offset`. */
  truncateTo(offset: number): void {
    const entries = this.read() ?? [];
    const kept = entries.filter((entry) => entry.lastOffset < offset);
    if (kept.length < entries.length) this.#rewrite(kept);
  }

  /** As `syncSync`, in another thread. */
  async sync(): Promise<void> {
    if (!this.#hasNews()) return;
    this.#isUnsynced = false;
    const file = this.#disk.openSync(this.path, 'write');
    try {
      await file.sync();
    } finally {
      file.closeSync();
    }
    this.#syncName();
  }

  /** What was appended or cut survives a power cut. */
  syncSync(): void {
    if (!this.#hasNews()) return;
    const file = this.#disk.openSync(this.path, 'write');
    try {
      file.syncSync();
    } finally {
      file.closeSync();
    }
    this.#isUnsynced = false;
    this.#syncName();
  }

  #hasNews(): boolean {
    this.#isUnsynced &&= this.#disk.existsSync(this.path);
    return this.#isUnsynced;
  }

  #syncName(): void {
    if (this.#isNew) this.#disk.syncDirectorySync(path.dirname(this.path));
    this.#isNew = false;
  }

  #rewrite(entries: readonly AbortedTransactionEntry[]): void {
    this.#entries = entries;
    if (!this.#disk.existsSync(this.path)) return;
    this.#isUnsynced = true;
    const file = this.#disk.openSync(this.path, 'truncate');
    try {
      if (entries.length > 0) file.writeSync(entries.map(encodeEntry), 0);
    } finally {
      file.closeSync();
    }
  }
}

function encodeEntry(entry: AbortedTransactionEntry): Buffer {
  const bytes = Buffer.alloc(entryBytes);
  bytes.writeInt16BE(entryVersion, 0);
  writeInt64(bytes, entry.producerId, 2);
  writeInt64(bytes, entry.firstOffset, 10);
  writeInt64(bytes, entry.lastOffset, 18);
  writeInt64(bytes, entry.lastStableOffset, 26);
  return bytes;
}
