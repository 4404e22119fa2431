import type { Disk } from '../runtime/disk.ts';
import type { HeldIndex, IndexMemory } from './index-memory.ts';

const entriesAtFirst = 16;
const noBytes = Buffer.alloc(0);

/**
 * The sorted entries of one index file, held in memory just as the file holds them. Kafka maps the file and writes
 * each entry at once; here the file gets what is new when its segment is rolled, flushed or closed, since an extra
 * write per entry would cost as much as an append. What a kill loses, recovery makes again from the log.
 *
 * Read from disk at first use: an idle segment costs two small objects.
 */
export class IndexEntries implements HeldIndex {
  readonly entryBytes: number;
  usedSinceSweep = false;
  readonly #disk: Disk;
  readonly #memory: IndexMemory | undefined;
  #path: string;
  #bytes: Buffer | undefined;
  #count = 0;
  /** Entries that the file holds already. */
  #savedCount = 0;
  /** Changes of the file, and how many of them were fsynced. */
  #changes = 0;
  #syncedChanges = 0;

  /** @param memory bounds what is read from disk, over all indexes */
  constructor(disk: Disk, path: string, entryBytes: number, memory?: IndexMemory) {
    this.#disk = disk;
    this.#memory = memory;
    this.#path = path;
    this.entryBytes = entryBytes;
  }

  get path(): string {
    return this.#path;
  }

  get count(): number {
    this.#load();
    return this.#count;
  }

  /** The entries' bytes; valid until the next `add`. */
  get bytes(): Buffer {
    return this.#load();
  }

  get isSaved(): boolean {
    return this.#bytes === undefined || this.#savedCount === this.#count;
  }

  /** Bytes held in memory. */
  get heldBytes(): number {
    return this.#bytes?.length ?? 0;
  }

  /** Adds an empty entry and returns the place of its bytes. */
  add(): number {
    const bytes = this.#load();
    const start = this.#count * this.entryBytes;
    if (start + this.entryBytes > bytes.length) {
      const larger = Buffer.alloc(Math.max(entriesAtFirst * this.entryBytes, bytes.length * 2));
      bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    this.#count++;
    return start;
  }

  /** Keeps the first `count` entries. */
  keep(count: number): void {
    this.#load();
    this.#count = Math.min(this.#count, count);
    if (this.#savedCount > this.#count) this.#cutFile();
  }

  /** Forgets all entries, without reading them. */
  reset(): void {
    this.#bytes = noBytes;
    this.#count = 0;
    this.#cutFile();
  }

  /** Writes what is new; the file then has the entries and nothing else. */
  save(): void {
    if (this.#bytes === undefined) return;
    const file = this.#disk.openSync(this.#path, 'write');
    try {
      const sizeBytes = this.#count * this.entryBytes;
      if (this.#savedCount !== this.#count || file.sizeSync() !== sizeBytes) this.#changes++;
      if (this.#savedCount < this.#count) {
        const start = this.#savedCount * this.entryBytes;
        file.writeSync([this.#bytes.subarray(start, sizeBytes)], start);
      }
      if (file.sizeSync() > sizeBytes) file.truncateSync(sizeBytes);
      this.#savedCount = this.#count;
    } finally {
      file.closeSync();
    }
  }

  /** Writes what is new; afterwards all entries would survive a power cut. */
  async sync(): Promise<void> {
    this.save();
    const changes = this.#changes;
    if (this.#syncedChanges === changes) return;
    const file = this.#disk.openSync(this.#path, 'write');
    try {
      await file.sync();
    } finally {
      file.closeSync();
    }
    this.#syncedChanges = Math.max(this.#syncedChanges, changes);
  }

  /** As `sync`, on the event loop. */
  syncSync(): void {
    if (!this.isSaved) this.save();
    if (this.#syncedChanges === this.#changes) return;
    const file = this.#disk.openSync(this.#path, 'write');
    try {
      file.syncSync();
    } finally {
      file.closeSync();
    }
    this.#syncedChanges = this.#changes;
  }

  /** Gives the memory back where the file has all. */
  unload(): void {
    if (this.isSaved) this.forget();
  }

  /** The file is to go: what it does not have is not wanted either. */
  forget(): void {
    this.#bytes = undefined;
    this.#savedCount = 0;
    this.#count = 0;
    this.#memory?.gave(this);
  }

  renamedTo(path: string): void {
    this.#path = path;
  }

  #cutFile(): void {
    const file = this.#disk.openSync(this.#path, 'write');
    try {
      file.truncateSync(this.#count * this.entryBytes);
    } finally {
      file.closeSync();
    }
    this.#changes++;
    this.#savedCount = this.#count;
  }

  #load(): Buffer {
    this.usedSinceSweep = true;
    if (this.#bytes !== undefined) return this.#bytes;
    const bytes = this.#disk.existsSync(this.#path) ? this.#disk.readFileSync(this.#path) : noBytes;
    let count = Math.floor(bytes.length / this.entryBytes);
    // A broker that was killed leaves the zeros of a file made large in advance; no entry after the first is all zeros.
    while (count > 0 && isZero(bytes, (count - 1) * this.entryBytes, count * this.entryBytes)) count--;
    this.#bytes = bytes;
    this.#count = count;
    this.#savedCount = count;
    this.#memory?.took(this, bytes.length);
    return bytes;
  }
}

function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}
