import { batchHeaderBytes, computedCrc, lastOffset, magic, messageBytesMin, sizePrefixBytes, storedCrc } from '../record/batch.ts';
import { readInt32 } from '../record/integers.ts';
import type { DiskFile } from '../runtime/disk.ts';

/** Position, size and magic: what must be there for a batch to be looked at. */
const headBytes = sizePrefixBytes + 5;

/**
 * Walks the batches of a file by their headers, reading a window at a time. One cursor serves any number of walks, one
 * after the other, without allocation. It stops where the file ends or holds no whole batch.
 * @see FileLogInputStream in Apache Kafka 3.9
 */
export class BatchCursor {
  /** Holds the batch's header at `start`; the whole batch after `loadWhole`. Valid until the next call. */
  buffer: Buffer;
  start = 0;
  /** Of the batch in the file. */
  position = 0;
  sizeBytes = 0;
  #file: DiskFile | undefined;
  #end = 0;
  #next = 0;
  #windowStart = 0;
  #windowEnd = 0;

  constructor(windowBytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(Math.max(windowBytes, batchHeaderBytes));
  }

  /** Goes to `position`, where a batch begins; nothing from `end` on is looked at. */
  seek(file: DiskFile, position: number, end: number): void {
    this.#file = file;
    this.#next = position;
    this.#end = end;
    this.#windowStart = position;
    this.#windowEnd = position;
    this.sizeBytes = 0;
  }

  /** Goes to the next batch; false at the end, and where no whole batch can be. */
  next(): boolean {
    const position = this.#next;
    const left = this.#end - position;
    if (left <= headBytes || !this.#require(position, Math.min(batchHeaderBytes, left))) return false;
    const start = position - this.#windowStart;
    const size = readInt32(this.buffer, start + 8);
    const format = magic(this.buffer, start);
    if (size < messageBytesMin || size > left - sizePrefixBytes || format < 0 || format > 2) return false;
    if (format === 2 && size < batchHeaderBytes - sizePrefixBytes) return false;
    if (format === 1 && size < messageBytesMin + 8) return false;
    this.start = start;
    this.position = position;
    this.sizeBytes = size + sizePrefixBytes;
    this.#next = position + this.sizeBytes;
    return true;
  }

  /** Brings all bytes of the batch into `buffer`; false when the file has fewer. */
  loadWhole(): boolean {
    if (!this.#require(this.position, this.sizeBytes)) return false;
    this.start = this.position - this.#windowStart;
    return true;
  }

  /** Loads the batch and compares its checksum. */
  isIntact(): boolean {
    return this.loadWhole() && storedCrc(this.buffer, this.start) === computedCrc(this.buffer, this.start);
  }

  get lastOffset(): number {
    return lastOffset(this.buffer, this.start);
  }

  #require(position: number, length: number): boolean {
    if (position >= this.#windowStart && position + length <= this.#windowEnd) return true;
    if (length > this.buffer.length) this.buffer = Buffer.allocUnsafeSlow(length);
    const wanted = Math.min(this.buffer.length, this.#end - position);
    const count = this.#file!.readSync(this.buffer, 0, wanted, position);
    this.#windowStart = position;
    this.#windowEnd = position + count;
    return count >= length;
  }
}

/** For lookups: one entry of a dense index spans 4 KiB. */
const lookupWindowBytes = 8 * 1024;

/** Shared by all lookups of this process: they are synchronous, and none runs within another. */
export const lookupCursor = new BatchCursor(lookupWindowBytes);
