/*
 * The header fields of a record batch where it lies: each function takes a buffer and the position at which a batch
 * starts in it. A message of format v0 or v1 is read through the same functions: a batch of one entry (a whole
 * compressed set, if it is a wrapper), without producer, whose offset is that of its last record.
 *
 *   v2  0 baseOffset 8 batchLength 12 leaderEpoch 16 magic 17 crc | 21 attributes 23 lastOffsetDelta 27 baseTimestamp
 *       35 maxTimestamp 43 producerId 51 producerEpoch 53 baseSequence 57 recordCount 61 records      (crc covers 21..)
 *   v1  0 offset 8 size 12 crc | 16 magic 17 attributes 18 timestamp 26 key, value                   (crc covers 16..)
 *   v0  0 offset 8 size 12 crc | 16 magic 17 attributes 18 key, value
 *
 * What lies before the bar in v2 may be changed without touching the checksum.
 */
import { crc32 } from './crc32.ts';
import { crc32c } from './crc32c.ts';
import { readInt8, readInt16, readInt32, readInt64, readUint32, writeInt16, writeInt32, writeInt64 } from './integers.ts';

/** Codec by the number in a batch's attributes. */
export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof codecs)[number];
export type TimestampType = 'CreateTime' | 'LogAppendTime';
export type Magic = 0 | 1 | 2;

/** Offset and size: what stands before the bytes that the size counts. */
export const sizePrefixBytes = 12;
/** Header of a batch v2; its records begin here. */
export const batchHeaderBytes = 61;
/** Smallest size field of any format: a message v0 without key and value. */
export const messageBytesMin = 14;
/** Timestamp of a record that has none. */
export const noTimestamp = -1;
export const noProducerId = -1;
export const noProducerEpoch = -1;
export const noSequence = -1;
export const noLeaderEpoch = -1;

export const attributeBits = { compression: 7, logAppendTime: 8, transactional: 16, control: 32, deleteHorizon: 64 } as const;

/** Size of the whole batch, its offset and size fields included. It is what the bytes say: check before use. */
export function batchSizeBytes(buffer: Buffer, start: number): number {
  return readInt32(buffer, start + 8) + sizePrefixBytes;
}

/** v0 and v1: the offset that is stored, which is the last one of a compressed set. */
export function baseOffset(buffer: Buffer, start: number): number {
  return readInt64(buffer, start);
}

export function lastOffset(buffer: Buffer, start: number): number {
  const offset = readInt64(buffer, start);
  return magic(buffer, start) === 2 ? offset + readInt32(buffer, start + 23) : offset;
}

/** Offset of the record after this batch. */
export function nextOffset(buffer: Buffer, start: number): number {
  return lastOffset(buffer, start) + 1;
}

export function lastOffsetDelta(buffer: Buffer, start: number): number {
  return magic(buffer, start) === 2 ? readInt32(buffer, start + 23) : 0;
}

/** -1 in v0 and v1. */
export function leaderEpoch(buffer: Buffer, start: number): number {
  return magic(buffer, start) === 2 ? readInt32(buffer, start + 12) : noLeaderEpoch;
}

/** The format's number: 0, 1 or 2 in sound data. */
export function magic(buffer: Buffer, start: number): number {
  return readInt8(buffer, start + 16);
}

export function storedCrc(buffer: Buffer, start: number): number {
  return readUint32(buffer, magic(buffer, start) === 2 ? start + 17 : start + 12);
}

export function computedCrc(buffer: Buffer, start: number): number {
  const end = start + batchSizeBytes(buffer, start);
  return magic(buffer, start) === 2 ? crc32c(buffer, start + 21, end) : crc32(buffer, start + 16, end);
}

export function attributes(buffer: Buffer, start: number): number {
  return magic(buffer, start) === 2 ? readInt16(buffer, start + 21) : readInt8(buffer, start + 17);
}

/** Undefined for a codec number that no version of Kafka knows. */
export function compression(buffer: Buffer, start: number): Codec | undefined {
  return codecs[attributes(buffer, start) & attributeBits.compression];
}

/** v0 has none, and counts as CreateTime. */
export function timestampType(buffer: Buffer, start: number): TimestampType {
  return (attributes(buffer, start) & attributeBits.logAppendTime) !== 0 && magic(buffer, start) > 0 ? 'LogAppendTime' : 'CreateTime';
}

/** First record's timestamp, or the delete horizon where `hasDeleteHorizon`; v1: the entry's; v0: -1. Milliseconds. */
export function baseTimestamp(buffer: Buffer, start: number): number {
  return magic(buffer, start) === 2 ? readInt64(buffer, start + 27) : maxTimestamp(buffer, start);
}

/** -1 in v0. Milliseconds. */
export function maxTimestamp(buffer: Buffer, start: number): number {
  const format = magic(buffer, start);
  if (format === 2) return readInt64(buffer, start + 35);
  return format === 1 ? readInt64(buffer, start + 18) : noTimestamp;
}

export function producerId(buffer: Buffer, start: number): number {
  return magic(buffer, start) === 2 ? readInt64(buffer, start + 43) : noProducerId;
}

export function producerEpoch(buffer: Buffer, start: number): number {
  return magic(buffer, start) === 2 ? readInt16(buffer, start + 51) : noProducerEpoch;
}

export function baseSequence(buffer: Buffer, start: number): number {
  return magic(buffer, start) === 2 ? readInt32(buffer, start + 53) : noSequence;
}

/** Sequences run to 2^31 - 1 and go on at 0. */
export function lastSequence(buffer: Buffer, start: number): number {
  const first = baseSequence(buffer, start);
  return first === noSequence ? noSequence : incrementSequence(first, lastOffsetDelta(buffer, start));
}

/** @param sequence and `by` 0 to 2^31 - 1 */
export function incrementSequence(sequence: number, by: number): number {
  const sum = sequence + by;
  return sum > 0x7fff_ffff ? sum - 0x8000_0000 : sum;
}

/** Records in the batch. v0 and v1: 1, or -1 for a compressed set, which must be decoded to know. */
export function recordCount(buffer: Buffer, start: number): number {
  if (magic(buffer, start) === 2) return readInt32(buffer, start + 57);
  return (attributes(buffer, start) & attributeBits.compression) === 0 ? 1 : -1;
}

export function isTransactional(buffer: Buffer, start: number): boolean {
  return magic(buffer, start) === 2 && (readInt16(buffer, start + 21) & attributeBits.transactional) !== 0;
}

export function isControl(buffer: Buffer, start: number): boolean {
  return magic(buffer, start) === 2 && (readInt16(buffer, start + 21) & attributeBits.control) !== 0;
}

/** The base timestamp is the time after which tombstones and markers of this batch may go (KIP-534). */
export function hasDeleteHorizon(buffer: Buffer, start: number): boolean {
  return magic(buffer, start) === 2 && (readInt16(buffer, start + 21) & attributeBits.deleteHorizon) !== 0;
}

/** Outside the checksum in v2; v0 and v1 take their last offset here. */
export function setBaseOffset(buffer: Buffer, start: number, offset: number): void {
  writeInt64(buffer, offset, start);
}

/** v2 only; outside the checksum. */
export function setLeaderEpoch(buffer: Buffer, start: number, epoch: number): void {
  writeInt32(buffer, epoch, start + 12);
}

/** v2 only; computes the checksum anew if anything changes. */
export function setMaxTimestamp(buffer: Buffer, start: number, type: TimestampType, timestampMs: number): void {
  const before = readInt16(buffer, start + 21);
  const after = type === 'LogAppendTime' ? before | attributeBits.logAppendTime : before & ~attributeBits.logAppendTime;
  if (before === after && readInt64(buffer, start + 35) === timestampMs) return;
  writeInt16(buffer, after, start + 21);
  writeInt64(buffer, timestampMs, start + 35);
  sealBatch(buffer, start);
}

/** Stores the checksum of a batch v2 whose bytes are all there. */
export function sealBatch(buffer: Buffer, start: number): void {
  writeInt32(buffer, crc32c(buffer, start + 21, start + batchSizeBytes(buffer, start)), start + 17);
}

/** Size of a sound and whole-looking batch at `start`; 0 if too little is there to say; -1 if no batch can look so. */
function sizeAt(buffer: Buffer, start: number, end: number): number {
  if (end - start < sizePrefixBytes + 5) return 0;
  const size = readInt32(buffer, start + 8);
  const format = readInt8(buffer, start + 16);
  if (size < messageBytesMin || format < 0 || format > 2) return -1;
  if (format === 2 && size < batchHeaderBytes - sizePrefixBytes) return -1;
  if (format === 1 && size < messageBytesMin + 8) return -1;
  return size + sizePrefixBytes;
}

/**
 * End of the batch that starts at `start`: undefined when `end` comes first (an incomplete tail, as fetched data has)
 * or when the size or format there is none that a batch can have.
 */
export function batchEnd(buffer: Buffer, start: number, end: number): number | undefined {
  const size = sizeAt(buffer, start, end);
  return size > 0 && size <= end - start ? start + size : undefined;
}

/** Whether the bytes at `start` cannot be a batch's, whatever follows. */
export function isBatchMalformed(buffer: Buffer, start: number, end: number): boolean {
  return sizeAt(buffer, start, end) < 0;
}

/** Whether a whole batch with the right checksum starts here. Never throws. */
export function isBatchIntact(buffer: Buffer, start: number, end = buffer.length): boolean {
  return batchEnd(buffer, start, end) !== undefined && storedCrc(buffer, start) === computedCrc(buffer, start);
}

/** Positions at which whole batches start, up to an incomplete or malformed tail. */
export function* readBatches(buffer: Buffer, start = 0, end = buffer.length): Generator<number, void> {
  let position = start;
  for (let next = batchEnd(buffer, position, end); next !== undefined; next = batchEnd(buffer, position, end)) {
    yield position;
    position = next;
  }
}
