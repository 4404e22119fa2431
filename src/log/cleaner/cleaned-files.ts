import * as batch from '../../record/batch.ts';
import { InvalidRecord } from '../../record/errors.ts';
import type { Disk, DiskFile } from '../../runtime/disk.ts';
import type { SegmentFileKind } from '../file-names.ts';
import { OffsetIndex } from '../offset-index.ts';
import { cleanedSuffix } from '../segment-swap.ts';
import { TimeIndex } from '../time-index.ts';
import { TransactionIndex } from '../transaction-index.ts';
import type { AbortedTransactionEntry } from '../transaction-index.ts';

const relativeOffsetMax = 0x7fff_ffff;

export interface CleanedFilesOptions {
  readonly disk: Disk;
  readonly pathStem: string;
  readonly baseOffset: number;
  readonly indexIntervalBytes: number;
  readonly indexBytesMax: number;
  /** Of the buffer that batches gather in. */
  readonly bufferBytes: number;
}

/** The segment that cleaning writes: `.log.cleaned` and its indexes. Nothing of it counts before it is swapped in. */
export class CleanedFiles {
  readonly #options: CleanedFilesOptions;
  readonly #file: DiskFile;
  readonly #offsetIndex: OffsetIndex;
  readonly #timeIndex: TimeIndex;
  readonly #transactionIndex: TransactionIndex;
  readonly #buffer: Buffer;
  #buffered = 0;
  #writtenBytes = 0;
  #bytesSinceIndexEntry = 0;
  #maxTimestamp = batch.noTimestamp;
  #offsetOfMaxTimestamp = 0;

  /** Files that an earlier, unfinished cleaning left are made anew. */
  constructor(options: CleanedFilesOptions) {
    const { disk, baseOffset, indexBytesMax } = options;
    this.#options = options;
    for (const kind of ['log', 'index', 'timeindex', 'txnindex'] as const) disk.removeSync(this.#pathOf(kind));
    this.#offsetIndex = new OffsetIndex(disk, this.#pathOf('index'), baseOffset, indexBytesMax);
    this.#timeIndex = new TimeIndex(disk, this.#pathOf('timeindex'), baseOffset, indexBytesMax);
    this.#transactionIndex = new TransactionIndex(disk, this.#pathOf('txnindex'));
    this.#buffer = Buffer.allocUnsafe(options.bufferBytes);
    this.#file = disk.openSync(this.#pathOf('log'), 'truncate');
    for (const { entries } of [this.#offsetIndex, this.#timeIndex]) entries.reset(); // they are there, also without an entry
  }

  get sizeBytes(): number {
    return this.#writtenBytes + this.#buffered;
  }

  /** Takes one whole batch; its bytes are copied. */
  append(bytes: Buffer): void {
    const last = batch.lastOffset(bytes, 0);
    if (last - this.#options.baseOffset > relativeOffsetMax) throw new InvalidRecord(`Offset ${last} is too far from the base ${this.#options.baseOffset} of its segment`);
    this.#index(bytes, last);
    if (this.#buffered + bytes.length > this.#buffer.length) this.#writeBuffered();
    if (bytes.length > this.#buffer.length) {
      this.#file.writeSync([bytes], this.#writtenBytes);
      this.#writtenBytes += bytes.length;
    } else {
      bytes.copy(this.#buffer, this.#buffered);
      this.#buffered += bytes.length;
    }
  }

  keepAborted(transaction: AbortedTransactionEntry): void {
    this.#transactionIndex.append(transaction);
  }

  /** Writes and fsyncs all; the files look as old as the last of those that they are made of, since retention goes by that. */
  async finish(modifiedMs: number): Promise<void> {
    const { disk } = this.#options;
    this.#writeBuffered();
    this.#timeIndex.maybeAppend(this.#maxTimestamp, this.#offsetOfMaxTimestamp);
    for (const { entries } of [this.#offsetIndex, this.#timeIndex]) await entries.sync();
    await this.#transactionIndex.sync();
    await this.#file.sync();
    for (const kind of ['log', 'index', 'timeindex'] as const) disk.setModifiedSync(this.#pathOf(kind), modifiedMs);
  }

  close(): void {
    this.#file.closeSync();
  }

  #index(bytes: Buffer, last: number): void {
    const timestamp = batch.maxTimestamp(bytes, 0);
    if (timestamp > this.#maxTimestamp) {
      this.#maxTimestamp = timestamp;
      this.#offsetOfMaxTimestamp = last;
    }
    if (this.#bytesSinceIndexEntry > this.#options.indexIntervalBytes) {
      if (!this.#offsetIndex.isFull) this.#offsetIndex.append(last, this.sizeBytes);
      if (!this.#timeIndex.isFull) this.#timeIndex.maybeAppend(this.#maxTimestamp, this.#offsetOfMaxTimestamp);
      this.#bytesSinceIndexEntry = 0;
    }
    this.#bytesSinceIndexEntry += bytes.length;
  }

  #writeBuffered(): void {
    if (this.#buffered === 0) return;
    this.#file.writeSync([this.#buffer.subarray(0, this.#buffered)], this.#writtenBytes);
    this.#writtenBytes += this.#buffered;
    this.#buffered = 0;
  }

  #pathOf(kind: SegmentFileKind): string {
    return `${this.#options.pathStem}.${kind}${cleanedSuffix}`;
  }
}
