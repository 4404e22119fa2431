import { KafkaError } from '../protocol/errors.ts';
import type { PartitionState } from './assignment.ts';
import { Assignment } from './assignment.ts';
import type { Cluster } from './cluster.ts';
import { openCluster } from './cluster.ts';
import { connectionSettings } from './connection-options.ts';
import type { ConsumerOptions, ConsumerSettings } from './consumer-options.ts';
import { consumerSettings } from './consumer-options.ts';
import type { Consumer, GroupMetadata } from './consumer-types.ts';
import { ConsumerGroup } from './group/consumer-group.ts';
import type { GroupSettings } from './group/group-options.ts';
import { groupSettings } from './group/group-options.ts';
import type { PartitionOffset } from './group/offset-requests.ts';
import type { RebalanceListener } from './group/rebalance-listener.ts';
import { subscribeTo } from './group/subscription.ts';
import { iterateRecords } from './iterate-records.ts';
import { topicsOf } from './metadata.ts';
import type { TopicMetadata } from './metadata.ts';
import type { OffsetAnswer } from './offsets.ts';
import { listOffsets } from './offsets.ts';
import { offsetSpecs } from './offset-specs.ts';
import type { PollLoop } from './poll-loop.ts';
import { createPollLoop } from './poll-loop.ts';
import type { Positions } from './positions.ts';
import { createPositions } from './positions.ts';
import type { ConsumerRecord, TopicPartition } from './records.ts';
import type { ClientRuntime } from './runtime.ts';

export type { Consumer } from './consumer-types.ts';

/** @throws KafkaError INVALID_CONFIG */
export function createConsumerWith(runtime: ClientRuntime, options: ConsumerOptions): Consumer {
  const settings = consumerSettings(options);
  const group = groupSettings(options);
  const clientId = group === undefined ? 'consumer-1' : `consumer-${group.groupId}-${group.groupInstanceId ?? '1'}`;
  const cluster = openCluster(runtime, connectionSettings(options, clientId), { allowAutoTopicCreation: settings.allowAutoCreateTopics });
  return new ClusterConsumer(cluster, settings, group);
}

const closeTimeoutMs = 30_000;

class ClusterConsumer implements Consumer {
  readonly #cluster: Cluster;
  readonly #settings: ConsumerSettings;
  readonly #assignment = new Assignment();
  readonly #positions: Positions;
  readonly #loop: PollLoop;
  readonly #group: ConsumerGroup | undefined;

  constructor(cluster: Cluster, settings: ConsumerSettings, group: GroupSettings | undefined) {
    this.#cluster = cluster;
    this.#settings = settings;
    this.#group = group === undefined ? undefined : new ConsumerGroup(cluster, group, settings, this.#assignment, () => this.#loop.progress());
    this.#positions = createPositions(cluster, this.#assignment, settings, this.#group?.offsets);
    this.#loop = createPollLoop(cluster, settings, { assignment: this.#assignment, positions: this.#positions, group: () => this.#group, checkOpen: () => this.#checkOpen() });
  }

  assign(partitions: readonly TopicPartition[]): void {
    this.#checkOpen();
    if (this.#group?.member.isSubscribed === true) throw new KafkaError('INVALID_REQUEST', 'Subscription to topics, partitions and pattern are mutually exclusive');
    const topics = new Set(partitions.map(({ topic }) => topic));
    for (const { topic } of this.#assignment.all) if (!topics.has(topic)) this.#cluster.untrack(topic);
    for (const topic of topics) this.#cluster.track(topic);
    this.#assignment.replace(partitions, this.#settings.autoOffsetReset);
    this.#loop.progress();
  }

  assignment(): TopicPartition[] {
    return [...this.#assignment.all].map(({ topic, partition }) => ({ topic, partition }));
  }

  subscribe(topics: readonly string[] | RegExp, listener: RebalanceListener = {}): void {
    const { member } = this.#groupOf('subscribe');
    if (!member.isSubscribed && this.#assignment.size > 0) throw new KafkaError('INVALID_REQUEST', 'Subscription to topics, partitions and pattern are mutually exclusive');
    member.subscribe(subscribeTo(this.#cluster, topics, this.#settings.excludeInternalTopics), listener);
  }

  subscription(): string[] {
    return [...(this.#group?.member.subscription?.topics ?? [])];
  }

  async unsubscribe(): Promise<void> {
    this.#checkOpen();
    await this.#group?.member.unsubscribe('the consumer unsubscribed from all topics');
    this.#assignment.replace([], this.#settings.autoOffsetReset);
  }

  enforceRebalance(reason = 'rebalance enforced by user'): void {
    this.#groupOf('rebalance').member.feed({ kind: 'rejoin-requested', reason });
  }

  groupMetadata(): GroupMetadata {
    const { member, settings } = this.#groupOf('tell of its group');
    const { generationId, memberId } = member.assignedIn;
    return { groupId: settings.groupId, generationId, memberId, groupInstanceId: settings.groupInstanceId };
  }

  commitSync(offsets?: readonly PartitionOffset[], timeoutMs = this.#cluster.settings.defaultApiTimeoutMs): Promise<void> {
    const group = this.#groupOf('commit');
    return group.offsets.commit(offsets ?? group.consumed(), timeoutMs);
  }

  commitAsync(offsets?: readonly PartitionOffset[]): Promise<void> {
    const group = this.#groupOf('commit');
    return group.offsets.commitOnce(offsets ?? group.consumed());
  }

  async committed(places: readonly TopicPartition[], timeoutMs = this.#cluster.settings.defaultApiTimeoutMs): Promise<PartitionOffset[]> {
    const answers = await this.#groupOf('read committed offsets').offsets.committed(places, timeoutMs);
    return answers.flatMap(({ topic, partition, offset, leaderEpoch, metadata }) => (offset < 0 ? [] : [{ topic, partition, offset, leaderEpoch, metadata }]));
  }

  seek(place: TopicPartition, offset: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0) throw new KafkaError('OFFSET_OUT_OF_RANGE', 'seek offset must not be a negative number');
    const state = this.#assigned(place);
    state.position = offset;
    state.epoch = undefined;
    state.awaitsCommitted = false;
    state.buffered = undefined;
    this.#loop.progress();
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
      state.epoch = undefined;
      state.awaitsCommitted = false;
      state.buffered = undefined;
      state.reset = reset;
    }
    this.#loop.progress();
  }

  async position(place: TopicPartition): Promise<number> {
    const state = this.#assigned(place);
    while (state.position === undefined) await this.#positions.find();
    return state.buffered?.position ?? state.position;
  }

  pause(places: readonly TopicPartition[]): void {
    for (const place of places) this.#assigned(place).isPaused = true;
  }

  resume(places: readonly TopicPartition[]): void {
    for (const place of places) this.#assigned(place).isPaused = false;
    this.#loop.progress();
  }

  paused(): TopicPartition[] {
    return [...this.#assignment.all].filter(({ isPaused }) => isPaused).map(({ topic, partition }) => ({ topic, partition }));
  }

  poll(timeoutMs: number): Promise<ConsumerRecord[]> {
    return this.#loop.poll(timeoutMs);
  }

  wakeup(): void {
    this.#loop.wakeup();
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

  [Symbol.asyncIterator](): AsyncGenerator<ConsumerRecord, void> {
    return iterateRecords({ poll: (timeoutMs) => this.poll(timeoutMs), isClosed: () => this.#cluster.signal.aborted, giveBack: (record) => this.#giveBack(record) });
  }

  /** The next poll hands the record out again; one that is no longer assigned is somebody else's. */
  #giveBack(record: ConsumerRecord): void {
    if (!this.#cluster.signal.aborted && this.#assignment.get(record) !== undefined) this.seek(record, record.offset);
  }

  async close(timeoutMs = closeTimeoutMs): Promise<void> {
    if (this.#cluster.signal.aborted) return;
    try {
      await this.#group?.close(timeoutMs);
    } finally {
      this.#cluster.close();
      this.#loop.progress();
    }
  }

  #assigned(place: TopicPartition): PartitionState {
    this.#checkOpen();
    const state = this.#assignment.get(place);
    if (state === undefined) throw new KafkaError('INVALID_REQUEST', `${place.topic}-${place.partition} is not assigned to this consumer`);
    return state;
  }

  #groupOf(wish: string): ConsumerGroup {
    this.#checkOpen();
    if (this.#group === undefined) throw new KafkaError('INVALID_GROUP_ID', `To ${wish}, you must provide a valid group.id in the consumer configuration.`);
    return this.#group;
  }

  #checkOpen(): void {
    if (this.#cluster.signal.aborted) throw new KafkaError('NETWORK_EXCEPTION', 'This consumer has already been closed.');
  }
}
