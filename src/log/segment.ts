import path from 'node:path';
import { maxTimestamp } from '../record/batch.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Disk, DiskFile } from '../runtime/disk.ts';
import { lookupCursor } from './batch-cursor.ts';
import { BlocksAhead } from './blocks-ahead.ts';
import { segmentFileName } from './file-names.ts';
import type { SegmentFileKind } from './file-names.ts';
import type { LogConfig } from './log-config.ts';
import type { IndexMemory } from './index-memory.ts';
import { OffsetIndex } from './offset-index.ts';
import type { FileHolder, OpenFiles } from './open-files.ts';
import { noTimestamp, TimeIndex } from './time-index.ts';
import { TransactionIndex } from './transaction-index.ts';

/** What all segments of a broker share. */
export interface SegmentSupport {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly openFiles: OpenFiles;
  readonly indexMemory: IndexMemory;
}

export interface SegmentOptions {
  /** The partition's folder. */
  readonly directory: string;
  readonly baseOffset: number;
  /** Bytes of the log file that count; 0 for a new segment. */
  readonly sizeBytes: number;
  /** segment.index.bytes */
  readonly indexBytesMax: number;
  /** segment.ms minus this decides when a segment is too old. */
  readonly rollJitterMs: number;
  /** Wall clock. */
  readonly createdMs: number;
}

/** Offsets in a segment are stored as the distance from its base, in 31 bits. */
const relativeOffsetMax = 0x7fff_ffff;

/** Less than this behind a file's end is not worth a write: file systems round up, and have their own books. */
const strayBytesMin = 1024 * 1024;

/** One `.log` with its indexes. The log decides; a segment does. @see LogSegment in Apache Kafka 3.9 */
export class Segment implements FileHolder {
  readonly baseOffset: number;
  readonly offsetIndex: OffsetIndex;
  readonly timeIndex: TimeIndex;
  readonly transactionIndex: TransactionIndex;
  readonly rollJitterMs: number;
  readonly createdMs: number;
  usedSinceSweep = false;
  /** Bytes appended and indexed; what is staged counts. */
  sizeBytes: number;
  /** Bytes in the file. */
  writtenBytes: number;
  /** Bytes that were there when this process opened it, which the page cache may not hold. */
  readonly coldBytes: number;
  readonly #support: SegmentSupport;
  #directory: string;
  /** `.deleted` once it waits for its removal. */
  #suffix = '';
  #file: DiskFile | undefined;
  #bytesSinceIndexEntry = 0;
  #maxTimestamp: number | undefined;
  #offsetOfMaxTimestamp = 0;
  #firstBatchTimestamp: number | undefined;
  #isPreallocated = false;
  #blocksAhead: BlocksAhead | undefined;

  constructor(support: SegmentSupport, options: SegmentOptions) {
    const { baseOffset, directory, indexBytesMax } = options;
    this.#support = support;
    this.#directory = directory;
    this.baseOffset = baseOffset;
    this.sizeBytes = options.sizeBytes;
    this.writtenBytes = options.sizeBytes;
    this.coldBytes = options.sizeBytes;
    this.rollJitterMs = options.rollJitterMs;
    this.createdMs = options.createdMs;
    this.offsetIndex = new OffsetIndex(support.disk, this.pathOf('index'), baseOffset, indexBytesMax, support.indexMemory);
    this.timeIndex = new TimeIndex(support.disk, this.pathOf('timeindex'), baseOffset, indexBytesMax, support.indexMemory);
    this.transactionIndex = new TransactionIndex(support.disk, this.pathOf('txnindex'));
  }

  /** Makes the files of a new segment, empty. */
  static create(support: SegmentSupport, directory: string, baseOffset: number, config: LogConfig, rollJitterMs: number): Segment {
    const indexBytesMax = config['segment.index.bytes'];
    const segment = new Segment(support, { directory, baseOffset, sizeBytes: 0, indexBytesMax, rollJitterMs, createdMs: support.clock.nowMs() });
    const file = support.disk.openSync(segment.path, 'truncate');
    try {
      if (config.preallocate) file.truncateSync(config['segment.bytes']);
      segment.#isPreallocated = config.preallocate;
    } finally {
      file.closeSync();
    }
    segment.offsetIndex.entries.reset();
    segment.timeIndex.entries.reset();
    segment.noteMaxTimestamp(noTimestamp, baseOffset);
    return segment;
  }

  get path(): string {
    return this.pathOf('log');
  }

  pathOf(kind: SegmentFileKind): string {
    return path.join(this.#directory, segmentFileName(this.baseOffset, kind) + this.#suffix);
  }

  /** Opened at first use, closed by the pool when others need the descriptor more. */
  get file(): DiskFile {
    this.usedSinceSweep = true;
    return (this.#file ??= this.#support.openFiles.open(this));
  }

  /** It waits for its removal: nothing may be written any more, under a name that may be gone. */
  get isDeleted(): boolean {
    return this.#suffix !== '';
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  giveUpFile(): DiskFile | undefined {
    const file = this.#file;
    this.#file = undefined;
    return file;
  }

  /** The greatest timestamp of its batches, -1 when none has one. */
  get maxTimestamp(): number {
    return (this.#maxTimestamp ??= this.#readMaxTimestamp());
  }

  /** Last offset of the batch that brought `maxTimestamp`. */
  get offsetOfMaxTimestamp(): number {
    this.#maxTimestamp ??= this.#readMaxTimestamp();
    return this.#offsetOfMaxTimestamp;
  }

  /** What retention goes by: the greatest timestamp, else when the file was last written. */
  get largestTimestamp(): number {
    return this.maxTimestamp >= 0 ? this.maxTimestamp : this.modifiedMs;
  }

  /** When the log file was last written; for a cleaned one, when the last of those was that it was made of. */
  get modifiedMs(): number {
    return this.#support.disk.statSync(this.path)?.modifiedMs ?? this.createdMs;
  }

  get offsetIndexBytes(): number {
    return this.#support.disk.statSync(this.pathOf('index'))?.sizeBytes ?? 0;
  }

  get timeIndexBytes(): number {
    return this.#support.disk.statSync(this.pathOf('timeindex'))?.sizeBytes ?? 0;
  }

  hasRoomForOffset(offset: number): boolean {
    const relative = offset - this.baseOffset;
    return relative >= 0 && relative <= relativeOffsetMax;
  }

  /** Greatest timestamp of the first batch; -1 when it has none, or there is no batch. */
  get timestampOfFirstBatch(): number {
    if (this.#firstBatchTimestamp !== undefined) return this.#firstBatchTimestamp;
    if (this.writtenBytes === 0) return noTimestamp;
    const cursor = lookupCursor;
    cursor.seek(this.file, 0, this.writtenBytes);
    this.#firstBatchTimestamp = cursor.next() ? maxTimestamp(cursor.buffer, cursor.start) : noTimestamp;
    return this.#firstBatchTimestamp;
  }

  /** Milliseconds of record time (or, without timestamps, of wall clock) since the segment's first batch. */
  ageMs(newMaxTimestamp: number): number {
    const first = this.timestampOfFirstBatch;
    return first >= 0 ? newMaxTimestamp - first : this.#support.clock.nowMs() - this.createdMs;
  }

  /** Whether an append does not fit any more: size, age, a full index, or an offset too far from the base. */
  mustRollBefore(sizeBytes: number, lastOffset: number, maxTimestampOfAppend: number, config: LogConfig): boolean {
    if (this.sizeBytes > config['segment.bytes'] - sizeBytes) return true;
    if (this.sizeBytes > 0 && this.ageMs(maxTimestampOfAppend) > config['segment.ms'] - this.rollJitterMs) return true;
    return this.offsetIndex.isFull || this.timeIndex.isFull || !this.hasRoomForOffset(lastOffset);
  }

  /**
   * Accounts for one append that is, or will be, written at `sizeBytes`: indexes it where more than
   * `indexIntervalBytes` came since the last entry.
   */
  appended(bytes: number, lastOffset: number, maxTimestampOfAppend: number, offsetOfMaxTimestamp: number, indexIntervalBytes: number): void {
    if (this.sizeBytes === 0) this.#firstBatchTimestamp = maxTimestampOfAppend;
    if (maxTimestampOfAppend > this.maxTimestamp) this.noteMaxTimestamp(maxTimestampOfAppend, offsetOfMaxTimestamp);
    if (this.#bytesSinceIndexEntry > indexIntervalBytes) {
      this.offsetIndex.append(lastOffset, this.sizeBytes);
      this.timeIndex.maybeAppend(this.maxTimestamp, this.#offsetOfMaxTimestamp);
      this.#bytesSinceIndexEntry = 0;
    }
    this.#bytesSinceIndexEntry += bytes;
    this.sizeBytes += bytes;
  }

  /** The file has grown, and is not small. @param config of the log that it is the active segment of. @throws system errors */
  allocateAhead(config: LogConfig): void {
    if (this.#isPreallocated) return;
    this.#blocksAhead ??= new BlocksAhead(this, this.#support);
    this.#blocksAhead.grown(config['segment.bytes']);
  }

  noteMaxTimestamp(timestamp: number, offset: number): void {
    this.#maxTimestamp = timestamp;
    this.#offsetOfMaxTimestamp = offset;
  }

  /** Position of the batch that holds `offset`, or of the first one after it; undefined past the last. */
  positionOf(offset: number): number | undefined {
    const cursor = lookupCursor;
    cursor.seek(this.file, this.offsetIndex.lookup(offset), this.writtenBytes);
    while (cursor.next()) {
      if (cursor.lastOffset >= offset) return cursor.position;
    }
    return undefined;
  }

  /** The offset after the last batch and the position where it ends, found by walking from the last index entry. */
  readEnd(): { readonly nextOffset: number; readonly position: number } {
    if (this.writtenBytes === 0) return { nextOffset: this.baseOffset, position: 0 };
    const cursor = lookupCursor;
    let nextOffset = this.baseOffset;
    let position = Math.min(this.offsetIndex.lastPosition, this.writtenBytes);
    cursor.seek(this.file, position, this.writtenBytes);
    while (cursor.next()) {
      nextOffset = cursor.lastOffset + 1;
      position = cursor.position + cursor.sizeBytes;
    }
    return { nextOffset, position };
  }

  /** Cuts the file and what the indexes say of it. Whole batches: the cut is at the first with an offset >= `offset`. */
  truncateTo(offset: number): boolean {
    const position = this.positionOf(offset);
    this.transactionIndex.truncateTo(offset);
    this.offsetIndex.truncateTo(offset);
    this.timeIndex.truncateTo(offset);
    if (position === undefined) return false;
    this.cutFile(position);
    this.#bytesSinceIndexEntry = 0;
    if (position === 0) this.#firstBatchTimestamp = undefined;
    this.#scanMaxTimestamp();
    return true;
  }

  cutFile(sizeBytes: number): void {
    if (this.file.sizeSync() !== sizeBytes) this.file.truncateSync(sizeBytes);
    this.sizeBytes = sizeBytes;
    this.writtenBytes = sizeBytes;
  }

  /** Before another segment becomes the active one, and at a clean close: the files take their final form. */
  finish(): void {
    if (this.#maxTimestamp !== undefined && this.#maxTimestamp >= 0) this.timeIndex.maybeAppend(this.#maxTimestamp, this.#offsetOfMaxTimestamp);
    this.offsetIndex.entries.save();
    this.timeIndex.entries.save();
    if (this.#isPreallocated) this.cutFile(this.writtenBytes);
    this.#isPreallocated = false;
  }

  /** Blocks that were allocated for what never came. @throws system errors */
  async giveBackBlocks(): Promise<void> {
    await this.#blocksAhead?.giveBack();
  }

  /** The same, of an active segment that nobody has written to since the last time. */
  async giveBackIdleBlocks(): Promise<void> {
    await this.#blocksAhead?.tidy();
  }

  /** The same, of a process that was killed; the file stays as old as it is. */
  giveBackStrayBlocks(): void {
    const { disk } = this.#support;
    const stat = disk.statSync(this.path);
    if (stat === undefined || stat.allocatedBytes - stat.sizeBytes < strayBytesMin) return;
    this.file.truncateSync(stat.sizeBytes);
    disk.setModifiedSync(this.path, stat.modifiedMs);
  }

  /** fsync of the log file and its indexes. */
  async flush(): Promise<void> {
    await this.file.sync();
    if (this.isDeleted) return;
    await this.offsetIndex.entries.sync();
    await this.timeIndex.entries.sync();
    await this.transactionIndex.sync();
  }

  /** As `flush`, on the event loop: for those whom flush.messages makes wait. Indexes have news only now and then. */
  flushNow(): void {
    this.file.syncSync();
    this.offsetIndex.entries.syncSync();
    this.timeIndex.entries.syncSync();
    this.transactionIndex.syncSync();
  }

  /** Gives back the memory of indexes that the files hold. */
  unloadIndexes(): void {
    this.offsetIndex.entries.unload();
    this.timeIndex.entries.unload();
  }

  /** The segment is to go: its indexes are not read any more. */
  forgetIndexes(): void {
    this.offsetIndex.entries.forget();
    this.timeIndex.entries.forget();
  }

  /** The partition's folder has a new name. */
  movedTo(directory: string): void {
    this.#directory = directory;
    this.#tellPaths();
  }

  /** Renames the files to `.deleted`. */
  markDeleted(): void {
    const { disk } = this.#support;
    for (const kind of ['log', 'index', 'timeindex', 'txnindex'] as const) {
      const from = this.pathOf(kind);
      if (disk.existsSync(from)) disk.renameSync(from, `${from}.deleted`);
    }
    this.#suffix = '.deleted';
    this.#tellPaths();
  }

  /** Removes the files; slices handed out earlier stay readable. */
  async remove(): Promise<void> {
    const { disk, openFiles } = this.#support;
    openFiles.release(this);
    this.forgetIndexes();
    for (const kind of ['log', 'index', 'timeindex', 'txnindex'] as const) await disk.remove(this.pathOf(kind));
  }

  closeFile(): void {
    this.#support.openFiles.closeNow(this);
  }

  #tellPaths(): void {
    this.#file?.renamedTo(this.path);
    this.offsetIndex.entries.renamedTo(this.pathOf('index'));
    this.timeIndex.entries.renamedTo(this.pathOf('timeindex'));
    this.transactionIndex.path = this.pathOf('txnindex');
  }

  /** As Kafka does: the last time index entry, which a closed segment always has. */
  #readMaxTimestamp(): number {
    this.#offsetOfMaxTimestamp = this.timeIndex.lastOffset;
    return this.timeIndex.lastTimestamp;
  }

  /** The time index does not say it all any more: what follows its last entry is looked at too. */
  #scanMaxTimestamp(): void {
    this.#maxTimestamp = this.#readMaxTimestamp();
    const cursor = lookupCursor;
    cursor.seek(this.file, this.offsetIndex.lookup(this.#offsetOfMaxTimestamp), this.writtenBytes);
    while (cursor.next()) {
      const timestamp = maxTimestamp(cursor.buffer, cursor.start);
      if (timestamp > this.#maxTimestamp) this.noteMaxTimestamp(timestamp, cursor.lastOffset);
    }
  }
}
