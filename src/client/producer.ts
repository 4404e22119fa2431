import { KafkaError } from '../protocol/errors.ts';
import type { NewHeader } from '../record/build.ts';
import { recordSizeBytesMax } from '../record/build.ts';
import { Accumulator } from './accumulator.ts';
import type { Cluster } from './cluster.ts';
import { openCluster } from './cluster.ts';
import { connectionSettings } from './connection-options.ts';
import type { TopicMetadata } from './metadata.ts';
import { StickyPartition } from './partitioner.ts';
import { partitionOfKey } from './murmur2.ts';
import type { ProducerOptions, ProducerSettings } from './producer-options.ts';
import { producerSettings } from './producer-options.ts';
import type { ProducerBatch } from './producer-batch.ts';
import type { Delivery } from './producer-delivery.ts';
import { createDelivery } from './producer-delivery.ts';
import { Sequences } from './producer-sequences.ts';
import type { Transactions } from './producer-transaction.ts';
import { createTransactions } from './producer-transaction.ts';
import { transactionCalls } from './producer-transactions.ts';
import type { Transaction } from './transaction-types.ts';
import type { ProducerRecord, RecordMetadata } from './records.ts';
import { bytesOf, headersOf } from './records.ts';
import type { ClientRuntime } from './runtime.ts';
import type { Sender } from './sender.ts';
import { createSender } from './sender.ts';
import { withinTime } from './waiting.ts';

/** Header of a batch, which a record that goes alone needs as well. */
const batchHeaderBytes = 61;

export interface Producer {
  /**
   * Puts the record into a batch; resolves when the cluster has it, as `acks` says. Order of calls is order in the
   * partition (see maxInFlightRequestsPerConnection for the one exception).
   * @throws KafkaError REQUEST_TIMED_OUT after max.block.ms without metadata or memory, or delivery.timeout.ms without
   *   an outcome; MESSAGE_TOO_LARGE; INVALID_TOPIC_EXCEPTION; whatever the broker refused the batch with
   */
  send(record: ProducerRecord): Promise<RecordMetadata>;
  /**
   * Runs `work` in a transaction (transactionalId): when it resolves and all its records are written, the transaction is
   * committed, and this resolves; when anything fails, it is aborted, and this rejects with the failure. Readers with
   * read_committed see all of a transaction or nothing. One at a time.
   *
   * A later call may succeed after a failure, unless that was fatal: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH,
   * INVALID_PRODUCER_ID_MAPPING and the like (another producer has the transactional id), and REQUEST_TIMED_OUT of the
   * commit itself (whose outcome is then unknown). Each later call then rejects with the same error: create another producer.
   * @throws KafkaError INVALID_CONFIG without a transactionalId; INVALID_TXN_STATE while another transaction is open
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Sends at once all that was given to `send` before, and resolves when each has an outcome, good or bad. */
  flush(): Promise<void>;
  /** Partitions of a topic and their leaders. @throws KafkaError */
  partitionsOf(topic: string): Promise<TopicMetadata>;
  /** Sends what is left, for `timeoutMs` at most, then ends all connections. */
  close(timeoutMs?: number): Promise<void>;
}

/** A record on its way into a batch. */
interface Placing {
  readonly topic: string;
  readonly partition: number | undefined;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly NewHeader[];
  readonly timestamp: number;
  readonly sizeBytes: number;
  readonly resolve: (metadata: RecordMetadata) => void;
  readonly reject: (error: Error) => void;
}

/** @throws KafkaError INVALID_CONFIG */
export function createProducerWith(runtime: ClientRuntime, options: ProducerOptions): Producer {
  const settings = producerSettings(options);
  return new BatchingProducer(openCluster(runtime, connectionSettings(options, 'producer-1'), { allowAutoTopicCreation: true }), settings);
}

class BatchingProducer implements Producer {
  readonly #cluster: Cluster;
  readonly #settings: ProducerSettings;
  readonly #accumulator: Accumulator;
  readonly #sender: Sender;
  readonly #transactions: Transactions | undefined;
  readonly #sticky = new Map<string, StickyPartition>();
  /** Batches without an outcome. */
  readonly #unfinished = new Set<ProducerBatch>();
  readonly #urgency = { isFlushing: false, isMemoryExhausted: false };
  /** The end of the line of sends that wait for metadata or memory; undefined when nobody waits. */
  #line: Promise<void> | undefined;
  #flushes = 0;
  #usedBytes = 0;
  #onRoom: (() => void) | undefined;
  #isClosed = false;

  constructor(cluster: Cluster, settings: ProducerSettings) {
    this.#cluster = cluster;
    this.#settings = settings;
    this.#accumulator = new Accumulator(settings);
    const sequences = new Sequences(settings.transactionalId !== undefined);
    this.#transactions = settings.transactionalId === undefined ? undefined : this.#openTransactions(settings.transactionalId, sequences);
    this.#sender = createSender(cluster, this.#accumulator, settings, this.#urgency, settings.enableIdempotence ? this.#openDelivery(sequences) : undefined);
  }

  #openDelivery(sequences: Sequences): Delivery {
    return createDelivery({ cluster: this.#cluster, sequences, gate: this.#transactions, wake: () => this.#sender.wake(), failAll: (error) => this.#sender.failAll(error) });
  }

  #openTransactions(transactionalId: string, sequences: Sequences): Transactions {
    const { transactionTimeoutMs, maxBlockMs } = this.#settings;
    return createTransactions({
      cluster: this.#cluster,
      transactionalId,
      calls: transactionCalls(this.#cluster, { transactionalId, transactionTimeoutMs, maxBlockMs }),
      sequences,
      send: (record) => this.#send(record),
      flush: () => this.flush(),
      wake: () => this.#sender.wake(),
      failAll: (error) => this.#sender.failAll(error),
    });
  }

  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    if (this.#transactions === undefined) throw new KafkaError('INVALID_CONFIG', 'transactions need a transactionalId');
    return this.#transactions.run(work);
  }

  send(record: ProducerRecord): Promise<RecordMetadata> {
    if (this.#transactions !== undefined) return Promise.reject(new KafkaError('INVALID_TXN_STATE', 'a producer with a transactionalId sends within `transaction` alone'));
    return this.#send(record);
  }

  #send(record: ProducerRecord): Promise<RecordMetadata> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw new KafkaError('NETWORK_EXCEPTION', 'Cannot perform operation after producer has been closed');
      const key = bytesOf(record.key);
      const value = bytesOf(record.value);
      const headers = headersOf(record.headers);
      const timestamp = record.timestamp ?? this.#cluster.runtime.clock.nowMs();
      const sizeBytes = batchHeaderBytes + recordSizeBytesMax(key, value, headers);
      this.#checkRecord(sizeBytes, timestamp, record.partition);
      const placing: Placing = { topic: record.topic, partition: record.partition, key, value, headers, timestamp, sizeBytes, resolve, reject };
      const topic = this.#line === undefined && this.#hasRoom(sizeBytes) ? this.#cluster.topic(record.topic) : undefined;
      if (topic === undefined || !this.#place(placing, topic)) this.#queueUp(placing);
    });
  }

  #checkRecord(sizeBytes: number, timestamp: number, partition: number | undefined): void {
    const { maxRequestSize, bufferMemory } = this.#settings;
    if (sizeBytes > maxRequestSize) {
      throw new KafkaError('MESSAGE_TOO_LARGE', `The message is ${sizeBytes} bytes when serialized which is larger than ${maxRequestSize}, which is the value of the max.request.size configuration.`);
    }
    if (sizeBytes > bufferMemory) {
      throw new KafkaError('MESSAGE_TOO_LARGE', `The message is ${sizeBytes} bytes when serialized which is larger than the total memory buffer you have configured with the buffer.memory configuration.`);
    }
    if (!Number.isSafeInteger(timestamp) || timestamp < 0) throw new KafkaError('INVALID_TIMESTAMP', `Invalid timestamp: ${timestamp}. Timestamp should always be non-negative or null.`);
    if (partition !== undefined && !(partition >= 0)) throw new KafkaError('INVALID_REQUEST', `Invalid partition: ${partition}. Partition number should always be non-negative or null.`);
  }

  #hasRoom(sizeBytes: number): boolean {
    return this.#usedBytes + sizeBytes <= this.#settings.bufferMemory;
  }

  /** Into a batch, unless the topic is not known to have that partition. */
  #place(placing: Placing, topic: TopicMetadata): boolean {
    const { clock } = this.#cluster.runtime;
    const { key, value, headers, timestamp, sizeBytes, resolve, reject } = placing;
    const partition = placing.partition ?? this.#choosePartition(placing, topic);
    if (partition >= topic.partitions.length) return false;
    const { batch, isNew, isFull } = this.#accumulator.append(placing.topic, partition, clock.monotonicMs(), timestamp, key, value, headers, resolve, reject);
    if (isNew) {
      this.#unfinished.add(batch);
      batch.onEnd(() => this.#finished(batch));
    }
    batch.accountedBytes += sizeBytes;
    this.#usedBytes += sizeBytes;
    if (key === null) this.#sticky.get(placing.topic)?.added(partition, sizeBytes - batchHeaderBytes);
    if (isFull || this.#settings.lingerMs === 0 || this.#urgency.isFlushing) this.#sender.wake();
    else if (isNew) this.#sender.wakeAt(clock.monotonicMs() + this.#settings.lingerMs);
    return true;
  }

  #choosePartition(placing: Placing, topic: TopicMetadata): number {
    const chosen = this.#settings.partitioner?.(placing, topic);
    if (chosen !== undefined) {
      if (!Number.isInteger(chosen) || chosen < 0) throw new KafkaError('INVALID_REQUEST', `the partitioner gave ${chosen}, which is no partition`);
      return chosen;
    }
    if (placing.key !== null) return partitionOfKey(placing.key, topic.partitions.length);
    let sticky = this.#sticky.get(topic.name);
    if (sticky === undefined) {
      sticky = new StickyPartition();
      this.#sticky.set(topic.name, sticky);
    }
    const { name } = topic;
    return sticky.choose(
      topic,
      (partition) => this.#accumulator.queueLength(name, partition),
      this.#settings.batchSize,
      () => this.#accumulator.areAllFull(name),
      this.#cluster.runtime.random,
    );
  }

  #finished(batch: ProducerBatch): void {
    this.#unfinished.delete(batch);
    this.#usedBytes -= batch.accountedBytes;
    this.#onRoom?.();
  }

  /** Behind all that wait already, so that order is kept. */
  #queueUp(placing: Placing): void {
    const startedMs = this.#cluster.runtime.clock.monotonicMs();
    const before = this.#line ?? Promise.resolve();
    const line = before
      .then(() => this.#placeWhenPossible(placing, startedMs + this.#settings.maxBlockMs))
      .catch((error: unknown) => placing.reject(error as Error))
      .finally(() => {
        if (this.#line === line) this.#line = undefined;
      });
    this.#line = line;
  }

  async #placeWhenPossible(placing: Placing, deadlineMs: number): Promise<void> {
    const { clock } = this.#cluster.runtime;
    const { maxBlockMs } = this.#settings;
    const remainingMs = (): number => deadlineMs - clock.monotonicMs();
    let topic = await this.#cluster.topicWithin(placing.topic, remainingMs()).catch((error: unknown) => {
      if (error instanceof KafkaError && error.name === 'REQUEST_TIMED_OUT') {
        throw new KafkaError('REQUEST_TIMED_OUT', `Topic ${placing.topic} not present in metadata after ${maxBlockMs} ms.`, { cause: error });
      }
      throw error;
    });
    await this.#waitForRoom(placing.sizeBytes, remainingMs());
    while (!this.#place(placing, topic)) {
      const give = `Partition ${placing.partition} of topic ${placing.topic} with partition count ${topic.partitions.length} is not present in metadata after ${maxBlockMs} ms.`;
      await withinTime(clock, remainingMs(), this.#cluster.update(), () => give);
      topic = this.#cluster.topic(placing.topic) ?? topic;
    }
  }

  async #waitForRoom(sizeBytes: number, timeoutMs: number): Promise<void> {
    if (this.#hasRoom(sizeBytes)) return;
    this.#urgency.isMemoryExhausted = true;
    this.#sender.wake();
    const room = new Promise<void>((resolve) => {
      this.#onRoom = () => {
        if (this.#hasRoom(sizeBytes)) resolve();
      };
    });
    try {
      await withinTime(this.#cluster.runtime.clock, timeoutMs, room, () => `Failed to allocate ${sizeBytes} bytes within the configured max blocking time ${this.#settings.maxBlockMs} ms.`);
    } finally {
      this.#onRoom = undefined;
      this.#urgency.isMemoryExhausted = false;
    }
  }

  async flush(): Promise<void> {
    this.#flushes++;
    this.#urgency.isFlushing = true;
    try {
      await this.#line;
      this.#sender.wake();
      await Promise.all([...this.#unfinished].map((batch) => new Promise<void>((resolve) => batch.onEnd(resolve))));
    } finally {
      this.#flushes--;
      this.#urgency.isFlushing = this.#flushes > 0;
    }
  }

  partitionsOf(topic: string): Promise<TopicMetadata> {
    return this.#cluster.topicWithin(topic, this.#settings.maxBlockMs);
  }

  async close(timeoutMs = Infinity): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const flushed = this.flush();
    if (timeoutMs === Infinity) await flushed;
    else await withinTime(this.#cluster.runtime.clock, timeoutMs, flushed, () => '').catch(() => undefined);
    this.#sender.stop();
    this.#cluster.close();
  }
}
