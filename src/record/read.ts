/*
 * Records out of batches, of every format. This is the hot path of the consumer: one loop, no closure per record, keys
 * and values are views of the batch (or of the decompressed bytes), never copies.
 */
import { attributes, batchEnd, batchHeaderBytes, baseOffset, baseTimestamp, codecs, magic, maxTimestamp, attributeBits, recordCount, timestampType } from './batch.ts';
import type { Codec } from './batch.ts';
import { decompress } from './compression.ts';
import { InvalidRecord, UnsupportedCompression } from './errors.ts';
import { VarintReader } from './integers.ts';
import { readMessages } from './legacy.ts';

export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

export interface DecodedRecord {
  readonly offset: number;
  /** Milliseconds; -1 where the record has none. With LogAppendTime, the time of the append. */
  readonly timestamp: number;
  /** A view, as are all bytes here. */
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
}

/** What one batch may decompress to unless the caller says otherwise: 128 MiB. */
export const decompressedBytesMaxDefault = 128 * 1024 * 1024;

const noHeaders: readonly RecordHeader[] = Object.freeze([]);
const reader = new VarintReader();

/**
 * All records of all whole batches from `start` on, in order, control records included. Ends at an incomplete or
 * malformed tail. Checksums are the caller's business (`isBatchIntact`).
 *
 * @throws InvalidRecord, CorruptRecord or UnsupportedCompression when a batch cannot be decoded
 */
export function* readRecords(buffer: Buffer, decompressedBytesMax = decompressedBytesMaxDefault, start = 0): Generator<DecodedRecord, void> {
  let position = start;
  for (let end = batchEnd(buffer, position, buffer.length); end !== undefined; end = batchEnd(buffer, position, buffer.length)) {
    yield* readBatchRecords(buffer, position, decompressedBytesMax);
    position = end;
  }
}

/**
 * Records of the whole batch (v0 and v1: of the entry, with all that a compressed one holds) that starts at `start`.
 *
 * @param decompressedBytesMax upper bound of what the batch may decompress to
 * @throws InvalidRecord when its records are not what the header says
 * @throws CorruptRecord when compressed bytes are damaged or exceed the bound
 */
export function readBatchRecords(buffer: Buffer, start: number, decompressedBytesMax = decompressedBytesMaxDefault): DecodedRecord[] {
  const end = batchEnd(buffer, start, buffer.length);
  if (end === undefined) throw new InvalidRecord('No whole batch starts here');
  if (magic(buffer, start) < 2) return readMessages(buffer, start, end, decompressedBytesMax);
  const count = recordCount(buffer, start);
  if (count < 0) throw new InvalidRecord(`Found invalid record count ${count} in magic v2 batch`);
  const codec = codecOf(buffer, start);
  const appendTime = timestampType(buffer, start) === 'LogAppendTime' ? maxTimestamp(buffer, start) : undefined;
  if (codec === 'none' || count === 0) {
    reader.reset(buffer, start + batchHeaderBytes, end);
  } else {
    const records = decompress(codec, buffer.subarray(start + batchHeaderBytes, end), 2, decompressedBytesMax);
    reader.reset(records, 0, records.length);
    return readAll(records, count, baseOffset(buffer, start), baseTimestamp(buffer, start), appendTime);
  }
  return readAll(buffer, count, baseOffset(buffer, start), baseTimestamp(buffer, start), appendTime);
}

/** @throws UnsupportedCompression for a number that is no codec of that format */
export function codecOf(buffer: Buffer, start: number): Codec {
  const number = attributes(buffer, start) & attributeBits.compression;
  const codec = codecs[number];
  if (codec === undefined || (codec === 'zstd' && magic(buffer, start) < 2)) {
    throw new UnsupportedCompression(`Compression type ${number} does not exist in message format ${magic(buffer, start)}`);
  }
  return codec;
}

/** Reads `count` records from where `reader` was set, which must be all there is. */
function readAll(buffer: Buffer, count: number, firstOffset: number, firstTimestamp: number, appendTime: number | undefined): DecodedRecord[] {
  const records: DecodedRecord[] = [];
  for (let index = 0; index < count; index++) {
    const size = reader.varint();
    const bodyStart = reader.position;
    if (size < 0 || size > reader.end - bodyStart) throw new InvalidRecord(`A record of ${size} bytes runs over the end of its batch`);
    reader.position = bodyStart + 1; // attributes: no bit has a meaning
    const timestamp = firstTimestamp + reader.varlong();
    const offset = firstOffset + reader.varint();
    const key = readBytes(buffer);
    const value = readBytes(buffer);
    const headerCount = reader.varint();
    const headers = headerCount === 0 ? noHeaders : readHeaders(buffer, headerCount);
    if (reader.position - bodyStart !== size) {
      throw new InvalidRecord(`Invalid record size: expected to read ${size} bytes in record payload, but instead read ${reader.position - bodyStart}`);
    }
    records.push({ offset, timestamp: appendTime ?? timestamp, key, value, headers });
  }
  if (reader.position !== reader.end) throw new InvalidRecord('Incorrect declared batch size, records still remaining in file');
  return records;
}

function readBytes(buffer: Buffer): Buffer | null {
  const length = reader.varint();
  if (length < 0) return null;
  const start = reader.skip(length);
  return buffer.subarray(start, start + length);
}

function readHeaders(buffer: Buffer, count: number): RecordHeader[] {
  if (count < 0) throw new InvalidRecord(`Found invalid number of record headers ${count}`);
  const headers: RecordHeader[] = [];
  for (let index = 0; index < count; index++) {
    const keyLength = reader.varint();
    if (keyLength < 0) throw new InvalidRecord(`Invalid negative header key size ${keyLength}`);
    const keyStart = reader.skip(keyLength);
    const key = buffer.toString('utf8', keyStart, keyStart + keyLength);
    headers.push({ key, value: readBytes(buffer) });
  }
  return headers;
}
