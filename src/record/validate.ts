/*
 * What a leader decides about records that are to be appended: Kafka's LogValidator, and the checksum check that Kafka
 * makes just before it.
 *
 *   batch v2, codec and format as the topic keeps them          anything else (v0, v1, another codec)
 *   ──────────────────────────────────────────────────          ─────────────────────────────────────
 *   header and CRC checked, no record decoded;                  every record decoded and checked,
 *   offset and leader epoch written in place                    one new batch v2 written
 *
 * The one difference from Kafka: Kafka decodes (and decompresses) every record on the left side too, and so refuses batches
 * whose records are damaged inside under a right checksum, and corrects a wrong maxTimestamp. We decode there only when a
 * rule needs it: a compacted topic (keys), message.timestamp.before.max.ms, a header time out of the allowed range, or a
 * header that contradicts itself (maxTimestamp before baseTimestamp, LogAppendTime set by a producer).
 */
import * as batch from './batch.ts';
import type { Codec, TimestampType } from './batch.ts';
import { rebuild } from './convert.ts';
import { CorruptRecord, InvalidRecord, RecordFailure } from './errors.ts';
import type { RecordError } from './errors.ts';
import { innerMessages } from './legacy.ts';
import { codecOf, decompressedBytesMaxDefault, readBatchRecords } from './read.ts';
import type { DecodedRecord } from './read.ts';

/** Values of the topic property compression.type. */
export type CompressionOfTopic = 'producer' | 'uncompressed' | Exclude<Codec, 'none'>;

export interface ValidateOptions {
  /** Whole batches of one partition; changed in place where possible. An incomplete tail is left out, as Kafka does. */
  readonly records: Buffer;
  /** Log end offset: what the first record gets. */
  readonly firstOffset: number;
  readonly nowMs: number;
  readonly leaderEpoch: number;
  /** compression.type */
  readonly compressionOfTopic: CompressionOfTopic;
  /** compression.<codec>.level, used when records are compressed anew. */
  readonly compressionLevel?: number | undefined;
  /** cleanup.policy has compact. */
  readonly cleanupPolicyCompact: boolean;
  /** message.timestamp.type */
  readonly timestampType: TimestampType;
  /** message.timestamp.before.max.ms; 2^53 - 1 and more is without limit. */
  readonly beforeMaxMs: number;
  /** message.timestamp.after.max.ms; 2^53 - 1 and more is without limit. */
  readonly afterMaxMs: number;
  /** False for what the coordinators append: markers are allowed, and the offset range need not be dense. */
  readonly fromClient: boolean;
  /** For error messages, `topic-partition`. */
  readonly topicPartition?: string;
  /** Upper bound of what compressed records may decompress to where they must be decoded. */
  readonly decompressedBytesMax?: number;
}

export interface ValidatedRecords {
  /** To be appended: the buffer given (or its whole batches), or a new one. */
  readonly records: Buffer;
  readonly lastOffset: number;
  /** Milliseconds; -1 when no record has a time. */
  readonly maxTimestamp: number;
  /** Last offset of the batch that holds `maxTimestamp`: what the time index stores. -1 when there is no time. */
  readonly offsetOfMaxTimestamp: number;
  /** What Produce answers: -1 with CreateTime. */
  readonly logAppendTimeMs: number;
  readonly sourceCompression: Codec;
  readonly messageCount: number;
  /** Sizes may have changed: limits on size hold for `records` too. */
  readonly isRebuilt: boolean;
}

interface Scan {
  readonly records: Buffer;
  readonly starts: readonly number[];
  readonly sourceCompression: Codec;
  readonly isMagic2: boolean;
}

const unlimitedMs = Number.MAX_SAFE_INTEGER;

/**
 * Checks records and gives them offsets, time and leader epoch. Nothing is changed in place unless all checks pass.
 *
 * @throws CorruptRecord (CORRUPT_MESSAGE) for a wrong checksum or size
 * @throws RecordFailure INVALID_RECORD or INVALID_TIMESTAMP, with `recordErrors` where single records are at fault
 * @throws UnsupportedCompression
 * @see LogValidator and UnifiedLog.analyzeAndValidateRecords in Apache Kafka 3.9
 */
export function validateAndAssignOffsets(options: ValidateOptions): ValidatedRecords {
  const scan = scanBatches(options);
  const { records, starts, sourceCompression } = scan;
  const target = targetCodec(options.compressionOfTopic, sourceCompression);
  const isControl = batch.isControl(records, starts[0] as number);
  if (scan.isMagic2 && (sourceCompression === target || isControl)) return assignInPlace(options, scan);
  return rebuildAll(options, scan, target);
}

function targetCodec(compressionOfTopic: CompressionOfTopic, source: Codec): Codec {
  if (compressionOfTopic === 'producer') return source;
  return compressionOfTopic === 'uncompressed' ? 'none' : compressionOfTopic;
}

/** Finds the batches and checks what headers and checksums tell. */
function scanBatches(options: ValidateOptions): Scan {
  const { records } = options;
  const starts: number[] = [];
  let sourceCompression: Codec = 'none';
  let position = 0;
  for (let end = batch.batchEnd(records, 0, records.length); end !== undefined; end = batch.batchEnd(records, position, records.length)) {
    checkChecksum(options, position);
    const codec = codecOf(records, position);
    if (codec !== 'none') sourceCompression = codec;
    starts.push(position);
    position = end;
  }
  if (batch.isBatchMalformed(records, position, records.length)) {
    throw new CorruptRecord(`Record size or format is out of range at byte ${position} of the append${inPartition(options)}`);
  }
  const first = starts[0];
  if (first === undefined) throw new InvalidRecord('Record batch has no batches at all');
  const isMagic2 = batch.magic(records, first) === 2;
  if (starts.length > 1 && (sourceCompression !== 'none' || (isMagic2 && options.fromClient))) {
    throw new InvalidRecord('Compressed outer record has more than one batch');
  }
  for (const start of starts) checkHeader(options, first, start);
  return { records: position === records.length ? records : records.subarray(0, position), starts, sourceCompression, isMagic2 };
}

function checkChecksum(options: ValidateOptions, start: number): void {
  const stored = batch.storedCrc(options.records, start);
  const computed = batch.computedCrc(options.records, start);
  if (stored !== computed) throw new CorruptRecord(`Record is corrupt (stored crc = ${stored}, computed crc = ${computed})${inPartition(options)}`);
}

function checkHeader(options: ValidateOptions, first: number, start: number): void {
  const { records } = options;
  const format = batch.magic(records, start);
  const inTopic = inPartition(options);
  if (format !== batch.magic(records, first)) {
    throw new InvalidRecord(`Batch magic ${format} is not the same as the first batch's magic byte ${batch.magic(records, first)}${inTopic}`);
  }
  if (format < 2) return;
  checkNumbers(records, start, inTopic);
  if (!options.fromClient) return;
  const base = batch.baseOffset(records, start);
  const last = batch.lastOffset(records, start);
  const count = batch.recordCount(records, start);
  if (base !== 0) throw new InvalidRecord(`The baseOffset of the record batch in the append to ${options.topicPartition ?? 'the log'} should be 0, but it is ${base}`);
  if (last - base + 1 <= 0) throw new InvalidRecord(`Batch has an invalid offset range: [${base}, ${last}]${inTopic}`);
  if (count <= 0) throw new InvalidRecord(`Invalid reported count for record batch: ${count}${inTopic}`);
  if (last - base + 1 !== count) {
    throw new InvalidRecord(`Inconsistent batch offset range [${base}, ${last}] and count of records ${count}${inTopic}`);
  }
  if (batch.isControl(records, start)) throw new InvalidRecord(`Clients are not allowed to write control records${inTopic}`);
  const producerId = batch.producerId(records, start);
  const sequence = batch.baseSequence(records, start);
  if (producerId > batch.noProducerId && sequence < 0) {
    throw new InvalidRecord(`Invalid sequence number ${sequence} in record batch with producerId ${producerId}${inTopic}`);
  }
}

/** int64 fields must fit a JavaScript number exactly: nothing real is beyond, and a rounded one would be stored wrongly. */
function checkNumbers(records: Buffer, start: number, inTopic: string): void {
  if (!Number.isSafeInteger(batch.baseTimestamp(records, start)) || !Number.isSafeInteger(batch.maxTimestamp(records, start))) {
    throw new RecordFailure('INVALID_TIMESTAMP', `A timestamp of the record batch is beyond 2^53 - 1${inTopic}`);
  }
  if (!Number.isSafeInteger(batch.producerId(records, start))) throw new InvalidRecord(`The producer id of the record batch is beyond 2^53 - 1${inTopic}`);
}

function assignInPlace(options: ValidateOptions, scan: Scan): ValidatedRecords {
  const { records, starts } = scan;
  const isAppendTime = options.timestampType === 'LogAppendTime';
  const times = starts.map((start) => (mustDecode(options, start) ? latestOf(checkedRecords(options, scan, start)) : batch.maxTimestamp(records, start)));
  let offset = options.firstOffset;
  let maxTimestamp = batch.noTimestamp;
  let offsetOfMaxTimestamp = -1;
  let messageCount = 0;
  for (const [index, start] of starts.entries()) {
    const timestamp = isAppendTime ? options.nowMs : (times[index] as number);
    const delta = batch.lastOffsetDelta(records, start);
    batch.setBaseOffset(records, start, offset);
    batch.setLeaderEpoch(records, start, options.leaderEpoch);
    batch.setMaxTimestamp(records, start, options.timestampType, timestamp);
    messageCount += batch.recordCount(records, start);
    offset += delta + 1;
    if (timestamp > maxTimestamp) {
      maxTimestamp = timestamp;
      offsetOfMaxTimestamp = offset - 1;
    }
  }
  const logAppendTimeMs = isAppendTime ? options.nowMs : batch.noTimestamp;
  return { records, lastOffset: offset - 1, maxTimestamp, offsetOfMaxTimestamp, logAppendTimeMs, sourceCompression: scan.sourceCompression, messageCount, isRebuilt: false };
}

/** Whether a rule cannot be decided by the header of a batch v2. */
function mustDecode(options: ValidateOptions, start: number): boolean {
  const { records, nowMs } = options;
  if (batch.isControl(records, start)) return false;
  if (options.cleanupPolicyCompact || batch.timestampType(records, start) === 'LogAppendTime') return true;
  if (options.timestampType === 'LogAppendTime') return false;
  const latest = batch.maxTimestamp(records, start);
  return options.beforeMaxMs < unlimitedMs || latest - nowMs > options.afterMaxMs || latest < batch.baseTimestamp(records, start);
}

function latestOf(records: readonly DecodedRecord[]): number {
  let latest = batch.noTimestamp;
  for (const { timestamp } of records) if (timestamp > latest) latest = timestamp;
  return latest;
}

function rebuildAll(options: ValidateOptions, scan: Scan, codec: Codec): ValidatedRecords {
  const { starts, sourceCompression } = scan;
  const { firstOffset, timestampType, nowMs: logAppendTimeMs, leaderEpoch, compressionLevel } = options;
  const first = starts[0] as number;
  const accepted = starts.flatMap((start) => checkedRecords(options, scan, start));
  const records = rebuild(accepted, { firstOffset, codec, compressionLevel, timestampType, logAppendTimeMs, leaderEpoch }, {
    producerId: batch.producerId(scan.records, first),
    producerEpoch: batch.producerEpoch(scan.records, first),
    baseSequence: batch.baseSequence(scan.records, first),
    isTransactional: batch.isTransactional(scan.records, first),
  });
  const isAppendTime = timestampType === 'LogAppendTime';
  const maxTimestamp = isAppendTime ? logAppendTimeMs : latestOf(accepted);
  const lastOffset = firstOffset + accepted.length - 1;
  return {
    records,
    lastOffset,
    maxTimestamp,
    offsetOfMaxTimestamp: maxTimestamp === batch.noTimestamp ? -1 : lastOffset,
    logAppendTimeMs: isAppendTime ? logAppendTimeMs : batch.noTimestamp,
    sourceCompression,
    messageCount: accepted.length,
    isRebuilt: true,
  };
}

type Refusal = RecordError & { readonly isTimestamp: boolean };

/** Records of one batch (or one v0 or v1 entry), each checked. @throws RecordFailure naming every refused record */
function checkedRecords(options: ValidateOptions, scan: Scan, start: number): DecodedRecord[] {
  const refused: Refusal[] = [];
  const isLegacySet = batch.magic(scan.records, start) < 2 && scan.sourceCompression !== 'none';
  const records = isLegacySet ? innerRecords(options, start, refused) : readBatchRecords(scan.records, start, options.decompressedBytesMax ?? decompressedBytesMaxDefault);
  const isAppendTime = batch.timestampType(scan.records, start) === 'LogAppendTime';
  const alreadyRefused = new Set(refused.map(({ batchIndex }) => batchIndex));
  for (const [batchIndex, record] of records.entries()) {
    if (alreadyRefused.has(batchIndex)) continue;
    const refusal = refusalOf(options, record, isAppendTime, batchIndex);
    if (refusal !== undefined) refused.push(refusal);
  }
  if (refused.length > 0) throw failureOf(refused);
  if (records.length === 0 && options.fromClient) throw new InvalidRecord(`The record batch is empty${inPartition(options)}`);
  return records;
}

/** Records in a compressed v0 or v1 wrapper; their own checksums, formats and codecs are checked. */
function innerRecords(options: ValidateOptions, start: number, refused: Refusal[]): DecodedRecord[] {
  const { records } = options;
  const format = batch.magic(records, start);
  const end = start + batch.batchSizeBytes(records, start);
  const { messages } = innerMessages(records, start, end, options.decompressedBytesMax ?? decompressedBytesMaxDefault, true);
  const appendTime = batch.timestampType(records, start) === 'LogAppendTime' ? batch.maxTimestamp(records, start) : undefined;
  for (const [batchIndex, message] of messages.entries()) {
    if (message.isCompressed) {
      refused.push({ batchIndex, message: `Compressed outer record should not have an inner record with a compression attribute set: ${describe(message)}`, isTimestamp: false });
    } else if (message.magic !== format) {
      refused.push({ batchIndex, message: `Record ${describe(message)}'s magic does not match outer magic ${format}${inPartition(options)}`, isTimestamp: false });
    } else if (!message.isIntact) {
      throw new CorruptRecord(`Record is corrupt: a message of a compressed set has a wrong checksum${inPartition(options)}`);
    }
  }
  return appendTime === undefined ? messages : messages.map((message) => ({ ...message, timestamp: appendTime }));
}

function refusalOf(options: ValidateOptions, record: DecodedRecord, batchIsAppendTime: boolean, batchIndex: number): Refusal | undefined {
  if (options.cleanupPolicyCompact && record.key === null) {
    return { batchIndex, message: `Compacted topic cannot accept message without key${inPartition(options)}`, isTimestamp: false };
  }
  if (!Number.isSafeInteger(record.timestamp)) return { batchIndex, message: `The timestamp of a record is beyond 2^53 - 1${inPartition(options)}`, isTimestamp: true };
  if (options.timestampType === 'CreateTime' && record.timestamp !== batch.noTimestamp) {
    const ageMs = options.nowMs - record.timestamp;
    if (ageMs <= options.beforeMaxMs && -ageMs <= options.afterMaxMs) return undefined;
    const range = `[${options.nowMs - options.beforeMaxMs}, ${options.nowMs + options.afterMaxMs}]`;
    const message = `Timestamp ${record.timestamp} of message with offset ${record.offset} is out of range. The timestamp should be within ${range}`;
    return { batchIndex, message, isTimestamp: true };
  }
  if (!batchIsAppendTime) return undefined;
  return { batchIndex, message: `Invalid timestamp type in message ${describe(record)}. Producer should not set timestamp type to LogAppendTime.`, isTimestamp: true };
}

function failureOf(refused: readonly Refusal[]): RecordFailure {
  const recordErrors = refused.map(({ batchIndex, message }) => ({ batchIndex, message })).toSorted((a, b) => a.batchIndex - b.batchIndex);
  if (refused.some(({ isTimestamp }) => isTimestamp)) {
    return new RecordFailure('INVALID_TIMESTAMP', 'One or more records have been rejected due to invalid timestamp', recordErrors);
  }
  const shown = recordErrors.slice(0, 3).map(({ batchIndex, message }) => `RecordError(batchIndex=${batchIndex}, message='${message}')`);
  const detail = `One or more records have been rejected due to ${refused.length} record errors in total, and only showing the first three errors at most: [${shown.join(', ')}]`;
  return new RecordFailure('INVALID_RECORD', detail, recordErrors);
}

function describe(record: DecodedRecord): string {
  return `DefaultRecord(offset=${record.offset}, timestamp=${record.timestamp}, key=${record.key?.length ?? 0} bytes, value=${record.value?.length ?? 0} bytes)`;
}

function inPartition(options: ValidateOptions): string {
  return options.topicPartition === undefined ? '' : ` in topic partition ${options.topicPartition}`;
}
