import type { LogManager } from '../log/log-manager.ts';
import { LogFailure } from '../log/errors.ts';
import type { AppendOrigin } from '../log/partition-log.ts';
import type { Verification } from '../log/verifications.ts';
import { KafkaError, errorCode } from '../protocol/errors.ts';
import { zeroUuid } from '../protocol/fields.ts';
import type { LeaderAndIsrRequest, LeaderAndIsrResponseInput } from '../protocol/messages/leader-and-isr.ts';
import type { StopReplicaRequest, StopReplicaResponseInput } from '../protocol/messages/stop-replica.ts';
import { maxTimestamp } from '../record/batch.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import type { TopicConfig } from '../runtime/config/topic-config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { alterLogDir } from './alter-log-dirs.ts';
import { protocolError } from './errors.ts';
import type { ConsumerPlace } from './fetch.ts';
import type { FollowerFetchers } from './follower-fetchers.ts';
import type { FetchTimes } from './in-sync.ts';
import { createLogDirMoves } from './log-dir-moves.ts';
import { Partition } from './partition.ts';
import type { LeadershipState, ReplicaSurroundings } from './partition.ts';
import type { ReplicaSelector } from './replica-selector.ts';
import type { ReplicationQuotas } from './replication-quota.ts';
import { createWaitingRoom } from './waiting-room.ts';
import type { WaitingRoom } from './waiting-room.ts';

/**
 * Writes an ISR where the controller finds it. Resolves with what is stored, which may be another's; with undefined when
 * a newer leader epoch is stored. Rejects when it is not known what is stored: the same write is then tried again, and the
 * version that guards it tells.
 */
export type WriteIsr = (partition: Partition, isr: readonly number[]) => Promise<{ readonly isr: readonly number[]; readonly partitionEpoch: number } | undefined>;

export interface ReplicaManagerOptions {
  readonly brokerId: number;
  /** The epoch of this broker's registration; requests that carry an older one are refused. */
  readonly brokerEpoch: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  readonly logs: LogManager;
  readonly topicConfigOf: (topic: string) => TopicConfig;
  /** The metadata cache has the partition, so another broker leads it. */
  readonly isKnownPartition: (topic: string, partition: number) => boolean;
  readonly isBrokerAlive: (brokerId: number) => boolean;
  readonly writeIsr: WriteIsr;
  /** replica.selector.class */
  readonly selector: ReplicaSelector | undefined;
  /** A living broker as a consumer with that listener reaches it; undefined when it cannot. */
  readonly reachableBroker: (brokerId: number, listenerName: string) => { readonly rack: string | undefined } | undefined;
  readonly quotas: ReplicationQuotas;
  readonly metrics: Metrics;
  readonly fetchers: (manager: ReplicaManager) => FollowerFetchers;
}

/** Hears of leadership that comes to this broker and goes, when it has: the coordinators of groups and transactions do. */
export interface LeadershipListener {
  elected(partition: Partition): void;
  /** Another broker leads, or the replica left this one, or its log directory failed. Also called for those that did not lead. */
  resigned(partition: Partition): void;
}

/** One partition's part of a Produce request, and what came of it. */
export interface ProducePart {
  readonly topic: string;
  readonly partition: number;
  records: Buffer;
  /** A client unless given. */
  readonly origin?: AppendOrigin;
  /** For the first record of a transaction here: the coordinator said that it has the partition. */
  verification?: Verification | undefined;
  error: KafkaError | undefined;
  baseOffset: number;
  logAppendTimeMs: number;
  logStartOffset: number;
  /** The high watermark that makes the part replicated; -1 when there is nothing to wait for. */
  requiredOffset: number;
  /** Where it was appended. */
  replica: Partition | undefined;
}

export interface ReplicaManager {
  readonly quotas: ReplicationQuotas;
  readonly waiting: WaitingRoom<Partition>;
  /** Produce requests with acks=all whose records are written and not yet in sync. */
  waitingProduces(): number;
  partitions(): Iterable<Partition>;
  partitionOf(topic: string, partition: number): Partition | undefined;
  /** @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION; NOT_LEADER_OR_FOLLOWER when another broker has it */
  hostedOf(topic: string, partition: number): Partition;
  /** @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, …_LEADER_EPOCH, KAFKA_STORAGE_ERROR */
  leaderOf(topic: string, partition: number, currentLeaderEpoch: number): Partition;
  /** @throws KafkaError STALE_CONTROLLER_EPOCH */
  checkControllerEpoch(epoch: number): void;
  /** @throws KafkaError STALE_CONTROLLER_EPOCH */
  becomeLeaderOrFollower(request: LeaderAndIsrRequest, version: number): Promise<LeaderAndIsrResponseInput>;
  /** @throws KafkaError STALE_CONTROLLER_EPOCH */
  stopReplicas(request: StopReplicaRequest, version: number): Promise<StopReplicaResponseInput>;
  /**
   * Stages the parts; `done` is called when `acks` is met, at the end of the turn at the earliest.
   * @param acks 0, 1 or -1
   */
  append(parts: readonly ProducePart[], acks: number, timeoutMs: number, done: () => void): void;
  /** Writes what was staged since the last call, moves high watermarks, answers and wakes. */
  flushAppends(): void;
  /** As `flushAppends`, once this turn is over: for appends that no request made, at whose turn's end the broker would write. */
  flushSoon(): void;
  /** The follower that a consumer there should read from, where this broker leads; undefined to read here (KIP-392). */
  replicaNear(partition: Partition, place: ConsumerPlace, fetchOffset: number): number | undefined;
  /** A follower on this broker appended, or its leader told a new high watermark. */
  replicaChanged(partition: Partition): void;
  /** A follower elsewhere fetched: it has what is below `fetchOffset`. */
  followerFetched(partition: Partition, followerId: number, fetchOffset: number, logStartOffset: number, session: FetchTimes | undefined): void;
  /** Calls back until the returned function is called. */
  onLeadership(listener: LeadershipListener): () => void;
  /** Moves a replica to another log directory. @throws KafkaError; see `alterLogDir` */
  alterLogDir(topic: string, partition: number, directory: string): void;
  start(): void;
  close(): void;
}

interface PendingProduce {
  readonly parts: readonly ProducePart[];
  readonly acks: number;
  readonly timeoutMs: number;
  readonly done: () => void;
}

/** Longest time that the controller's requests keep the event loop for themselves. */
const changeSliceMs = 8;
/** Appends that follow from appends are written in the same turn this often; the rest in the next. */
const flushRoundsMax = 4;
const noRecords = Buffer.alloc(0);
/** Pause before an ISR change of unknown outcome is tried again. */
const isrRetryMs = 1000;

export function createReplicaManager(options: ReplicaManagerOptions): ReplicaManager {
  const { brokerId, clock, logger, config, logs } = options;
  const waiting = createWaitingRoom<Partition>(clock);
  const partitions = new Map<string, Map<number, Partition>>();
  const timers: Timer[] = [];
  const leadershipListeners = new Set<LeadershipListener>();
  /** Those with staged records; a second set takes over while the first is written. */
  let staged = new Set<Partition>();
  let idleSet = new Set<Partition>();
  let pending: PendingProduce[] = [];
  let controllerEpoch = -1;
  let isClosed = false;
  let isFlushAsked = false;
  let waitingProduces = 0;
  /** The controller's requests are carried out one after the other. */
  let changes: Promise<unknown> = Promise.resolve();
  const lagMaxMs = config['replica.lag.time.max.ms'];
  const { metrics } = options;
  const messagesIn = metrics.counter('kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec');
  const bytesIn = metrics.counter('kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec');
  const isrShrinks = metrics.counter('kafka.server:type=ReplicaManager,name=IsrShrinksPerSec');
  const isrExpands = metrics.counter('kafka.server:type=ReplicaManager,name=IsrExpandsPerSec');
  const surroundings: ReplicaSurroundings = {
    brokerId,
    lagMaxMs,
    nowMs: () => clock.monotonicMs(),
    isBrokerAlive: options.isBrokerAlive,
    minInsyncReplicasOf: (topic) => options.topicConfigOf(topic)['min.insync.replicas'],
  };

  const partitionOf = (topic: string, partition: number): Partition | undefined => partitions.get(topic)?.get(partition);

  function hostedOf(topic: string, partition: number): Partition {
    const found = partitionOf(topic, partition);
    if (found !== undefined) return found;
    const name = options.isKnownPartition(topic, partition) ? 'NOT_LEADER_OR_FOLLOWER' : 'UNKNOWN_TOPIC_OR_PARTITION';
    throw new KafkaError(name, `this broker has no replica of ${topic}-${partition}`);
  }

  function leaderOf(topic: string, partition: number, currentLeaderEpoch: number): Partition {
    const found = hostedOf(topic, partition);
    found.checkLeader(currentLeaderEpoch);
    return found;
  }

  function* allPartitions(): Generator<Partition> {
    for (const ofTopic of partitions.values()) yield* ofTopic.values();
  }

  function stage(part: ProducePart, acks: number): void {
    try {
      const partition = leaderOf(part.topic, part.partition, -1);
      const result = partition.append(part.records, part.origin ?? 'client', acks === -1, part.verification);
      part.baseOffset = result.firstOffset;
      // A duplicate is told the time of the batch that is there (seen on 3.9.1).
      part.logAppendTimeMs = result.isDuplicate && result.logAppendTimeMs < 0 ? maxTimestamp(part.records, 0) : result.logAppendTimeMs;
      part.logStartOffset = result.logStartOffset;
      part.requiredOffset = result.lastOffset + 1;
      part.replica = partition;
      messagesIn.count += result.lastOffset - result.firstOffset + 1;
      bytesIn.count += part.records.length;
      staged.add(partition);
    } catch (error) {
      part.error = asKafkaError(error, part);
      part.logStartOffset = partitionOf(part.topic, part.partition)?.log.logStartOffset ?? -1;
    }
  }

  function asKafkaError(error: unknown, part: { readonly topic: string; readonly partition: number }): KafkaError {
    const known = protocolError(error);
    if (known !== undefined) return known;
    logger.error('append failed by a bug', { topic: part.topic, partition: part.partition, error });
    return new KafkaError('UNKNOWN_SERVER_ERROR', 'the append failed by a bug; the broker\'s log tells more', { cause: error });
  }

  /** Write, move high watermarks, answer, wake: in this order, once per turn, whatever the number of requests. */
  function flushAppends(): void {
    if (staged.size === 0 && pending.length === 0) return;
    const written = staged;
    staged = idleSet;
    const requests = pending;
    pending = [];
    let failures: Map<Partition, KafkaError> | undefined;
    for (const partition of written) {
      try {
        partition.writeStaged();
        partition.advanceHighWatermark();
      } catch (error) {
        (failures ??= new Map()).set(partition, asKafkaError(error, partition));
      }
    }
    for (const request of requests) finishOrWait(request, failures);
    for (const partition of written) waiting.wake(partition);
    written.clear();
    idleSet = written;
  }

  function finishOrWait(request: PendingProduce, failures: ReadonlyMap<Partition, KafkaError> | undefined): void {
    if (failures !== undefined) for (const part of request.parts) if (part.replica !== undefined) part.error ??= failures.get(part.replica);
    if (request.acks !== -1 || isReplicated(request.parts)) {
      request.done();
      return;
    }
    const keys = request.parts.flatMap(({ error, replica }) => (error === undefined && replica !== undefined ? [replica] : []));
    waitingProduces++;
    // Written they are: whoever waits must not keep the memory of requests.
    for (const part of request.parts) part.records = noRecords;
    waiting.wait(keys, request.timeoutMs, {
      tryComplete() {
        if (!isReplicated(request.parts)) return false;
        waitingProduces--;
        request.done();
        return true;
      },
      expire() {
        waitingProduces--;
        for (const part of request.parts) {
          if (part.error === undefined && part.requiredOffset >= 0) part.error = new KafkaError('REQUEST_TIMED_OUT', `${part.topic}-${part.partition} was not replicated in time; the records stay in the leader's log`);
        }
        request.done();
      },
    });
  }

  /** Looks at each part that still waits; true when none does. */
  function isReplicated(parts: readonly ProducePart[]): boolean {
    let isDone = true;
    for (const part of parts) {
      const { replica } = part;
      if (part.error !== undefined || part.requiredOffset < 0 || replica === undefined) continue;
      if (!replica.isLeader || partitionOf(part.topic, part.partition) !== replica) {
        part.error = new KafkaError('NOT_LEADER_OR_FOLLOWER', `leadership of ${replica.key} moved before the records were replicated`);
      } else if (replica.log.isOffline) {
        part.error = new KafkaError('KAFKA_STORAGE_ERROR', `the log directory of ${replica.key} went offline`);
      } else if (replica.log.highWatermark >= part.requiredOffset) {
        part.requiredOffset = -1;
        if (!replica.hasEnoughInSync) {
          part.error = new KafkaError('NOT_ENOUGH_REPLICAS_AFTER_APPEND', `${replica.key} has fewer in-sync replicas than min.insync.replicas; the records stay`);
        }
      } else {
        isDone = false;
      }
    }
    return isDone;
  }

  /** At most one change of a partition's ISR is under way; until its outcome is known, whoever may be in it counts as in. */
  function changeIsr(partition: Partition, isr: readonly number[]): void {
    partition.isrAsked(isr);
    writeIsr(partition, isr, partition.leaderEpoch);
  }

  function writeIsr(partition: Partition, isr: readonly number[], epoch: number): void {
    const { topic, partition: number } = partition;
    const from = partition.state?.isr;
    const isOver = (): boolean => isClosed || !partition.isLeader || partition.leaderEpoch !== epoch || partitionOf(topic, number) !== partition;
    options.writeIsr(partition, isr).then(
      (stored) => {
        if (isOver()) return;
        if (stored === undefined) {
          logger.info('isr not changed: another leader epoch is stored; waiting for the controller', { topic, partition: number, leaderEpoch: epoch });
          return;
        }
        partition.isrStored(stored);
        if (from !== undefined && stored.isr.length < from.length) isrShrinks.count++;
        else if (from !== undefined && stored.isr.length > from.length) isrExpands.count++;
        logger.info('isr changed', { topic, partition: number, from, to: stored.isr });
        replicaChanged(partition);
      },
      (error: unknown) => {
        if (isOver()) return;
        logger.warn('isr change: not known whether it was stored; trying again', { topic, partition: number, from, to: isr, error });
        clock.setTimer(isrRetryMs, () => {
          if (!isOver()) writeIsr(partition, isr, epoch);
        });
      },
    );
  }

  function replicaChanged(partition: Partition): void {
    partition.advanceHighWatermark();
    waiting.wake(partition);
  }

  function repeat(intervalMs: number, work: () => void): void {
    const timer = { cancel: (): void => undefined };
    const next = (): void => {
      timer.cancel = clock.setTimer(intervalMs, () => {
        work();
        if (!isClosed) next();
      }).cancel;
    };
    next();
    timers.push({ cancel: () => timer.cancel() });
  }

  function applyState(topic: string, topicId: string, number: number, state: LeadershipState, isNew: boolean): number {
    const known = partitionOf(topic, number);
    if (known !== undefined && topicId !== zeroUuid && known.topicId !== zeroUuid && known.topicId !== topicId) return errorCode('INCONSISTENT_TOPIC_ID');
    if (known?.log.isOffline === true) return errorCode('KAFKA_STORAGE_ERROR');
    if (known !== undefined && state.leaderEpoch <= known.leaderEpoch) return errorCode('STALE_CONTROLLER_EPOCH');
    if (!state.replicas.includes(brokerId)) {
      logger.warn('ignored a partition of which this broker is no replica', { topic, partition: number, replicas: state.replicas });
      return errorCode('UNKNOWN_TOPIC_OR_PARTITION');
    }
    try {
      const partition = hostWithId(topic, topicId, number, isNew);
      if (state.leader === brokerId) {
        fetchers.remove(partition);
        partition.becomeLeader(state);
        replicaChanged(partition);
        for (const listener of leadershipListeners) listener.elected(partition);
      } else {
        partition.becomeFollower(state);
        fetchers.follow(partition);
        resign(partition);
      }
      if (logs.futureLogOf(topic, number) !== undefined) moves.add(partition);
      return 0;
    } catch (error) {
      const kafkaError = asKafkaError(error, { topic, partition: number });
      logger.error('cannot become leader or follower', { topic, partition: number, error });
      return kafkaError.code;
    }
  }

  /** The partition as it is here, or opened; one that had no topic id gets the one that the controller now gives. */
  function hostWithId(topic: string, topicId: string, number: number, isNew: boolean): Partition {
    const known = partitionOf(topic, number);
    if (known !== undefined && (topicId === zeroUuid || known.topicId === topicId)) return known;
    const log = logs.getOrCreate(topic, number, { ...(topicId === zeroUuid ? {} : { topicId }), isNew });
    if (log.isOffline) throw new LogFailure(log.logDirectory, `the log directory of ${topic}-${number} is offline`);
    if (known !== undefined) forget(known);
    const partition = new Partition(surroundings, log.topicId ?? topicId, log);
    const ofTopic = partitions.get(topic);
    if (ofTopic === undefined) partitions.set(topic, new Map([[number, partition]]));
    else ofTopic.set(number, partition);
    return partition;
  }

  /** The partition leaves this broker: whoever waits for it is told. */
  function forget(partition: Partition): void {
    const { topic, partition: number } = partition;
    fetchers.remove(partition);
    moves.remove(partition);
    const ofTopic = partitions.get(topic);
    ofTopic?.delete(number);
    if (ofTopic?.size === 0) partitions.delete(topic);
    resign(partition);
  }

  /** Whoever waits for the partition, or answers for what is in it, is told that this broker does not lead it. */
  function resign(partition: Partition): void {
    waiting.wake(partition);
    for (const listener of leadershipListeners) listener.resigned(partition);
  }

  function stopOne(topic: string, number: number, leaderEpoch: number, isDeleted: boolean): number {
    const partition = partitionOf(topic, number);
    if (partition !== undefined && leaderEpoch >= 0 && leaderEpoch < partition.leaderEpoch) return errorCode('FENCED_LEADER_EPOCH');
    if (partition?.log.isOffline === true) return errorCode('KAFKA_STORAGE_ERROR');
    if (partition !== undefined) forget(partition);
    if (!isDeleted) return 0;
    try {
      logs.deleteLog(topic, number);
      logs.deleteFutureLog(topic, number);
      return 0;
    } catch (error) {
      return asKafkaError(error, { topic, partition: number }).code;
    }
  }

  /** Work on many partitions, with pauses in which other requests are served; what is staged is written before each slice. */
  async function inSlices<Item>(items: Iterable<Item>, work: (item: Item) => void): Promise<void> {
    flushAppends();
    let sliceStartedMs = clock.monotonicMs();
    for (const item of items) {
      if (clock.monotonicMs() - sliceStartedMs >= changeSliceMs) {
        await new Promise<void>((resolve) => clock.defer(resolve));
        flushAppends();
        if (isClosed) return;
        sliceStartedMs = clock.monotonicMs();
      }
      work(item);
    }
  }

  function inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const done = changes.then(work);
    changes = done.catch(() => undefined); // whoever asked is told
    return done;
  }

  async function applyStates(request: LeaderAndIsrRequest, version: number): Promise<LeaderAndIsrResponseInput> {
    checkControllerEpoch(request.controllerEpoch);
    const topics = version < 2 ? ungrouped(request) : request.topicStates;
    const answers = topics.map(({ topicName, topicId }) => ({ topicName, topicId, errors: [] as PartitionAnswer[] }));
    const states = topics.flatMap((topic, index) => topic.partitionStates.map((state) => ({ topic, state, errors: answers[index]!.errors })));
    await inSlices(states, ({ topic: { topicName, topicId }, state, errors }) => {
      errors.push({ topicName, partitionIndex: state.partitionIndex, errorCode: applyState(topicName, topicId, state.partitionIndex, state, state.isNew) });
    });
    fetchers.start(new Map(request.liveLeaders.map(({ brokerId: id, hostName, port }) => [id, { host: hostName, port }])));
    return version < 5
      ? { errorCode: 0, partitionErrors: answers.flatMap(({ errors }) => errors) }
      : { errorCode: 0, topics: answers.map(({ topicId, errors }) => ({ topicId, partitionErrors: errors.map(({ partitionIndex, errorCode: code }) => ({ partitionIndex, errorCode: code })) })) };
  }

  async function stop(request: StopReplicaRequest, version: number): Promise<StopReplicaResponseInput> {
    checkControllerEpoch(request.controllerEpoch);
    const partitionErrors: PartitionAnswer[] = [];
    await inSlices(stopsOf(request, version), ({ topic, partition, leaderEpoch, isDeleted }) => {
      partitionErrors.push({ topicName: topic, partitionIndex: partition, errorCode: stopOne(topic, partition, leaderEpoch, isDeleted) });
    });
    return { errorCode: 0, partitionErrors };
  }

  function checkControllerEpoch(epoch: number): void {
    if (epoch < controllerEpoch) throw new KafkaError('STALE_CONTROLLER_EPOCH', `controller epoch ${epoch} is older than ${controllerEpoch}`);
    controllerEpoch = epoch;
  }

  const self: ReplicaManager = {
    quotas: options.quotas,
    waiting,
    waitingProduces: () => waitingProduces,
    partitions: allPartitions,
    partitionOf,
    hostedOf,
    leaderOf,
    checkControllerEpoch,
    becomeLeaderOrFollower: (request, version) => inTurn(() => applyStates(request, version)),
    stopReplicas: (request, version) => inTurn(() => stop(request, version)),
    append(parts, acks, timeoutMs, done) {
      for (const part of parts) if (part.error === undefined) stage(part, acks);
      pending.push({ parts, acks, timeoutMs, done });
    },
    flushAppends,
    flushSoon() {
      if (isFlushAsked) return;
      isFlushAsked = true;
      clock.defer(() => {
        // What comes of these appends is often another one (a marker, then the end of its transaction).
        for (let round = 0; round < flushRoundsMax && pending.length > 0; round++) flushAppends();
        isFlushAsked = false;
        if (pending.length > 0) self.flushSoon();
      });
    },
    replicaChanged,
    replicaNear(partition, { rack, listenerName }, fetchOffset) {
      if (options.selector === undefined || !partition.isLeader) return undefined;
      const { log, state, followers } = partition;
      const leader = { id: brokerId, rack: options.reachableBroker(brokerId, listenerName)?.rack, logEndOffset: log.logEndOffset, caughtUpAtMs: clock.monotonicMs() };
      // Out of sync, a replica would lag ever more, and the consumer with it.
      const others = Array.from(followers).flatMap(([id, { logEndOffset, logStartOffset, caughtUpAtMs }]) => {
        const broker = state!.isr.includes(id) && logEndOffset >= fetchOffset && logStartOffset <= fetchOffset ? options.reachableBroker(id, listenerName) : undefined;
        return broker === undefined ? [] : [{ id, rack: broker.rack, logEndOffset, caughtUpAtMs }];
      });
      const { id } = options.selector(rack, leader, others);
      return id === brokerId ? undefined : id;
    },
    followerFetched(partition, followerId, fetchOffset, logStartOffset, session) {
      const startBefore = partition.followers.get(followerId)?.logStartOffset;
      const isr = partition.followerFetched(followerId, fetchOffset, logStartOffset, session);
      if (isr !== undefined) changeIsr(partition, isr);
      if (partition.advanceHighWatermark() || startBefore !== logStartOffset) waiting.wake(partition);
    },
    onLeadership(listener) {
      leadershipListeners.add(listener);
      return () => leadershipListeners.delete(listener);
    },
    alterLogDir: (topic, partition, directory) => alterLogDir({ manager: self, logs, moves }, topic, partition, directory),
    start() {
      repeat(lagMaxMs / 2, () => {
        for (const partition of allPartitions()) {
          const isr = partition.shrink();
          if (isr !== undefined) changeIsr(partition, isr);
          if (!partition.hasMovedStart()) continue;
          waiting.wake(partition);
          fetchers.changed(partition);
        }
      });
      repeat(config['replica.high.watermark.checkpoint.interval.ms'], () => void logs.checkpointHighWatermarks());
    },
    close() {
      isClosed = true;
      for (const timer of timers) timer.cancel();
      stopListening();
      moves.close();
      fetchers.close();
    },
  };
  const fetchers = options.fetchers(self);
  const moves = createLogDirMoves({ clock, logger, logs, rate: options.quotas.alterLogDirs, chunkBytesMax: () => config['replica.fetch.max.bytes'], flushAppends, moved: replicaChanged });
  const stopListening = logs.onDirectoryFailure((_directory, _cause, failed) => {
    for (const { topic, partition: number } of failed) {
      const partition = partitionOf(topic, number);
      if (partition === undefined) continue;
      fetchers.remove(partition);
      moves.remove(partition);
      resign(partition);
    }
  });
  return self;
}

interface PartitionAnswer {
  readonly topicName: string;
  readonly partitionIndex: number;
  readonly errorCode: number;
}

/** LeaderAndIsr before v2 names the topic in each partition. */
function ungrouped(request: LeaderAndIsrRequest): readonly LeaderAndIsrRequest['topicStates'][number][] {
  return request.ungroupedPartitionStates.map((state) => ({ topicName: state.topicName, topicId: zeroUuid, partitionStates: [state] }));
}

interface Stop {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly isDeleted: boolean;
}

/** The three shapes that StopReplica had; before v3 it carried no leader epoch (-1). */
function stopsOf(request: StopReplicaRequest, version: number): readonly Stop[] {
  const isDeleted = request.deletePartitions;
  if (version === 0) return request.ungroupedPartitions.map(({ topicName, partitionIndex }) => ({ topic: topicName, partition: partitionIndex, leaderEpoch: -1, isDeleted }));
  if (version < 3) return request.topics.flatMap(({ name, partitionIndexes }) => partitionIndexes.map((partition) => ({ topic: name, partition, leaderEpoch: -1, isDeleted })));
  return request.topicStates.flatMap(({ topicName, partitionStates }) =>
    partitionStates.map(({ partitionIndex, leaderEpoch, deletePartition }) => ({ topic: topicName, partition: partitionIndex, leaderEpoch, isDeleted: deletePartition })),
  );
}

