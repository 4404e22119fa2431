/*
 * Record batches v2 written. This is the hot path of the producer: records go straight to their place behind a header
 * that is filled in last; no object and no Buffer per record.
 */
import { attributeBits, batchHeaderBytes, codecs, noLeaderEpoch, noProducerEpoch, noProducerId, noSequence, noTimestamp, sealBatch, sizePrefixBytes } from './batch.ts';
import type { Codec, TimestampType } from './batch.ts';
import { compress } from './compression.ts';
import { varintSize, varlongSize, writeInt64, writeVarint, writeVarlong } from './integers.ts';

export interface NewHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A record to be written; a `DecodedRecord` is one too. */
export interface NewRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: readonly NewHeader[];
  /** Milliseconds; -1 (none) when left out. */
  readonly timestamp?: number;
  /** Used only where the options keep offsets. */
  readonly offset?: number;
}

export interface BatchOptions {
  readonly codec?: Codec;
  /** gzip 1 to 9, zstd -131072 to 22; the codec's own default when left out. The other codecs have one level here. */
  readonly compressionLevel?: number | undefined;
  readonly baseOffset?: number;
  readonly timestampType?: TimestampType;
  /** Written as maxTimestamp under LogAppendTime. Milliseconds. */
  readonly logAppendTimeMs?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly leaderEpoch?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  /** Marks the batch with the time after which its tombstones may go (KIP-534). Milliseconds. */
  readonly deleteHorizonMs?: number | undefined;
  /** Last offset when it is not that of the last record: compaction keeps the one that the batch was made with. */
  readonly lastOffset?: number | undefined;
  /** Compressed size over plain size as last seen with such data: the estimate of a batch that is not closed yet. */
  readonly estimatedCompressionRatio?: number;
}

/** Kafka's margin on an estimated compression ratio. */
const estimateMargin = 1.05;
const firstCapacityBytes = 512;
/** Usual bytes of a record besides key and value, headers aside: for a first guess at the size. */
const recordOverheadBytes = 12;
const noHeaders: readonly NewHeader[] = [];

/**
 * Writes one batch. Offsets run on from `baseOffset`, unless `offsets` is 'kept': then each record keeps its own.
 *
 * @returns the whole batch, checksum included
 */
export function buildBatch(options: BatchOptions, records: readonly NewRecord[], offsets: 'dense' | 'kept' = 'dense'): Buffer {
  let sizeBytes = batchHeaderBytes;
  for (const { key, value } of records) sizeBytes += recordOverheadBytes + (key?.length ?? 0) + (value?.length ?? 0);
  const builder = new BatchBuilder(options, Infinity, sizeBytes);
  const firstOffset = options.baseOffset ?? 0;
  for (const { timestamp, key, value, headers, offset } of records) {
    const delta = offsets === 'kept' && offset !== undefined ? offset - firstOffset : builder.nextOffsetDelta;
    builder.appendAt(delta, timestamp ?? noTimestamp, key, value, headers ?? noHeaders);
  }
  return builder.close();
}

/** Gathers records for one batch up to a size, then gives it out. */
export class BatchBuilder {
  /** Records taken so far. */
  count = 0;
  nextOffsetDelta = 0;
  /** Milliseconds; -1 while no record has a time. */
  maxTimestamp = noTimestamp;
  readonly #options: BatchOptions;
  readonly #sizeBytesMax: number;
  readonly #ratio: number;
  #buffer: Buffer;
  #position = batchHeaderBytes;
  #baseTimestamp: number | undefined;

  /**
   * @param sizeBytesMax what `append` keeps the batch within; the first record is taken whatever its size
   * @param capacityBytes memory taken at once; more is taken as needed
   */
  constructor(options: BatchOptions, sizeBytesMax: number, capacityBytes = firstCapacityBytes) {
    this.#options = options;
    this.#sizeBytesMax = sizeBytesMax;
    this.#ratio = (options.codec ?? 'none') === 'none' ? 1 : (options.estimatedCompressionRatio ?? 1) * estimateMargin;
    this.#baseTimestamp = options.deleteHorizonMs;
    this.#buffer = Buffer.allocUnsafe(capacityBytes);
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** Bytes of the batch if it were closed now; an estimate when it is compressed. */
  get estimatedSizeBytes(): number {
    return batchHeaderBytes + Math.ceil((this.#position - batchHeaderBytes) * this.#ratio);
  }

  /** Bytes of header and records before compression. */
  get uncompressedSizeBytes(): number {
    return this.#position;
  }

  /** Adds a record; false, and nothing done, when the batch would become larger than allowed. */
  append(timestampMs: number, key: Uint8Array | null, value: Uint8Array | null, headers: readonly NewHeader[] = noHeaders): boolean {
    if (this.count > 0) {
      const body = bodySize(this.nextOffsetDelta, timestampMs - (this.#baseTimestamp ?? timestampMs), key, value, headers);
      if (this.estimatedSizeBytes + varintSize(body) + body > this.#sizeBytesMax) return false;
    }
    this.appendAt(this.nextOffsetDelta, timestampMs, key, value, headers);
    return true;
  }

  /**
   * Adds a record whatever the size, at an offset of its own.
   * @param offsetDelta from the batch's base offset, larger than that of the record before
   */
  appendAt(offsetDelta: number, timestampMs: number, key: Uint8Array | null, value: Uint8Array | null, headers: readonly NewHeader[]): void {
    this.#baseTimestamp ??= timestampMs;
    const timestampDelta = timestampMs - this.#baseTimestamp;
    const body = bodySize(offsetDelta, timestampDelta, key, value, headers);
    const end = this.#position + varintSize(body) + body;
    if (end > this.#buffer.length) this.#grow(end);
    const buffer = this.#buffer;
    let position = writeVarint(buffer, body, this.#position);
    buffer[position++] = 0;
    position = writeVarlong(buffer, timestampDelta, position);
    position = writeVarint(buffer, offsetDelta, position);
    position = writeBytes(buffer, position, key);
    position = writeBytes(buffer, position, value);
    position = writeVarint(buffer, headers.length, position);
    for (let index = 0; index < headers.length; index++) position = writeHeader(buffer, position, headers[index] as NewHeader);
    this.#position = position;
    this.count++;
    this.nextOffsetDelta = offsetDelta + 1;
    if (timestampMs > this.maxTimestamp) this.maxTimestamp = timestampMs;
  }

  /** Compresses, fills in the header and gives the batch out. The builder is done with. */
  close(): Buffer {
    const { codec = 'none', compressionLevel } = this.#options;
    let batch = this.#buffer.subarray(0, this.#position);
    if (codec !== 'none' && this.count > 0) {
      const records = compress(codec, batch.subarray(batchHeaderBytes), 2, compressionLevel);
      batch = Buffer.allocUnsafe(batchHeaderBytes + records.length);
      batch.set(records, batchHeaderBytes);
    }
    this.#writeHeader(batch);
    return batch;
  }

  #writeHeader(batch: Buffer): void {
    const options = this.#options;
    const baseOffset = options.baseOffset ?? 0;
    const isAppendTime = options.timestampType === 'LogAppendTime';
    const lastOffsetDelta = options.lastOffset === undefined ? this.nextOffsetDelta - 1 : options.lastOffset - baseOffset;
    writeInt64(batch, baseOffset, 0);
    batch.writeInt32BE(batch.length - sizePrefixBytes, 8);
    batch.writeInt32BE(options.leaderEpoch ?? noLeaderEpoch, 12);
    batch[16] = 2;
    batch.writeInt16BE(attributesOf(options), 21);
    batch.writeInt32BE(lastOffsetDelta, 23);
    writeInt64(batch, this.#baseTimestamp ?? noTimestamp, 27);
    writeInt64(batch, isAppendTime ? (options.logAppendTimeMs ?? noTimestamp) : this.maxTimestamp, 35);
    writeInt64(batch, options.producerId ?? noProducerId, 43);
    batch.writeInt16BE(options.producerEpoch ?? noProducerEpoch, 51);
    batch.writeInt32BE(options.baseSequence ?? noSequence, 53);
    batch.writeInt32BE(this.count, 57);
    sealBatch(batch, 0);
  }

  #grow(neededBytes: number): void {
    const larger = Buffer.allocUnsafe(Math.max(neededBytes, Math.min(this.#buffer.length * 2, this.#sizeBytesMax + batchHeaderBytes)));
    this.#buffer.copy(larger, 0, 0, this.#position);
    this.#buffer = larger;
  }
}

function attributesOf(options: BatchOptions): number {
  return (
    codecs.indexOf(options.codec ?? 'none') |
    (options.timestampType === 'LogAppendTime' ? attributeBits.logAppendTime : 0) |
    (options.isTransactional === true ? attributeBits.transactional : 0) |
    (options.isControl === true ? attributeBits.control : 0) |
    (options.deleteHorizonMs === undefined ? 0 : attributeBits.deleteHorizon)
  );
}

/**
 * Upper bound of the bytes that one record adds to a batch (before compression), header of the batch not counted.
 */
export function recordSizeBytesMax(key: Uint8Array | null, value: Uint8Array | null, headers: readonly NewHeader[] = noHeaders): number {
  return 5 + bodySize(0x7fff_ffff, Number.MAX_SAFE_INTEGER, key, value, headers);
}

function bodySize(offsetDelta: number, timestampDelta: number, key: Uint8Array | null, value: Uint8Array | null, headers: readonly NewHeader[]): number {
  let size = 1 + varlongSize(timestampDelta) + varintSize(offsetDelta) + fieldSize(key) + fieldSize(value) + varintSize(headers.length);
  for (let index = 0; index < headers.length; index++) {
    const { key: name, value: content } = headers[index] as NewHeader;
    const nameBytes = Buffer.byteLength(name);
    size += varintSize(nameBytes) + nameBytes + fieldSize(content);
  }
  return size;
}

function fieldSize(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintSize(bytes.length) + bytes.length;
}

function writeBytes(buffer: Buffer, position: number, bytes: Uint8Array | null): number {
  if (bytes === null) {
    buffer[position] = 1; // -1, zig-zag
    return position + 1;
  }
  const start = writeVarint(buffer, bytes.length, position);
  buffer.set(bytes, start);
  return start + bytes.length;
}

function writeHeader(buffer: Buffer, position: number, header: NewHeader): number {
  const length = Buffer.byteLength(header.key);
  const start = writeVarint(buffer, length, position);
  buffer.write(header.key, start, 'utf8');
  return writeBytes(buffer, start + length, header.value);
}
