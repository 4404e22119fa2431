/*
 * A batch v2 written again with some of its records, as Kafka's MemoryRecords.filterTo does: offsets, sequences, producer
 * and codec stay, so that readers and producers notice nothing; the record bytes behind the timestamp are copied as they are.
 */
import {
  attributeBits, attributes, baseTimestamp, batchHeaderBytes, hasDeleteHorizon, noTimestamp, sealBatch, sizePrefixBytes, timestampType,
} from './batch.ts';
import { compress } from './compression.ts';
import { varintSize, varlongSize, writeInt64, writeVarint, writeVarlong } from './integers.ts';
import { codecOf } from './read.ts';
import type { RecordWalker } from './record-walker.ts';

const recordHeadBytesMax = 16;

/** Gathers the records of one batch after the other; its memory is used again. */
export class BatchRewriter {
  #bytes: Buffer = Buffer.allocUnsafe(64 * 1024);
  #position = batchHeaderBytes;
  #count = 0;
  #firstTimestamp = noTimestamp;
  #maxTimestamp = noTimestamp;
  #hasBase = false;

  /** @param deleteHorizonMs what timestamps are written against, where the batch is to have one (KIP-534) */
  begin(deleteHorizonMs: number | undefined): void {
    this.#position = batchHeaderBytes;
    this.#count = 0;
    this.#firstTimestamp = deleteHorizonMs ?? noTimestamp;
    this.#maxTimestamp = noTimestamp;
    this.#hasBase = deleteHorizonMs !== undefined;
  }

  /** Takes the record at which the walker stands. */
  add(record: RecordWalker): void {
    const { timestamp, offsetStart, end } = record;
    if (!this.#hasBase) {
      this.#firstTimestamp = timestamp;
      this.#hasBase = true;
    }
    const delta = timestamp - this.#firstTimestamp;
    const restBytes = end - offsetStart;
    const size = 1 + varlongSize(delta) + restBytes;
    this.#reserve(recordHeadBytesMax + varintSize(size) + size);
    const bytes = this.#bytes;
    let position = writeVarint(bytes, size, this.#position);
    bytes[position++] = 0;
    position = writeVarlong(bytes, delta, position);
    record.bytes.copy(bytes, position, offsetStart, end);
    this.#position = position + restBytes;
    this.#count++;
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
  }

  /**
   * The whole batch, in memory that the next `begin` uses again unless it is compressed.
   * @param deleteHorizonMs as given to `begin`
   */
  finish(original: Buffer, start: number, deleteHorizonMs: number | undefined): Buffer {
    const codec = codecOf(original, start);
    let batch = this.#bytes.subarray(0, this.#position);
    if (codec !== 'none') {
      const records = compress(codec, batch.subarray(batchHeaderBytes), 2);
      batch = Buffer.allocUnsafe(batchHeaderBytes + records.length);
      records.copy(batch, batchHeaderBytes);
    }
    original.copy(batch, 0, start, start + batchHeaderBytes);
    batch.writeInt32BE(batch.length - sizePrefixBytes, 8);
    const kept = attributes(original, start) & ~attributeBits.deleteHorizon;
    batch.writeInt16BE(deleteHorizonMs === undefined ? kept : kept | attributeBits.deleteHorizon, 21);
    writeInt64(batch, this.#firstTimestamp, 27);
    if (timestampType(original, start) === 'CreateTime') writeInt64(batch, this.#maxTimestamp, 35);
    batch.writeInt32BE(this.#count, 57);
    sealBatch(batch, 0);
    return batch;
  }

  #reserve(bytes: number): void {
    const needed = this.#position + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#position);
    this.#bytes = larger;
  }
}

/** What is left of a batch without records: its header tells the last sequence and epoch of its producer. */
export function emptyBatch(original: Buffer, start: number): Buffer {
  const batch = Buffer.allocUnsafe(batchHeaderBytes);
  original.copy(batch, 0, start, start + batchHeaderBytes);
  batch.writeInt32BE(batchHeaderBytes - sizePrefixBytes, 8);
  batch.writeInt16BE(attributes(original, start) & (attributeBits.logAppendTime | attributeBits.transactional | attributeBits.control), 21);
  writeInt64(batch, noTimestamp, 27);
  batch.writeInt32BE(0, 57);
  sealBatch(batch, 0);
  return batch;
}

/** The time after which tombstones and markers of the batch may go; undefined where none is set yet. Milliseconds. */
export function deleteHorizonOf(buffer: Buffer, start: number): number | undefined {
  return hasDeleteHorizon(buffer, start) ? baseTimestamp(buffer, start) : undefined;
}
