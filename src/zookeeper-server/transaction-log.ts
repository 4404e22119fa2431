import type { Disk, DiskFile } from '../runtime/disk.ts';
import { adler32 } from './checksum.ts';
import { JuteWriter, MalformedJute } from './jute.ts';
import { readTransaction, writeTransaction, type Transaction } from './transactions.ts';

/**
 * The transaction log: files `log.<zxid of the first entry>`, as Apache ZooKeeper writes and reads them.
 *
 *     'ZKLG' | int 2 | long 0 | entry … | zeros (preallocated)
 *     entry: long adler32(body) | int length | body | 0x42
 *
 * A file is only ever appended to by the process that made it: after a start the next transaction begins a new one, so
 * whatever a crash left at the end of the last is never written over.
 */
const magic = 0x5a4b4c47;
const logVersion = 2;
const headerBytes = 16;
const entryEnd = 0x42;
const entryHeaderBytes = 12;
/** A file grows when less than this is left of its zeros (FilePadding). */
const headroomBytes = 4096;

export function logName(firstZxid: number): string {
  return `log.${firstZxid.toString(16)}`;
}

/** An entry is unreadable although bytes follow it that a crash cannot have left so. */
export class CorruptLog extends Error {
  override readonly name = 'CorruptLog';
}

export interface LogWriterOptions {
  readonly disk: Disk;
  readonly directory: string;
  /** Zeros written ahead, in bytes (zookeeper.preAllocSize); 0 for none. Sparse where the file system can. */
  readonly preallocateBytes: number;
}

/** Appends transactions. `append` only gathers; `write` and `sync` make them durable together (group commit). */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #pending = new JuteWriter();
  #file: DiskFile | undefined;
  #position = 0;
  #allocated = 0;
  #firstPendingZxid = 0;
  #rollWanted = false;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  /** Whether there are transactions that `write` has not taken yet. */
  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Bytes in the current file. */
  get sizeBytes(): number {
    return this.#position;
  }

  append(transaction: Transaction): void {
    const pending = this.#pending;
    if (pending.length === 0) this.#firstPendingZxid = transaction.zxid;
    const start = pending.length;
    pending.long(0);
    const frame = pending.beginFrame();
    writeTransaction(pending, transaction);
    pending.endFrame(frame);
    pending.byte(entryEnd);
    pending.patchLong(start, adler32(pending.view(start), entryHeaderBytes, pending.length - start - 1));
  }

  /** The next write begins a new file. */
  roll(): void {
    this.#rollWanted = true;
  }

  /** Hands what was appended to the operating system. @throws Node's system error; the log must not be used after */
  write(): void {
    if (this.#rollWanted) this.#closeFile();
    if (!this.hasPending) return;
    const file = this.#file ?? this.#openFile();
    const bytes = this.#pending.view();
    this.#preallocate(file, bytes.length);
    file.writeSync([bytes], this.#position);
    this.#position += bytes.length;
    this.#pending.clear();
  }

  async sync(): Promise<void> {
    await this.#file?.sync();
  }

  close(): void {
    this.#closeFile();
  }

  #openFile(): DiskFile {
    const { disk, directory } = this.#options;
    const file = disk.openSync(`${directory}/${logName(this.#firstPendingZxid)}`, 'truncate');
    const header = Buffer.alloc(headerBytes);
    header.writeInt32BE(magic, 0);
    header.writeInt32BE(logVersion, 4);
    file.writeSync([header], 0);
    this.#file = file;
    this.#position = headerBytes;
    this.#allocated = headerBytes;
    this.#preallocate(file, 0);
    file.syncSync();
    disk.syncDirectorySync(directory);
    return file;
  }

  #preallocate(file: DiskFile, addedBytes: number): void {
    const { preallocateBytes } = this.#options;
    const needed = this.#position + addedBytes + headroomBytes;
    if (preallocateBytes === 0 || needed < this.#allocated) return;
    const steps = Math.ceil((needed - this.#allocated + 1) / preallocateBytes);
    this.#allocated = (this.#allocated === headerBytes ? 0 : this.#allocated) + steps * preallocateBytes;
    file.writeSync([Buffer.alloc(1)], this.#allocated - 1);
  }

  /** The zeros are given back: where files are not sparse they are real. */
  #closeFile(): void {
    this.#rollWanted = false;
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    file.truncateSync(this.#position);
    file.syncSync();
    file.closeSync();
  }
}

const readChunkBytes = 1 << 20;

/**
 * The entries of one file, in order, up to its end: zeros, the end of the bytes, or an entry that a crash cut short.
 * Reads a megabyte at a time.
 *
 * @throws CorruptLog for a wrong header, and for an entry whose bytes are all there but fail their checksum
 */
export function* readLog(disk: Disk, path: string): Generator<Transaction> {
  const file = disk.openSync(path, 'read');
  try {
    const window = new ReadWindow(file);
    const header = window.at(0, headerBytes);
    if (header === undefined) return; // made, and not even its header written
    if (isZero(header)) return;
    if (header.readInt32BE(0) !== magic) throw new CorruptLog(`${path} is not a ZooKeeper transaction log`);
    for (let position = headerBytes; ; ) {
      const entry = readEntry(window, position, path);
      if (entry === undefined) return;
      position += entryHeaderBytes + entry.length + 1;
      yield parse(entry, path, position);
    }
  } finally {
    file.closeSync();
  }
}

function parse(entry: Buffer, path: string, end: number): Transaction {
  try {
    return readTransaction(entry);
  } catch (error) {
    if (!(error instanceof MalformedJute)) throw error;
    throw new CorruptLog(`${path}: the transaction that ends at byte ${end} cannot be read`, { cause: error });
  }
}

function readEntry(window: ReadWindow, position: number, path: string): Buffer | undefined {
  const header = window.at(position, entryHeaderBytes);
  if (header === undefined) return undefined;
  const checksum = header.readUInt32BE(4);
  const length = header.readInt32BE(8);
  if (length === 0) return undefined;
  if (length < 0) throw new CorruptLog(`${path}: unreasonable length ${length} at byte ${position}`);
  const entry = window.at(position + entryHeaderBytes, length + 1);
  if (entry === undefined || entry[length] !== entryEnd) return undefined;
  const body = entry.subarray(0, length);
  if (adler32(body) !== checksum) {
    throw new CorruptLog(`${path}: the checksum of the transaction at byte ${position} is wrong; the file was damaged after it was written`);
  }
  return body;
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** A file seen through a buffer that moves on. */
class ReadWindow {
  readonly #file: DiskFile;
  readonly #sizeBytes: number;
  #bytes = Buffer.alloc(0);
  #start = 0;

  constructor(file: DiskFile) {
    this.#file = file;
    this.#sizeBytes = file.sizeSync();
  }

  /** A view of the bytes, valid until the next call; undefined when the file ends before them. */
  at(position: number, length: number): Buffer | undefined {
    if (position + length > this.#sizeBytes) return undefined;
    if (position < this.#start || position + length > this.#start + this.#bytes.length) this.#move(position, length);
    const from = position - this.#start;
    return from + length <= this.#bytes.length ? this.#bytes.subarray(from, from + length) : undefined;
  }

  #move(position: number, length: number): void {
    const target = Buffer.allocUnsafeSlow(Math.max(readChunkBytes, length));
    const count = this.#file.readSync(target, 0, target.length, position);
    this.#bytes = target.subarray(0, count);
    this.#start = position;
  }
}
