/*
 * Conversion between formats, both ways, with what Kafka loses and keeps.
 *
 * Up (produce by a client older than 0.11): a request's message set becomes one batch v2. v0 records have no time and keep
 * none (-1).
 *
 * Down (fetch by a client older than 0.11): control batches and headers are left out, since old formats have neither; each
 * batch becomes one message set with the same codec and the same offsets. zstd did not exist then, and is refused.
 */
import { batchEnd, batchHeaderBytes, isControl, lastOffset, magic, maxTimestamp, timestampType } from './batch.ts';
import type { Codec, TimestampType } from './batch.ts';
import { buildBatch } from './build.ts';
import type { BatchOptions, NewRecord } from './build.ts';
import { UnsupportedCompression } from './errors.ts';
import { buildMessageSet } from './legacy.ts';
import { codecOf, decompressedBytesMaxDefault, readBatchRecords } from './read.ts';
import type { DecodedRecord } from './read.ts';

export interface UpConversion {
  readonly firstOffset: number;
  readonly codec: Codec;
  readonly compressionLevel?: number | undefined;
  readonly timestampType: TimestampType;
  readonly logAppendTimeMs: number;
  readonly leaderEpoch: number;
}

/**
 * Makes one batch v2 of a message set v0 or v1, with new offsets from `firstOffset` on.
 *
 * @throws InvalidRecord, CorruptRecord, UnsupportedCompression as `readBatchRecords`
 */
export function upConvert(messageSet: Buffer, options: UpConversion, decompressedBytesMax = decompressedBytesMaxDefault): Buffer {
  const records: DecodedRecord[] = [];
  let position = 0;
  for (let end = batchEnd(messageSet, 0, messageSet.length); end !== undefined; end = batchEnd(messageSet, position, messageSet.length)) {
    for (const record of readBatchRecords(messageSet, position, decompressedBytesMax)) records.push(record);
    position = end;
  }
  return rebuild(records, options, {});
}

/** Writes records into one batch v2 at new, dense offsets; `producer` are fields of the original batch to be kept. */
export function rebuild(records: readonly NewRecord[], options: UpConversion, producer: Pick<BatchOptions, 'producerId' | 'producerEpoch' | 'baseSequence' | 'isTransactional'>): Buffer {
  const { firstOffset, ...rest } = options;
  return buildBatch({ ...rest, ...producer, baseOffset: firstOffset }, records);
}

/**
 * What a fetch of version 0 or 1 (magic 0) or 2 or 3 (magic 1) gets of `records`, whole batches as the log has them. Batches
 * old enough stay as they are.
 *
 * @param firstOffset the fetch offset: uncompressed records before it are left out, as Kafka does, so that clients which
 *   cannot skip records do not see them
 * @throws UnsupportedCompression when a batch is compressed with zstd
 */
export function downConvert(records: Buffer, toMagic: 0 | 1, firstOffset: number, decompressedBytesMax = decompressedBytesMaxDefault): Buffer {
  const sets = Array.from(downConvertEach(records, toMagic, firstOffset, decompressedBytesMax)).filter(({ length }) => length > 0);
  return sets.length === 1 ? (sets[0] as Buffer) : Buffer.concat(sets);
}

/** One message set for each batch, empty where it has nothing to give. */
function* downConvertEach(records: Buffer, toMagic: 0 | 1, firstOffset: number, decompressedBytesMax: number): Generator<Buffer, void> {
  let position = 0;
  for (let end = batchEnd(records, 0, records.length); end !== undefined; end = batchEnd(records, position, records.length)) {
    if (magic(records, position) <= toMagic) yield records.subarray(position, end);
    else if (!isControl(records, position)) yield downConvertBatch(records, position, toMagic, firstOffset, decompressedBytesMax);
    position = end;
  }
}

/** Bytes of the smallest filler: offset and length. */
const fillerBytesMin = 12;

/**
 * What Kafka's broker puts into a Fetch answer to an old client: the size is fixed before anything is converted, at that of
 * the stored records (or of the first converted batch, if that is larger). Longer output is cut, shorter output is followed
 * by a message which says that it is longer than what is left, so that clients take it for an incomplete tail. When there is
 * nothing to convert (only control batches, say) that filler is all. One batch a step, for who must not stall: a megabyte of gzip
 * takes some 200 ms. `records` must stay as they are meanwhile.
 *
 * @throws UnsupportedCompression as `downConvert`
 * @see LazyDownConversionRecords in Apache Kafka 3.9
 */
export function* downConvertInSteps(records: Buffer, toMagic: 0 | 1, firstOffset: number, decompressedBytesMax = decompressedBytesMaxDefault): Generator<void, Buffer> {
  if (records.length === 0) return records;
  let answer: Buffer | undefined;
  let position = 0;
  for (const set of downConvertEach(records, toMagic, firstOffset, decompressedBytesMax)) {
    if (set.length > 0) {
      answer ??= Buffer.alloc(Math.max(records.length, set.length));
      position += set.copy(answer, position);
      if (position === answer.length) return answer;
    }
    yield;
  }
  answer ??= Buffer.alloc(fillerBytesMin);
  if (position < answer.length) writeFiller(answer, position, answer.length - position);
  return answer;
}

function writeFiller(answer: Buffer, position: number, restBytes: number): void {
  const filler = Buffer.alloc(fillerBytesMin, 0xff); // offset -1
  filler.writeInt32BE(Math.max(restBytes + 1, batchHeaderBytes), 8);
  filler.copy(answer, position);
}

function downConvertBatch(records: Buffer, start: number, toMagic: 0 | 1, firstOffset: number, decompressedBytesMax: number): Buffer {
  const codec = codecOf(records, start);
  if (codec === 'zstd') throw new UnsupportedCompression('Down-conversion of zstandard-compressed batches is not supported');
  if (codec === 'none' && lastOffset(records, start) < firstOffset) return Buffer.alloc(0);
  const all = readBatchRecords(records, start, decompressedBytesMax);
  const kept = codec === 'none' ? all.filter(({ offset }) => offset >= firstOffset) : all;
  const logAppendTimeMs = maxTimestamp(records, start);
  return buildMessageSet(kept, { magic: toMagic, codec, timestampType: timestampType(records, start), logAppendTimeMs });
}
