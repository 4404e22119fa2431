import type { LogManager } from '../log/log-manager.ts';
import { LogFailure } from '../log/errors.ts';
import { KafkaError, errorCode } from '../protocol/errors.ts';
import { zeroUuid } from '../protocol/fields.ts';
import type { LeaderAndIsrRequest, LeaderAndIsrResponseInput } from '../protocol/messages/leader-and-isr.ts';
import type { StopReplicaRequest, StopReplicaResponseInput } from '../protocol/messages/stop-replica.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import type { TopicConfig } from '../runtime/config/topic-config.ts';
import type { Logger } from '../runtime/logger.ts';
import { protocolError } from './errors.ts';
import type { FollowerFetchers } from './follower-fetchers.ts';
import { Partition, partitionKey } from './partition.ts';
import type { LeadershipState } from './partition.ts';
import { createWaitingRoom } from './waiting-room.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** Where a change of an ISR is written; resolves with what is stored, rejects when that is not known. */
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
  readonly fetchers: (manager: ReplicaManager) => FollowerFetchers;
}

/** One partition's part of a Produce request, and what came of it. */
export interface ProducePart {
  readonly topic: string;
  readonly partition: number;
  readonly records: Buffer;
  error: KafkaError | undefined;
  baseOffset: number;
  logAppendTimeMs: number;
  logStartOffset: number;
  /** The high watermark that makes the part replicated; -1 when there is nothing to wait for. */
  requiredOffset: number;
}

export interface ReplicaManager {
  readonly controllerEpoch: number;
  readonly waiting: WaitingRoom;
  readonly partitions: Iterable<Partition>;
  partitionOf(topic: string, partition: number): Partition | undefined;
  /** @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, …_LEADER_EPOCH, KAFKA_STORAGE_ERROR */
  leaderOf(topic: string, partition: number, currentLeaderEpoch: number): Partition;
  /** @throws KafkaError STALE_CONTROLLER_EPOCH */
  checkControllerEpoch(epoch: number): void;
  becomeLeaderOrFollower(request: LeaderAndIsrRequest, version: number): LeaderAndIsrResponseInput;
  stopReplicas(request: StopReplicaRequest, version: number): StopReplicaResponseInput;
  /**
   * Stages the parts; `done` is called when `acks` is met, at the end of the turn at the earliest.
   * @param acks 0, 1 or -1
   */
  append(parts: readonly ProducePart[], acks: number, timeoutMs: number, done: () => void): void;
  /** Writes what was staged since the last call, moves high watermarks, answers and wakes. */
  flushAppends(): void;
  /** A follower on this broker appended, or its leader told a new high watermark. */
  replicaChanged(partition: Partition): void;
  /** A follower elsewhere fetched. @throws KafkaError */
  followerFetched(partition: Partition, followerId: number, fetchOffset: number, logStartOffset: number): void;
  start(): void;
  close(): void;
}

interface PendingProduce {
  readonly parts: readonly ProducePart[];
  readonly acks: number;
  readonly timeoutMs: number;
  readonly done: () => void;
}

export function createReplicaManager(options: ReplicaManagerOptions): ReplicaManager {
  const { brokerId, clock, logger, config, logs } = options;
  const waiting = createWaitingRoom(clock);
  const partitions = new Map<string, Partition>();
  const staged = new Set<Partition>();
  const timers: Timer[] = [];
  let pending: PendingProduce[] = [];
  let controllerEpoch = -1;
  let isClosed = false;
  const lagMaxMs = config['replica.lag.time.max.ms'];

  const partitionOf = (topic: string, partition: number): Partition | undefined => partitions.get(partitionKey(topic, partition));

  function leaderOf(topic: string, partition: number, currentLeaderEpoch: number): Partition {
    const found = partitionOf(topic, partition);
    if (found === undefined) {
      const name = options.isKnownPartition(topic, partition) ? 'NOT_LEADER_OR_FOLLOWER' : 'UNKNOWN_TOPIC_OR_PARTITION';
      throw new KafkaError(name, `this broker has no replica of ${topic}-${partition}`);
    }
    found.checkLeader(currentLeaderEpoch);
    return found;
  }

  function stage(part: ProducePart, acks: number): void {
    try {
      const partition = leaderOf(part.topic, part.partition, -1);
      const result = partition.append(part.records, 'client', acks === -1, minInsyncReplicas(partition));
      part.baseOffset = result.firstOffset;
      part.logAppendTimeMs = result.logAppendTimeMs;
      part.logStartOffset = result.logStartOffset;
      part.requiredOffset = result.lastOffset + 1;
      staged.add(partition);
    } catch (error) {
      part.error = asKafkaError(error, part);
    }
  }

  function asKafkaError(error: unknown, part: { readonly topic: string; readonly partition: number }): KafkaError {
    const known = protocolError(error);
    if (known !== undefined) return known;
    logger.error('append failed by a bug', { topic: part.topic, partition: part.partition, error });
    return new KafkaError('UNKNOWN_SERVER_ERROR', 'the append failed by a bug; the broker\'s log tells more', { cause: error });
  }

  const minInsyncReplicas = (partition: Partition): number => options.topicConfigOf(partition.topic)['min.insync.replicas'];

  function flushAppends(): void {
    if (staged.size === 0 && pending.length === 0) return;
    const written = Array.from(staged);
    staged.clear();
    const failures = new Map<string, KafkaError>();
    for (const partition of written) {
      try {
        partition.log.writeStaged();
      } catch (error) {
        failures.set(partition.key, asKafkaError(error, partition));
      }
    }
    const requests = pending;
    pending = [];
    for (const partition of written) partition.advanceHighWatermark(clock.monotonicMs(), lagMaxMs);
    for (const request of requests) finishOrWait(request, failures);
    for (const partition of written) waiting.wake(partition.key);
  }

  function finishOrWait(request: PendingProduce, failures: ReadonlyMap<string, KafkaError>): void {
    for (const part of request.parts) part.error ??= failures.get(partitionKey(part.topic, part.partition));
    if (request.acks !== -1 || isReplicated(request.parts)) {
      request.done();
      return;
    }
    const keys = request.parts.filter(({ error }) => error === undefined).map(({ topic, partition }) => partitionKey(topic, partition));
    waiting.wait(keys, request.timeoutMs, {
      tryComplete() {
        if (!isReplicated(request.parts)) return false;
        request.done();
        return true;
      },
      expire() {
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
      if (part.error !== undefined || part.requiredOffset < 0) continue;
      const partition = partitionOf(part.topic, part.partition);
      if (partition === undefined || !partition.isLeader) {
        part.error = new KafkaError('NOT_LEADER_OR_FOLLOWER', `leadership of ${part.topic}-${part.partition} moved before the records were replicated`);
      } else if (partition.log.highWatermark >= part.requiredOffset) {
        part.requiredOffset = -1;
        if (!partition.hasEnoughInSync(minInsyncReplicas(partition))) {
          part.error = new KafkaError('NOT_ENOUGH_REPLICAS_AFTER_APPEND', `${partition.key} has fewer in-sync replicas than min.insync.replicas; the records stay`);
        }
      } else {
        isDone = false;
      }
    }
    return isDone;
  }

  function changeIsr(partition: Partition, isr: readonly number[]): void {
    const from = partition.state?.isr;
    const epoch = partition.leaderEpoch;
    partition.isrAsked(isr);
    options.writeIsr(partition, isr).then(
      (stored) => {
        if (isClosed || partition.leaderEpoch !== epoch) return;
        partition.isrAnswered(stored);
        if (stored !== undefined) logger.info('isr changed', { topic: partition.topic, partition: partition.partition, from, to: stored.isr });
        replicaChanged(partition);
      },
      (error: unknown) => {
        if (isClosed || partition.leaderEpoch !== epoch) return;
        partition.isrAnswered(undefined);
        logger.warn('isr change was not stored; it will be tried again', { topic: partition.topic, partition: partition.partition, from, to: isr, error });
      },
    );
  }

  function replicaChanged(partition: Partition): void {
    partition.advanceHighWatermark(clock.monotonicMs(), lagMaxMs);
    waiting.wake(partition.key);
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
    if (known !== undefined && state.leaderEpoch <= known.leaderEpoch) return errorCode('STALE_CONTROLLER_EPOCH');
    if (!state.replicas.includes(brokerId)) {
      logger.warn('ignored a partition of which this broker is no replica', { topic, partition: number, replicas: state.replicas });
      return errorCode('UNKNOWN_TOPIC_OR_PARTITION');
    }
    try {
      const partition = known ?? openPartition(topic, topicId, number, isNew);
      if (topicId !== zeroUuid && partition.topicId !== topicId) return errorCode('INCONSISTENT_TOPIC_ID');
      if (state.leader === brokerId) {
        fetchers.remove(partition);
        partition.becomeLeader(state, clock.monotonicMs());
        replicaChanged(partition);
      } else {
        partition.becomeFollower(state);
        fetchers.follow(partition);
        waiting.wake(partition.key);
      }
      return 0;
    } catch (error) {
      const kafkaError = asKafkaError(error, { topic, partition: number });
      logger.error('cannot become leader or follower', { topic, partition: number, error });
      return kafkaError.code;
    }
  }

  function openPartition(topic: string, topicId: string, number: number, isNew: boolean): Partition {
    const log = logs.getOrCreate(topic, number, { ...(topicId === zeroUuid ? {} : { topicId }), isNew });
    if (log.isOffline) throw new LogFailure(log.logDirectory, `the log directory of ${topic}-${number} is offline`);
    log.setHighWatermark(Math.max(log.highWatermark, logs.readHighWatermark(topic, number)));
    const partition = new Partition(brokerId, topic, number, log.topicId ?? topicId, log);
    partitions.set(partition.key, partition);
    return partition;
  }

  function stopOne(topic: string, number: number, leaderEpoch: number, isDeleted: boolean): number {
    const partition = partitionOf(topic, number);
    if (partition !== undefined && leaderEpoch >= 0 && leaderEpoch < partition.leaderEpoch) return errorCode('FENCED_LEADER_EPOCH');
    if (partition !== undefined) {
      fetchers.remove(partition);
      partitions.delete(partition.key);
      staged.delete(partition);
      waiting.wake(partition.key);
    }
    if (!isDeleted) return 0;
    try {
      logs.deleteLog(topic, number);
      return 0;
    } catch (error) {
      return asKafkaError(error, { topic, partition: number }).code;
    }
  }

  function checkControllerEpoch(epoch: number): void {
    if (epoch < controllerEpoch) throw new KafkaError('STALE_CONTROLLER_EPOCH', `controller epoch ${epoch} is older than ${controllerEpoch}`);
    controllerEpoch = epoch;
  }

  const self: ReplicaManager = {
    get controllerEpoch() {
      return controllerEpoch;
    },
    waiting,
    get partitions() {
      return partitions.values();
    },
    partitionOf,
    leaderOf,
    checkControllerEpoch,
    becomeLeaderOrFollower(request, version) {
      checkControllerEpoch(request.controllerEpoch);
      const topics = version < 2 ? ungrouped(request) : request.topicStates;
      const answers = topics.map(({ topicName, topicId, partitionStates }) => ({
        topicName,
        topicId,
        errors: partitionStates.map((state) => ({ topicName, partitionIndex: state.partitionIndex, errorCode: applyState(topicName, topicId, state.partitionIndex, state, state.isNew) })),
      }));
      fetchers.start(new Map(request.liveLeaders.map(({ brokerId: id, hostName, port }) => [id, { host: hostName, port }])));
      return version < 5
        ? { errorCode: 0, partitionErrors: answers.flatMap(({ errors }) => errors) }
        : { errorCode: 0, topics: answers.map(({ topicId, errors }) => ({ topicId, partitionErrors: errors.map(({ partitionIndex, errorCode: code }) => ({ partitionIndex, errorCode: code })) })) };
    },
    stopReplicas(request, version) {
      checkControllerEpoch(request.controllerEpoch);
      const stops = stopsOf(request, version);
      return {
        errorCode: 0,
        partitionErrors: stops.map(({ topic, partition, leaderEpoch, isDeleted }) => ({ topicName: topic, partitionIndex: partition, errorCode: stopOne(topic, partition, leaderEpoch, isDeleted) })),
      };
    },
    append(parts, acks, timeoutMs, done) {
      for (const part of parts) if (part.error === undefined) stage(part, acks);
      pending.push({ parts, acks, timeoutMs, done });
    },
    flushAppends,
    replicaChanged,
    followerFetched(partition, followerId, fetchOffset, logStartOffset) {
      const isr = partition.followerFetched(followerId, fetchOffset, logStartOffset, clock.monotonicMs());
      if (isr !== undefined && options.isBrokerAlive(followerId)) changeIsr(partition, isr);
      if (partition.advanceHighWatermark(clock.monotonicMs(), lagMaxMs)) waiting.wake(partition.key);
    },
    start() {
      repeat(lagMaxMs / 2, () => {
        for (const partition of partitions.values()) {
          const isr = partition.shrink(clock.monotonicMs(), lagMaxMs);
          if (isr !== undefined) changeIsr(partition, isr);
        }
      });
      repeat(config['replica.high.watermark.checkpoint.interval.ms'], () => logs.checkpointHighWatermarks());
    },
    close() {
      isClosed = true;
      for (const timer of timers) timer.cancel();
      fetchers.close();
    },
  };
  const fetchers = options.fetchers(self);
  return self;
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

