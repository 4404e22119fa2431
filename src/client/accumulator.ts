import type { NewHeader } from '../record/build.ts';
import { ProducerBatch } from './producer-batch.ts';
import type { ProducerSettings } from './producer-options.ts';
import type { RecordMetadata } from './records.ts';

/** What waits for one partition, oldest first. */
export interface PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  readonly batches: ProducerBatch[];
  /** Requests on their way that carry a batch of it. */
  inFlight: number;
}

/** Why a queue may be sent before its batch is full or old. */
export interface Urgency {
  readonly isFlushing: boolean;
  readonly isMemoryExhausted: boolean;
}

type BatchLimits = Pick<ProducerSettings, 'batchSize' | 'compressionType' | 'lingerMs' | 'deliveryTimeoutMs' | 'maxInFlightRequestsPerConnection'>;

/** The producer's records in batches, by partition: RecordAccumulator. No clock and no socket: times are handed in. */
export class Accumulator {
  readonly #settings: BatchLimits;
  readonly #queues = new Map<string, (PartitionQueue | undefined)[]>();
  /** Queues that have batches. */
  readonly #active = new Set<PartitionQueue>();
  readonly #ratios = new Map<string, number>();
  #nextOrder = 0;

  constructor(settings: BatchLimits) {
    this.#settings = settings;
  }

  /** Queues that have batches, longest-waiting first. */
  activeQueues(): PartitionQueue[] {
    return [...this.#active];
  }

  queueLength(topic: string, partition: number): number {
    return this.#queues.get(topic)?.[partition]?.batches.length ?? 0;
  }

  /** Whether no batch of the topic still waits to be filled. */
  areAllFull(topic: string): boolean {
    const queues = this.#queues.get(topic);
    return queues === undefined || queues.every((queue) => queue === undefined || this.#isFull(queue.batches.at(-1)));
  }

  #isFull(batch: ProducerBatch | undefined): boolean {
    return batch === undefined || batch.isClosed || batch.sizeBytes >= this.#settings.batchSize;
  }

  /**
   * Puts a record into the newest batch of its partition, or into a new one.
   * @returns the new batch, if one was needed
   */
  append(
    topic: string,
    partition: number,
    nowMs: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly NewHeader[],
    resolve: (metadata: RecordMetadata) => void,
    reject: (error: Error) => void,
  ): { readonly batch: ProducerBatch; readonly isNew: boolean; readonly isFull: boolean } {
    const queue = this.#queueOf(topic, partition);
    let batch = queue.batches.at(-1);
    const isNew = batch === undefined || !batch.append(timestamp, key, value, headers, resolve, reject);
    if (isNew) {
      const { compressionType, batchSize } = this.#settings;
      batch = new ProducerBatch(topic, partition, this.#nextOrder++, nowMs, compressionType, batchSize, this.#ratios.get(topic) ?? 1);
      batch.append(timestamp, key, value, headers, resolve, reject);
      queue.batches.push(batch);
      this.#active.add(queue);
    }
    const isFull = (isNew && queue.batches.length > 1) || this.#isFull(batch);
    return { batch: batch!, isNew, isFull };
  }

  #queueOf(topic: string, partition: number): PartitionQueue {
    let queues = this.#queues.get(topic);
    if (queues === undefined) {
      queues = [];
      this.#queues.set(topic, queues);
    }
    let queue = queues[partition];
    if (queue === undefined) {
      queue = { topic, partition, batches: [], inFlight: 0 };
      queues[partition] = queue;
    }
    return queue;
  }

  /** When the queue's oldest batch may go: now or earlier means now. Infinity while requests on their way forbid it. */
  dueMs(queue: PartitionQueue, urgency: Urgency): number {
    const [first] = queue.batches;
    const { lingerMs, maxInFlightRequestsPerConnection } = this.#settings;
    if (first === undefined || (maxInFlightRequestsPerConnection === 1 && queue.inFlight > 0)) return Infinity;
    if (first.attempts > 0) return first.retryNotBeforeMs;
    if (queue.batches.length > 1 || urgency.isFlushing || urgency.isMemoryExhausted || this.#isFull(first)) return first.createdMs;
    return first.createdMs + lingerMs;
  }

  /** When the queue's oldest batch must have an outcome. */
  expiryMs(queue: PartitionQueue): number {
    const [first] = queue.batches;
    return first === undefined ? Infinity : first.createdMs + this.#settings.deliveryTimeoutMs;
  }

  /** Takes the oldest batch out to send it; what was last in line goes first next time. */
  take(queue: PartitionQueue): ProducerBatch {
    const batch = queue.batches.shift()!;
    this.#active.delete(queue);
    if (queue.batches.length > 0) this.#active.add(queue);
    batch.bytes();
    if (!Number.isNaN(batch.compressionRatio)) this.#ratios.set(queue.topic, batch.compressionRatio);
    return batch;
  }

  /** Puts batches back in their place among the others of their partition. */
  putBack(batches: readonly ProducerBatch[]): void {
    for (const batch of batches) {
      const queue = this.#queueOf(batch.topic, batch.partition);
      const index = queue.batches.findIndex(({ order }) => order > batch.order);
      if (index < 0) queue.batches.push(batch);
      else queue.batches.splice(index, 0, batch);
      this.#active.add(queue);
    }
  }

  queue(topic: string, partition: number): PartitionQueue {
    return this.#queueOf(topic, partition);
  }
}
