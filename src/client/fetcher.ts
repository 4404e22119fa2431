import { KafkaError, errorByCode } from '../protocol/errors.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { FetchRequestInput, FetchResponse } from '../protocol/messages/fetch.ts';
import { fetchRequest, fetchResponse } from '../protocol/messages/fetch.ts';
import type { Codec } from '../record/batch.ts';
import type { Assignment, PartitionState } from './assignment.ts';
import { backoffMs } from './backoff.ts';
import type { Cluster } from './cluster.ts';
import type { ConsumerSettings } from './consumer-options.ts';
import type { FetchedPartition } from './fetched.ts';
import { FetchedRecords, codecsOf } from './fetched.ts';
import type { FetchEntry, FetchPlan, FetchSession } from './fetch-session.ts';
import { afterFailedFetch, afterFetch, noFetchSession, planFetch } from './fetch-session.ts';
import { byTopic } from './admin-calls.ts';
import type { PartitionMetadata, TopicMetadata } from './metadata.ts';

/** Last version that names topics instead of giving their ids. */
const lastVersionWithNames = 12;

/** Answers that go away with newer metadata or a little time. */
const passingErrors: readonly ErrorName[] = [
  'NOT_LEADER_OR_FOLLOWER',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_SERVER_ERROR',
];

export interface Fetcher {
  /** Asks every broker that is not being asked already for what is neither buffered nor paused. */
  sendFetches(): void;
}

export interface FetchEvents {
  /** Something came, or may be tried again. */
  progress(): void;
  /** What poll must throw. */
  failed(error: KafkaError): void;
}

interface BrokerState {
  isAsked: boolean;
  failures: number;
  notBeforeMs: number;
  session: FetchSession;
}

/** Keeps one Fetch request per broker on its way, each in a session of its broker (KIP-227). */
export function createFetcher(cluster: Cluster, assignment: Assignment, settings: ConsumerSettings, events: FetchEvents): Fetcher {
  const { clock, random, logger } = cluster.runtime;
  const brokers = new Map<number, BrokerState>();
  const loadedCodecs = new Set<Codec>(['none']);
  const topicIds = new Map<string, string | undefined>();

  function brokerOf(id: number): BrokerState {
    let broker = brokers.get(id);
    if (broker === undefined) {
      broker = { isAsked: false, failures: 0, notBeforeMs: -Infinity, session: noFetchSession };
      brokers.set(id, broker);
    }
    return broker;
  }

  function sourceOf(state: PartitionState): number {
    const near = state.nearReplica;
    if (near !== undefined && near.untilMs > clock.monotonicMs() && cluster.metadata.nodes.has(near.brokerId)) return near.brokerId;
    const topic = cluster.topic(state.topic);
    const leader = topic?.partitions[state.partition];
    if (topic === undefined || leader === undefined) return -1;
    return isOutdated(state, topic, leader) ? -1 : leader.leaderId;
  }

  /**
   * A record read or committed before tells of a later leader than the metadata does: the earlier one may still think that it leads, and
   * would refuse the position as out of range (KIP-320).
   */
  function isOutdated(state: PartitionState, { topicId }: TopicMetadata, { leaderEpoch }: PartitionMetadata): boolean {
    const known = topicIds.get(state.topic);
    if (topicId !== known) {
      topicIds.set(state.topic, topicId);
      // A new topic of the same name counts its epochs anew.
      if (known !== undefined) for (const other of assignment.all) if (other.topic === state.topic) other.epoch = undefined;
    }
    return leaderEpoch >= 0 && state.epoch !== undefined && leaderEpoch < state.epoch;
  }

  function sendFetches(): void {
    const bySource = new Map<number, PartitionState[]>();
    let isLeaderMissing = false;
    for (const state of assignment.rotated()) {
      if (state.position === undefined || state.isPaused || state.isLeaving || state.isFetching || state.buffered !== undefined) continue;
      const source = sourceOf(state);
      if (source < 0) isLeaderMissing = true;
      else if (!brokerOf(source).isAsked && brokerOf(source).notBeforeMs <= clock.monotonicMs()) bySource.set(source, [...(bySource.get(source) ?? []), state]);
    }
    if (isLeaderMissing) refresh();
    for (const [brokerId, states] of bySource) void fetchFrom(brokerId, states);
  }

  function refresh(): void {
    cluster.update().catch(() => undefined).finally(() => {
      clock.setTimer(cluster.settings.retryBackoffMs, events.progress);
    });
  }

  async function fetchFrom(brokerId: number, states: readonly PartitionState[]): Promise<void> {
    const broker = brokerOf(brokerId);
    broker.isAsked = true;
    for (const state of states) state.isFetching = true;
    const offsets = states.map((state) => state.position!);
    try {
      const connection = await cluster.broker(brokerId);
      const ids = topicIdsOf(states);
      const highest = ids === undefined ? lastVersionWithNames : fetchRequest.maxVersion;
      const usesIds = connection.requests.versionFor(fetchRequest, highest) > lastVersionWithNames;
      const plan = planFetch(broker.session, entriesOf(states, usesIds ? ids : undefined));
      const response = await connection.call(fetchRequest, fetchResponse, requestOf(plan, usesIds), cluster.settings.requestTimeoutMs + settings.fetchMaxWaitMs, highest);
      if (response.errorCode !== 0) throw new KafkaError(errorByCode(response.errorCode), `broker ${brokerId} refused to be fetched from`);
      broker.session = afterFetch(plan, response.sessionId);
      broker.failures = 0;
      await loadCodecsOf(response);
      takeIn(brokerId, response, states, offsets, usesIds ? ids : undefined);
    } catch (error) {
      const failure = error instanceof KafkaError ? error : new KafkaError('UNKNOWN_SERVER_ERROR', (error as Error).message, { cause: error });
      afterFailure(broker, failure);
    } finally {
      broker.isAsked = false;
      for (const state of states) state.isFetching = false;
      events.progress();
    }
  }

  async function loadCodecsOf(response: FetchResponse): Promise<void> {
    for (const { partitions } of response.responses) {
      for (const { records } of partitions) {
        for (const codec of records === null ? [] : codecsOf(records)) {
          if (loadedCodecs.has(codec)) continue;
          loadedCodecs.add(codec);
          await cluster.runtime.loadCodec(codec);
        }
      }
    }
  }

  function afterFailure(broker: BrokerState, failure: KafkaError): void {
    if (cluster.signal.aborted) return;
    const { id } = broker.session;
    broker.session = afterFailedFetch(broker.session, failure.name === 'FETCH_SESSION_ID_NOT_FOUND');
    // A broker may drop a session whenever it needs the room: the next request, a full one, goes out at once.
    if (failure.name === 'FETCH_SESSION_ID_NOT_FOUND' && id !== 0) return;
    if (failure.name === 'UNSUPPORTED_VERSION') {
      events.failed(failure);
      return;
    }
    logger.debug('fetch failed and will be tried again', { error: failure });
    holdBack(broker);
    cluster.update().catch(() => undefined);
  }

  function holdBack(broker: BrokerState): void {
    broker.failures++;
    const waitMs = backoffMs(random, cluster.settings.retryBackoffMs, cluster.settings.retryBackoffMaxMs, broker.failures);
    broker.notBeforeMs = clock.monotonicMs() + waitMs;
    clock.setTimer(waitMs, events.progress);
  }

  /** Ids by topic name; undefined when one of the topics has none. */
  function topicIdsOf(states: readonly PartitionState[]): ReadonlyMap<string, string> | undefined {
    const ids = new Map<string, string>();
    for (const { topic } of states) {
      const id = cluster.metadata.topics.get(topic)?.topicId;
      if (id === undefined) return undefined;
      ids.set(topic, id);
    }
    return ids;
  }

  function entriesOf(states: readonly PartitionState[], ids: ReadonlyMap<string, string> | undefined): FetchEntry[] {
    return states.map(({ topic, partition, position }) => ({
      topic,
      partition,
      topicId: ids?.get(topic),
      currentLeaderEpoch: cluster.metadata.topics.get(topic)?.partitions[partition]?.leaderEpoch ?? -1,
      fetchOffset: position!,
      partitionMaxBytes: settings.maxPartitionFetchBytes,
    }));
  }

  function requestOf(plan: FetchPlan, usesIds: boolean): FetchRequestInput {
    const named = ({ topic, topicId }: FetchEntry): { topic: string } | { topicId: string } => (usesIds ? { topicId: topicId! } : { topic });
    return {
      maxWaitMs: settings.fetchMaxWaitMs,
      minBytes: settings.fetchMinBytes,
      maxBytes: settings.fetchMaxBytes,
      isolationLevel: settings.isolationLevel === 'read_committed' ? 1 : 0,
      sessionId: plan.sessionId,
      sessionEpoch: plan.sessionEpoch,
      topics: byTopic(plan.named).map(({ entries }) => ({
        ...named(entries[0]!),
        partitions: entries.map(({ partition, currentLeaderEpoch, fetchOffset, partitionMaxBytes }) => ({ partition, currentLeaderEpoch, fetchOffset, partitionMaxBytes })),
      })),
      forgottenTopicsData: byTopic(plan.forgotten).map(({ entries }) => ({ ...named(entries[0]!), partitions: entries.map(({ partition }) => partition) })),
      rackId: settings.clientRack,
    };
  }

  function takeIn(brokerId: number, response: FetchResponse, states: readonly PartitionState[], offsets: readonly number[], ids: ReadonlyMap<string, string> | undefined): void {
    const names = ids === undefined ? undefined : new Map([...ids].map(([name, id]) => [id, name]));
    const asked = new Map(states.map((state, index) => [`${state.partition} ${state.topic}`, { state, offset: offsets[index]! }]));
    let isStale = false;
    for (const { topic, topicId, partitions } of response.responses) {
      const name = names === undefined ? topic : names.get(topicId);
      for (const answer of partitions) {
        const entry = asked.get(`${answer.partitionIndex} ${name}`);
        // A seek or a new assignment came in between: nobody wants the answer.
        if (entry === undefined || entry.state.position !== entry.offset || assignment.get(entry.state) !== entry.state) continue;
        if (answer.errorCode === 0) takePartition(entry.state, answer);
        else isStale = refused(brokerId, entry.state, answer, response) || isStale;
      }
    }
    if (!isStale) return;
    holdBack(brokerOf(brokerId));
    refresh();
  }

  function takePartition(state: PartitionState, answer: FetchedPartition): void {
    state.highWatermark = answer.highWatermark;
    if (answer.preferredReadReplica >= 0) {
      state.nearReplica = { brokerId: answer.preferredReadReplica, untilMs: clock.monotonicMs() + cluster.settings.metadataMaxAgeMs };
      return;
    }
    if (answer.records === null || answer.records.length === 0) return;
    const aborted = settings.isolationLevel === 'read_committed' ? answer.abortedTransactions : undefined;
    state.buffered = new FetchedRecords(state, state.position!, answer.records, aborted, settings.checkCrcs);
  }

  /** @returns whether the metadata is to be asked for anew */
  function refused(brokerId: number, state: PartitionState, answer: FetchedPartition, response: FetchResponse): boolean {
    const name = errorByCode(answer.errorCode);
    const { leaderId, leaderEpoch } = answer.currentLeader;
    if (leaderId >= 0) {
      const nodes = response.nodeEndpoints.map(({ nodeId, host, port, rack }) => ({ id: nodeId, host, port, rack }));
      cluster.learn({ topic: state.topic, partition: state.partition, leaderId, leaderEpoch, nodes });
    }
    if (state.nearReplica?.brokerId === brokerId) {
      state.nearReplica = undefined;
      return name !== 'OFFSET_OUT_OF_RANGE';
    }
    if (name === 'OFFSET_OUT_OF_RANGE') {
      outOfRange(state);
      return false;
    }
    if (passingErrors.includes(name)) return true;
    events.failed(new KafkaError(name, `${state.topic}-${state.partition} cannot be fetched at offset ${state.position}: ${name}`));
    return false;
  }

  function outOfRange(state: PartitionState): void {
    const { topic, partition, position } = state;
    if (settings.autoOffsetReset === 'none') {
      events.failed(new KafkaError('OFFSET_OUT_OF_RANGE', `Fetch position ${position} is out of range for partition ${topic}-${partition}, and no reset policy is set (auto.offset.reset=none)`));
      return;
    }
    logger.info('fetch position is out of range; it is reset', { topic, partition, position, to: settings.autoOffsetReset });
    state.position = undefined;
    state.reset = settings.autoOffsetReset;
  }

  return { sendFetches };
}
