import { KafkaError } from '../protocol/errors.ts';
import type { FetchResponse } from '../protocol/messages/fetch.ts';
import type { Codec } from '../record/batch.ts';
import { baseOffset, batchEnd, compression, isBatchIntact, isControl, isTransactional, lastOffset, leaderEpoch, magic, noTimestamp, producerId, readBatches, timestampType } from '../record/batch.ts';
import { readMarker } from '../record/control.ts';
import type { DecodedRecord } from '../record/read.ts';
import { readBatchRecords } from '../record/read.ts';
import type { ConsumerRecord, TopicPartition } from './records.ts';

export type FetchedPartition = FetchResponse['responses'][number]['partitions'][number];

/** Codecs that the batches are compressed with. */
export function codecsOf(records: Buffer): Set<Codec> {
  const codecs = new Set<Codec>();
  for (const start of readBatches(records)) {
    const codec = compression(records, start);
    if (codec !== undefined) codecs.add(codec);
  }
  return codecs;
}

/**
 * The records of one partition out of one Fetch answer, handed out a few at a time; batches are decoded when they are
 * reached. Markers, aborted transactions (read_committed) and what lies before the position are passed over.
 */
export class FetchedRecords implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** Offset after the last record handed out or passed over. */
  position: number;
  /** Leader epoch of the last record handed out; undefined before, and for old formats. */
  epoch: number | undefined;
  readonly #bytes: Buffer;
  readonly #checkCrcs: boolean;
  /** Undefined with read_uncommitted. By first offset, ascending. */
  readonly #aborted: { readonly producerId: number; readonly firstOffset: number }[] | undefined;
  readonly #abortedProducers = new Set<number>();
  #at = 0;
  #batchStart = 0;
  #records: DecodedRecord[] = [];
  #next = 0;

  constructor(place: TopicPartition, position: number, bytes: Buffer, aborted: FetchedPartition['abortedTransactions'] | undefined, checkCrcs: boolean) {
    this.topic = place.topic;
    this.partition = place.partition;
    this.position = position;
    this.#bytes = bytes;
    this.#checkCrcs = checkCrcs;
    this.#aborted = aborted === undefined ? undefined : [...(aborted ?? [])].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /**
   * Adds up to `countMax` records to `into`.
   * @returns whether anything is left
   * @throws KafkaError CORRUPT_MESSAGE and others for what cannot be decoded; the position stands before it
   */
  take(into: ConsumerRecord[], countMax: number): boolean {
    let left = countMax;
    for (;;) {
      for (; this.#next < this.#records.length; this.#next++) {
        if (left === 0) return true;
        const record = this.#records[this.#next]!;
        if (record.offset < this.position) continue;
        const consumed = this.#consumerRecord(record);
        into.push(consumed);
        this.position = record.offset + 1;
        this.epoch = consumed.leaderEpoch;
        left--;
      }
      if (!this.#nextBatch()) return false;
    }
  }

  #consumerRecord({ offset, timestamp, key, value, headers }: DecodedRecord): ConsumerRecord {
    const { topic, partition } = this;
    const epoch = leaderEpoch(this.#bytes, this.#batchStart);
    const type = timestamp === noTimestamp && magic(this.#bytes, this.#batchStart) === 0 ? 'NoTimestampType' : timestampType(this.#bytes, this.#batchStart);
    return { topic, partition, offset, timestamp, timestampType: type, key, value, headers, leaderEpoch: epoch < 0 ? undefined : epoch };
  }

  /** Moves to the next batch with records for the reader; false at the end. */
  #nextBatch(): boolean {
    const bytes = this.#bytes;
    // Compaction may have left a batch without its last records; the reader must get past it all the same.
    if (this.#records.length > 0) this.position = Math.max(this.position, lastOffset(bytes, this.#batchStart) + 1);
    for (;;) {
      const start = this.#at;
      const end = batchEnd(bytes, start, bytes.length);
      this.#records = [];
      this.#next = 0;
      if (end === undefined) return false;
      if (this.#checkCrcs && !isBatchIntact(bytes, start)) {
        throw new KafkaError('CORRUPT_MESSAGE', `Record batch for partition ${this.topic}-${this.partition} at offset ${baseOffset(bytes, start)} is invalid, cause: Record is corrupt`);
      }
      const isWanted = this.#isWanted(start);
      if (isWanted) this.#records = readBatchRecords(bytes, start);
      this.#batchStart = start;
      this.#at = end;
      if (isWanted) return true;
      this.position = Math.max(this.position, lastOffset(bytes, start) + 1);
    }
  }

  #isWanted(start: number): boolean {
    const bytes = this.#bytes;
    if (this.#aborted !== undefined && isTransactional(bytes, start)) this.#followTransactions(start, this.#aborted);
    if (isControl(bytes, start)) return false;
    if (lastOffset(bytes, start) < this.position) return false;
    return !(this.#aborted !== undefined && isTransactional(bytes, start) && this.#abortedProducers.has(producerId(bytes, start)));
  }

  /** A producer's records are aborted from the offset that the answer tells until its abort marker. */
  #followTransactions(start: number, aborted: { readonly producerId: number; readonly firstOffset: number }[]): void {
    const bytes = this.#bytes;
    while (aborted.length > 0 && aborted[0]!.firstOffset <= lastOffset(bytes, start)) this.#abortedProducers.add(aborted.shift()!.producerId);
    if (!isControl(bytes, start)) return;
    const [record] = readBatchRecords(bytes, start);
    if (record !== undefined && readMarker(record)?.type === 'ABORT') this.#abortedProducers.delete(producerId(bytes, start));
  }
}
