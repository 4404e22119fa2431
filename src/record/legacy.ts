/*
 * Message sets of formats v0 (before Kafka 0.10) and v1 (before 0.11).
 *
 *   entry:    offset i64 | size i32 | message
 *   message:  crc u32 | magic i8 | attributes i8 | timestamp i64, v1 only | key length i32, key | value length i32, value
 *
 * A compressed set is one entry, the wrapper: no key, and a value that is compressed entries back to back. Its offset is
 * that of the last record inside. The offsets inside are absolute in v0, and count from the first record in v1, so that a
 * broker can give out offsets without recompressing:
 *
 *   wrapper offset 107   [ 0 | 1 | 4 | 7 ]   =   100, 101, 104, 107
 */
import { attributeBits, attributes, baseOffset, batchEnd, magic, maxTimestamp, messageBytesMin, noTimestamp, sizePrefixBytes, storedCrc, timestampType } from './batch.ts';
import type { Codec, TimestampType } from './batch.ts';
import { codecs } from './batch.ts';
import { compress, decompress } from './compression.ts';
import { crc32 } from './crc32.ts';
import { CorruptRecord, InvalidRecord, UnsupportedCompression } from './errors.ts';
import { readInt64, writeInt64 } from './integers.ts';
import type { DecodedRecord } from './read.ts';

const noHeaders: DecodedRecord['headers'] = Object.freeze([]);

/** Bytes of an entry without its key and value. */
export function entryOverheadBytes(format: 0 | 1): number {
  return sizePrefixBytes + messageBytesMin + (format === 1 ? 8 : 0);
}

/** A record as a message set stores it, with what validation wants to know. */
export interface Message extends DecodedRecord {
  readonly magic: number;
  readonly isCompressed: boolean;
  readonly isIntact: boolean;
}

/**
 * Records of one entry, those inside when it is a compressed wrapper.
 *
 * @throws InvalidRecord when it is not made as its format says; CorruptRecord when its compressed bytes are not
 */
export function readMessages(buffer: Buffer, start: number, end: number, decompressedBytesMax: number): DecodedRecord[] {
  if ((attributes(buffer, start) & attributeBits.compression) === 0) return [readMessage(buffer, start, end)];
  const inner = innerMessages(buffer, start, end, decompressedBytesMax);
  for (const { magic: format, isCompressed } of inner.messages) {
    if (format !== magic(buffer, start)) throw new InvalidRecord(`A message of format ${format} lies in a compressed set of format ${magic(buffer, start)}`);
    if (isCompressed) throw new InvalidRecord('A compressed message lies in a compressed set');
  }
  return absoluteRecords(buffer, start, inner.messages);
}

/** What lies in a compressed wrapper as it is stored: offsets are relative in v1. Checksums are computed where asked. */
export function innerMessages(buffer: Buffer, start: number, end: number, decompressedBytesMax: number, checksums = false): { messages: Message[] } {
  const codec = codecs[attributes(buffer, start) & attributeBits.compression];
  if (codec === undefined || codec === 'zstd') throw new UnsupportedCompression(`No such compression type in message format ${magic(buffer, start)}`);
  const wrapper = readMessage(buffer, start, end);
  if (wrapper.value === null) throw new InvalidRecord('A compressed set has no value');
  const set = decompress(codec, wrapper.value, magic(buffer, start) === 0 ? 0 : 1, decompressedBytesMax);
  const messages: Message[] = [];
  let position = 0;
  for (let next = batchEnd(set, 0, set.length); next !== undefined; next = batchEnd(set, position, set.length)) {
    const format = magic(set, position);
    if (format > 1) throw new InvalidRecord(`A message of format ${format} lies in a compressed set`);
    const isCompressed = (attributes(set, position) & attributeBits.compression) !== 0;
    const isIntact = !checksums || storedCrc(set, position) === crc32(set, position + 16, next);
    messages.push({ ...readMessage(set, position, next), magic: format, isCompressed, isIntact });
    position = next;
  }
  if (position !== set.length) throw new CorruptRecord('A compressed set ends inside a message');
  if (messages.length === 0) throw new InvalidRecord('A compressed set is empty');
  return { messages };
}

/** Gives inner records of a wrapper their real offsets and, under LogAppendTime, the wrapper's time. */
function absoluteRecords(buffer: Buffer, start: number, messages: readonly Message[]): DecodedRecord[] {
  const last = messages[messages.length - 1] as Message;
  const shift = magic(buffer, start) === 0 ? 0 : baseOffset(buffer, start) - last.offset;
  const appendTime = timestampType(buffer, start) === 'LogAppendTime' ? maxTimestamp(buffer, start) : undefined;
  return messages.map(({ offset, timestamp, key, value, headers }) => ({ offset: offset + shift, timestamp: appendTime ?? timestamp, key, value, headers }));
}

function readMessage(buffer: Buffer, start: number, end: number): DecodedRecord {
  const format = magic(buffer, start);
  let position = start + (format === 0 ? 18 : 26);
  const timestamp = format === 0 ? noTimestamp : maxTimestamp(buffer, start);
  const keyLength = lengthAt(buffer, position, end);
  position += 4;
  const key = keyLength < 0 ? null : buffer.subarray(position, position + keyLength);
  position += Math.max(0, keyLength);
  const valueLength = lengthAt(buffer, position, end);
  position += 4;
  const value = valueLength < 0 ? null : buffer.subarray(position, position + valueLength);
  position += Math.max(0, valueLength);
  if (position !== end) throw new InvalidRecord('The size of a message is not what its key and value take');
  return { offset: readInt64(buffer, start), timestamp, key, value, headers: noHeaders };
}

function lengthAt(buffer: Buffer, position: number, end: number): number {
  if (end - position < 4) throw new InvalidRecord('A message ends before its value');
  const length = buffer.readInt32BE(position);
  if (length > end - position - 4) throw new InvalidRecord(`A field of ${length} bytes runs over the end of its message`);
  return length;
}

export interface MessageSetOptions {
  readonly magic: 0 | 1;
  /** One wrapper holds all records unless 'none'. */
  readonly codec: Codec;
  readonly timestampType: TimestampType;
  /** Time of every record under LogAppendTime, milliseconds. */
  readonly logAppendTimeMs: number;
}

/**
 * Writes records, with the offsets they have, as a message set. Headers are lost: these formats have none.
 *
 * @throws UnsupportedCompression for zstd
 */
export function buildMessageSet(records: readonly DecodedRecord[], options: MessageSetOptions): Buffer {
  if (options.codec === 'zstd') throw new UnsupportedCompression('zstd needs message format 2');
  if (records.length === 0) return Buffer.alloc(0);
  const isCompressed = options.codec !== 'none';
  const overhead = entryOverheadBytes(options.magic);
  let sizeBytes = 0;
  for (const { key, value } of records) sizeBytes += overhead + (key?.length ?? 0) + (value?.length ?? 0);
  const set = Buffer.allocUnsafe(sizeBytes);
  const appendTimeBit = options.magic === 1 && options.timestampType === 'LogAppendTime' ? attributeBits.logAppendTime : 0;
  const first = (records[0] as DecodedRecord).offset;
  const shift = isCompressed && options.magic === 1 ? first : 0;
  let position = 0;
  let latest = noTimestamp;
  for (const record of records) {
    const timestamp = appendTimeBit !== 0 && !isCompressed ? options.logAppendTimeMs : record.timestamp;
    latest = Math.max(latest, timestamp);
    position = writeMessage(set, position, options.magic, record.offset - shift, appendTimeBit, timestamp, record.key, record.value);
  }
  if (!isCompressed) return set;
  const value = compress(options.codec, set, options.magic);
  const wrapper = Buffer.allocUnsafe(overhead + value.length);
  const lastOffset = (records[records.length - 1] as DecodedRecord).offset;
  const timestamp = appendTimeBit === 0 ? latest : options.logAppendTimeMs;
  writeMessage(wrapper, 0, options.magic, lastOffset, appendTimeBit | codecs.indexOf(options.codec), timestamp, null, value);
  return wrapper;
}

function writeMessage(
  buffer: Buffer, start: number, format: 0 | 1, offset: number, attributeByte: number, timestamp: number, key: Buffer | null, value: Buffer | null,
): number {
  writeInt64(buffer, offset, start);
  buffer[start + 16] = format;
  buffer[start + 17] = attributeByte;
  let position = start + 18;
  if (format === 1) {
    writeInt64(buffer, timestamp, position);
    position += 8;
  }
  position = writeField(buffer, position, key);
  position = writeField(buffer, position, value);
  buffer.writeInt32BE(position - start - sizePrefixBytes, start + 8);
  buffer.writeUInt32BE(crc32(buffer, start + 16, position), start + 12);
  return position;
}

function writeField(buffer: Buffer, position: number, bytes: Buffer | null): number {
  buffer.writeInt32BE(bytes?.length ?? -1, position);
  if (bytes === null) return position + 4;
  buffer.set(bytes, position + 4);
  return position + 4 + bytes.length;
}
