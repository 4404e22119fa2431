import { KafkaError } from '../protocol/errors.ts';
import type { PartitionState } from './assignment.ts';
import { Assignment, placeKey } from './assignment.ts';
import type { Cluster } from './cluster.ts';
import { openCluster } from './cluster.ts';
import { connectionSettings } from './connection-options.ts';
import type { ConsumerOptions, ConsumerSettings } from './consumer-options.ts';
import { consumerSettings } from './consumer-options.ts';
import type { Fetcher } from './fetcher.ts';
import { createFetcher } from './fetcher.ts';
import { topicsOf } from './metadata.ts';
import type { TopicMetadata } from './metadata.ts';
import type { OffsetAnswer } from './offsets.ts';
import { listOffsets } from './offsets.ts';
import { offsetSpecs } from './offset-specs.ts';
import type { ConsumerRecord, TopicPartition } from './records.ts';
import type { ClientRuntime } from './runtime.ts';

/** Reads partitions that it is given; groups that share them out come on top. */
export interface Consumer extends AsyncIterable<ConsumerRecord> {
  /** Reads these partitions from now on, and no others. One that stays keeps its position. */
  assign(partitions: readonly TopicPartition[]): void;
  assignment(): TopicPartition[];
  /** The next poll goes on at that offset (>= 0). */
  seek(place: TopicPartition, offset: number): void;
  /** To the oldest record of each; of all assigned partitions when left out. */
  seekToBeginning(places?: readonly TopicPartition[]): void;
  /** Behind the newest record of each. */
  seekToEnd(places?: readonly TopicPartition[]): void;
  /** Offset of the record that poll would give next. @throws KafkaError */
  position(place: TopicPartition): Promise<number>;
  /** Leaves the partitions out of poll until resumed. */
  pause(places: readonly TopicPartition[]): void;
  resume(places: readonly TopicPartition[]): void;
  paused(): TopicPartition[];
  /**
   * Waits for records, `timeoutMs` at most; gives max.poll.records of them at most, in order within a partition.
   * Empty when none came, or after `wakeup`.
   * @throws KafkaError OFFSET_OUT_OF_RANGE with autoOffsetReset none, CORRUPT_MESSAGE, TOPIC_AUTHORIZATION_FAILED, …
   */
  poll(timeoutMs: number): Promise<ConsumerRecord[]>;
  /** Ends a poll that waits, or else the next one. */
  wakeup(): void;
  /** First offset of each. @throws KafkaError REQUEST_TIMED_OUT after default.api.timeout.ms */
  beginningOffsets(places: readonly TopicPartition[]): Promise<OffsetAnswer[]>;
  /** Offset behind the last record of each that this isolation level may read. */
  endOffsets(places: readonly TopicPartition[]): Promise<OffsetAnswer[]>;
  /** First record at or after a time (milliseconds) in each; offset -1 when there is none. */
  offsetsForTimes(queries: readonly (TopicPartition & { readonly timestamp: number })[]): Promise<OffsetAnswer[]>;
  /** Partitions of a topic. @throws KafkaError REQUEST_TIMED_OUT when the cluster does not have it in time */
  partitionsFor(topic: string, timeoutMs?: number): Promise<TopicMetadata>;
  /** All topics, internal ones marked. @throws KafkaError REQUEST_TIMED_OUT */
  listTopics(timeoutMs?: number): Promise<TopicMetadata[]>;
  /** Records between position and high watermark; undefined before the first answer. */
  lag(place: TopicPartition): number | undefined;
  close(): Promise<void>;
}

/** @throws KafkaError INVALID_CONFIG */
export function createConsumerWith(runtime: ClientRuntime, options: ConsumerOptions): Consumer {
  const settings = consumerSettings(options);
  const cluster = openCluster(runtime, connectionSettings(options, 'consumer-1'), { allowAutoTopicCreation: settings.allowAutoCreateTopics });
  return new AssignedConsumer(cluster, settings);
}

/** How long the iterator lets one poll wait: it polls again. */
const iterationPollMs = 60_000;

class AssignedConsumer implements Consumer {
  readonly #cluster: Cluster;
  readonly #settings: ConsumerSettings;
  readonly #assignment = new Assignment();
  readonly #fetcher: Fetcher;
  #failure: KafkaError | undefined;
  #isWoken = false;
  #onProgress: (() => void) | undefined;
  #resetting: Promise<void> | undefined;
  #isPolling = false;

  constructor(cluster: Cluster, settings: ConsumerSettings) {
    this.#cluster = cluster;
    this.#settings = settings;
    this.#fetcher = createFetcher(cluster, this.#assignment, settings, {
      progress: () => this.#onProgress?.(),
      failed: (error) => {
        this.#failure ??= error;
      },
    });
  }

  assign(partitions: readonly TopicPartition[]): void {
    this.#checkOpen();
    const topics = new Set(partitions.map(({ topic }) => topic));
    for (const { topic } of this.#assignment.all) if (!topics.has(topic)) this.#cluster.untrack(topic);
    for (const topic of topics) this.#cluster.track(topic);
    this.#assignment.replace(partitions, this.#settings.autoOffsetReset);
    this.#onProgress?.();
  }

  assignment(): TopicPartition[] {
    return [...this.#assignment.all].map(({ topic, partition }) => ({ topic, partition }));
  }

  seek(place: TopicPartition, offset: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0) throw new KafkaError('OFFSET_OUT_OF_RANGE', 'seek offset must not be a negative number');
    const state = this.#assigned(place);
    state.position = offset;
    state.buffered = undefined;
    this.#onProgress?.();
  }

  seekToBeginning(places?: readonly TopicPartition[]): void {
    this.#resetTo('earliest', places);
  }

  seekToEnd(places?: readonly TopicPartition[]): void {
    this.#resetTo('latest', places);
  }

  #resetTo(reset: 'earliest' | 'latest', places: readonly TopicPartition[] | undefined): void {
    for (const state of places === undefined ? this.#assignment.all : places.map((place) => this.#assigned(place))) {
      state.position = undefined;
      state.buffered = undefined;
      state.reset = reset;
    }
    this.#onProgress?.();
  }

  async position(place: TopicPartition): Promise<number> {
    const state = this.#assigned(place);
    while (state.position === undefined) await this.#findPositions();
    return state.buffered?.position ?? state.position;
  }

  pause(places: readonly TopicPartition[]): void {
    for (const place of places) this.#assigned(place).isPaused = true;
  }

  resume(places: readonly TopicPartition[]): void {
    for (const place of places) this.#assigned(place).isPaused = false;
    this.#onProgress?.();
  }

  paused(): TopicPartition[] {
    return [...this.#assignment.all].filter(({ isPaused }) => isPaused).map(({ topic, partition }) => ({ topic, partition }));
  }

  async poll(timeoutMs: number): Promise<ConsumerRecord[]> {
    this.#checkOpen();
    if (this.#isPolling) throw new KafkaError('INVALID_REQUEST', 'poll is running already; a consumer polls once at a time');
    this.#isPolling = true;
    try {
      return await this.#pollUntil(this.#cluster.runtime.clock.monotonicMs() + timeoutMs);
    } finally {
      this.#isPolling = false;
    }
  }

  async #pollUntil(deadlineMs: number): Promise<ConsumerRecord[]> {
    const { clock } = this.#cluster.runtime;
    for (;;) {
      const records = this.#takeBuffered();
      this.#throwFailure(records);
      if (this.#needsPositions()) this.#findPositionsInBackground();
      this.#fetcher.sendFetches();
      const remainingMs = deadlineMs - clock.monotonicMs();
      if (records.length > 0 || remainingMs <= 0 || this.#isWoken) {
        this.#isWoken = false;
        return records;
      }
      await this.#progressWithin(remainingMs);
      this.#checkOpen();
    }
  }

  #progressWithin(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.#onProgress = undefined;
        resolve();
      };
      const timer = this.#cluster.runtime.clock.setTimer(Math.min(timeoutMs, 0x7fffffff), done);
      this.#onProgress = done;
    });
  }

  /** What is already taken is handed out first; the failure waits for the next poll. */
  #throwFailure(records: readonly ConsumerRecord[]): void {
    const failure = this.#failure;
    if (failure === undefined || records.length > 0) return;
    this.#failure = undefined;
    throw failure;
  }

  #takeBuffered(): ConsumerRecord[] {
    const records: ConsumerRecord[] = [];
    for (const state of this.#assignment.rotated()) {
      const { buffered } = state;
      if (buffered === undefined || state.isPaused) continue;
      try {
        const isMore = buffered.take(records, this.#settings.maxPollRecords - records.length);
        state.position = buffered.position;
        if (!isMore) state.buffered = undefined;
      } catch (error) {
        this.#failure ??= error instanceof KafkaError ? error : new KafkaError('CORRUPT_MESSAGE', `${state.topic}-${state.partition} cannot be read at offset ${buffered.position}: ${(error as Error).message}`, { cause: error });
      }
      if (records.length >= this.#settings.maxPollRecords) break;
    }
    return records;
  }

  #needsPositions(): boolean {
    for (const { position } of this.#assignment.all) if (position === undefined) return true;
    return false;
  }

  #findPositionsInBackground(): void {
    if (this.#resetting !== undefined) return;
    this.#findPositions().catch((error: unknown) => {
      if (!this.#cluster.signal.aborted) this.#failure ??= error as KafkaError;
    }).finally(() => this.#onProgress?.());
  }

  #findPositions(): Promise<void> {
    this.#resetting ??= this.#reset().finally(() => {
      this.#resetting = undefined;
    });
    return this.#resetting;
  }

  async #reset(): Promise<void> {
    const lost = [...this.#assignment.all].filter(({ position }) => position === undefined);
    const undecided = lost.find(({ reset }) => reset === 'none');
    if (undecided !== undefined) {
      throw new KafkaError('OFFSET_OUT_OF_RANGE', `Undefined offset with no reset policy for partitions: [${undecided.topic}-${undecided.partition}]`);
    }
    const resets = new Map(lost.map((state) => [placeKey(state), state.reset]));
    const queries = lost.map(({ topic, partition, reset }) => ({ topic, partition, timestamp: reset === 'earliest' ? offsetSpecs.earliest : offsetSpecs.latest }));
    for (const answer of await listOffsets(this.#cluster, queries, this.#settings.isolationLevel, this.#cluster.settings.defaultApiTimeoutMs)) {
      const state = this.#assignment.get(answer);
      if (state !== undefined && state.position === undefined && state.reset === resets.get(placeKey(answer))) state.position = answer.offset;
    }
  }

  wakeup(): void {
    this.#isWoken = true;
    this.#onProgress?.();
  }

  beginningOffsets(places: readonly TopicPartition[]): Promise<OffsetAnswer[]> {
    return this.offsetsForTimes(places.map(({ topic, partition }) => ({ topic, partition, timestamp: offsetSpecs.earliest })));
  }

  endOffsets(places: readonly TopicPartition[]): Promise<OffsetAnswer[]> {
    return this.offsetsForTimes(places.map(({ topic, partition }) => ({ topic, partition, timestamp: offsetSpecs.latest })));
  }

  offsetsForTimes(queries: readonly (TopicPartition & { readonly timestamp: number })[]): Promise<OffsetAnswer[]> {
    this.#checkOpen();
    return listOffsets(this.#cluster, queries, this.#settings.isolationLevel, this.#cluster.settings.defaultApiTimeoutMs);
  }

  partitionsFor(topic: string, timeoutMs = this.#cluster.settings.defaultApiTimeoutMs): Promise<TopicMetadata> {
    this.#checkOpen();
    return this.#cluster.topicWithin(topic, timeoutMs);
  }

  listTopics(timeoutMs = this.#cluster.settings.defaultApiTimeoutMs): Promise<TopicMetadata[]> {
    this.#checkOpen();
    const give = (last: unknown): KafkaError => new KafkaError('REQUEST_TIMED_OUT', `Timeout expired while fetching topic metadata within ${timeoutMs} ms`, { cause: last });
    return this.#cluster.retry(timeoutMs, async (remainingMs) => topicsOf(await this.#cluster.ask({ topics: null, allowAutoTopicCreation: false }, remainingMs)), give);
  }

  lag(place: TopicPartition): number | undefined {
    const state = this.#assigned(place);
    const position = state.buffered?.position ?? state.position;
    return position === undefined || state.highWatermark === undefined ? undefined : state.highWatermark - position;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ConsumerRecord, void> {
    while (!this.#cluster.signal.aborted) {
      try {
        yield* await this.poll(iterationPollMs);
      } catch (error) {
        if (this.#cluster.signal.aborted) return;
        throw error;
      }
    }
  }

  close(): Promise<void> {
    this.#cluster.close();
    this.#onProgress?.();
    return Promise.resolve();
  }

  #assigned(place: TopicPartition): PartitionState {
    this.#checkOpen();
    const state = this.#assignment.get(place);
    if (state === undefined) throw new KafkaError('INVALID_REQUEST', `${place.topic}-${place.partition} is not assigned to this consumer`);
    return state;
  }

  #checkOpen(): void {
    if (this.#cluster.signal.aborted) throw new KafkaError('NETWORK_EXCEPTION', 'This consumer has already been closed.');
  }
}
