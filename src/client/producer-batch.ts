import { attributeBits, attributes, noSequence, sealBatch } from '../record/batch.ts';
import type { Codec } from '../record/batch.ts';
import { BatchBuilder } from '../record/build.ts';
import type { NewHeader } from '../record/build.ts';
import { writeInt64 } from '../record/integers.ts';
import { readBatchRecords } from '../record/read.ts';
import type { RecordMetadata } from './records.ts';

type Resolve = (metadata: RecordMetadata) => void;
type Reject = (error: Error) => void;

/** Records of one partition that travel, and succeed or fail, together. */
export class ProducerBatch {
  readonly topic: string;
  readonly partition: number;
  /** Order of creation within the producer: a batch that comes back goes before younger ones. */
  readonly order: number;
  readonly createdMs: number;
  readonly #codec: Codec;
  readonly #builder: BatchBuilder;
  #bytes: Buffer | undefined;
  readonly #timestamps: number[] = [];
  readonly #resolves: Resolve[] = [];
  readonly #rejects: Reject[] = [];
  readonly #listeners: (() => void)[] = [];
  /** Bytes of buffer.memory that it holds. */
  accountedBytes = 0;
  /** Times that it was sent. */
  attempts = 0;
  #sequence = noSequence;
  /** Not to be sent again before this moment (monotonic). */
  retryNotBeforeMs = -Infinity;

  constructor(topic: string, partition: number, order: number, createdMs: number, codec: Codec, sizeBytesMax: number, ratio: number) {
    this.topic = topic;
    this.partition = partition;
    this.order = order;
    this.createdMs = createdMs;
    this.#codec = codec;
    this.#builder = new BatchBuilder({ codec, estimatedCompressionRatio: ratio }, sizeBytesMax);
  }

  get recordCount(): number {
    return this.#resolves.length;
  }

  /** Bytes if closed now; exact once closed. */
  get sizeBytes(): number {
    return this.#bytes?.length ?? this.#builder.estimatedSizeBytes;
  }

  get isClosed(): boolean {
    return this.#bytes !== undefined;
  }

  /** False, and nothing done, when the record does not fit or the batch is on its way. */
  append(timestamp: number, key: Uint8Array | null, value: Uint8Array | null, headers: readonly NewHeader[], resolve: Resolve, reject: Reject): boolean {
    if (this.#bytes !== undefined || !this.#builder.append(timestamp, key, value, headers)) return false;
    this.#timestamps.push(timestamp);
    this.#resolves.push(resolve);
    this.#rejects.push(reject);
    return true;
  }

  /** The batch as it goes over the wire; made once. */
  bytes(): Buffer {
    this.#bytes ??= this.#builder.close();
    return this.#bytes;
  }

  /** Its number among the batches of its partition; -1 while it has none. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Writes into the batch who sends it, and its number. */
  identify(producerId: number, epoch: number, sequence: number, isTransactional: boolean): void {
    const bytes = this.bytes();
    this.#sequence = sequence;
    bytes.writeInt16BE(attributes(bytes, 0) | (isTransactional ? attributeBits.transactional : 0), 21);
    writeInt64(bytes, producerId, 43);
    bytes.writeInt16BE(epoch, 51);
    bytes.writeInt32BE(sequence, 53);
    sealBatch(bytes, 0);
  }

  /** It gets another number when it is sent again. */
  forgetSequence(): void {
    this.#sequence = noSequence;
  }

  /** Size after compression by the size before; 1 when not compressed. */
  get compressionRatio(): number {
    if (this.#codec === 'none' || this.#bytes === undefined) return 1;
    return this.#bytes.length / this.#builder.uncompressedSizeBytes;
  }

  /** @param appendTime the broker's time, -1 when the producer's stands */
  succeed(baseOffset: number, appendTime: number): void {
    const { topic, partition } = this;
    for (let index = 0; index < this.#resolves.length; index++) {
      const timestamp = appendTime === -1 ? this.#timestamps[index]! : appendTime;
      this.#resolves[index]!({ topic, partition, offset: baseOffset < 0 ? -1 : baseOffset + index, timestamp });
    }
    this.#end();
  }

  /** @param errorOf the error of the record at a place in the batch */
  fail(errorOf: (index: number) => Error): void {
    this.#rejects.forEach((reject, index) => reject(errorOf(index)));
    this.#end();
  }

  onEnd(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #end(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Two batches with half of the records each, for a broker that found the whole too large; this one ends when both have. */
  split(): [ProducerBatch, ProducerBatch] {
    const records = readBatchRecords(this.bytes(), 0);
    const middle = Math.ceil(records.length / 2);
    const parts = [0, middle].map((from) => {
      const until = from === 0 ? middle : records.length;
      const part = new ProducerBatch(this.topic, this.partition, this.order + from / records.length, this.createdMs, this.#codec, Infinity, 1);
      for (let index = from; index < until; index++) {
        const { timestamp, key, value, headers } = records[index]!;
        part.append(timestamp, key, value, headers, this.#resolves[index]!, this.#rejects[index]!);
      }
      part.bytes();
      return part;
    });
    let unfinished = 2;
    for (const part of parts) {
      part.onEnd(() => {
        unfinished--;
        if (unfinished === 0) this.#end();
      });
    }
    return [parts[0]!, parts[1]!];
  }
}
