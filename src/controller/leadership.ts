import { KafkaError } from '../protocol/errors.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { partitionPath, partitionStatePath, partitionsPath } from '../zookeeper/paths.ts';
import { encodePartitionState } from '../zookeeper/znodes/partition-state.ts';
import type { PartitionState } from '../zookeeper/znodes/partition-state.ts';
import type { Operation } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';
import type { ClusterLoader } from './cluster-loader.ts';
import type { ClusterState, ControlledPartition } from './cluster-state.ts';
import { isReplicaOnline, partitionsOf } from './cluster-state.ts';
import { electForShutdown, electOffline, electPreferred, firstState, needsUncleanElection, repaired, takenOffline, withoutReplica } from './elections.ts';
import type { Living } from './elections.ts';
import type { GuardedWriter } from './guarded-writer.ts';
import { operationsPerTransaction } from './guarded-writer.ts';
import { judgeIsrChange } from './isr-changes.ts';
import type { WantedIsr } from './isr-changes.ts';
import type { Messenger } from './messenger.ts';

/** Stores what elections.ts decides, and tells the brokers. A change that was stored and not yet told is told by the next call. */
export interface Leadership {
  /**
   * Gives every partition a leader where one can be, and takes brokers that are gone out of the ISRs.
   * @param failed brokers that are back and count as gone: what they led gets a new epoch
   */
  reconcile(failed?: ReadonlySet<number>): Promise<void>;
  /**
   * What a new controller does first: replicas that do not live leave the ISRs, and what they led has no leader. Whoever
   * leads now is elected from what is left, in an epoch of its own.
   */
  takeDeadOffline(): Promise<void>;
  /** A replica of a topic that is deleted leaves its ISR. Nobody is told: the replicas go. */
  takeDeletedOffline(partition: ControlledPartition, brokerId: number): Promise<void>;
  /**
   * Decides and stores; decides again when another's change came first.
   * @param newTo brokers that have not had the partition before
   */
  change(partition: ControlledPartition, decide: Decision, newTo?: ReadonlySet<number>): Promise<void>;
  /** Tells every broker what was stored and not yet told. */
  tell(): void;
  /** Elects where it is possible. @returns for each partition undefined, or why not */
  elect(partitions: readonly ControlledPartition[], type: ElectionType): Promise<readonly (KafkaError | undefined)[]>;
  /** Stores the ISRs that leaders want, where they may have them. */
  alterPartitions(changes: readonly IsrChange[]): Promise<readonly IsrAnswer[]>;
  /**
   * Moves a broker's leaders away and takes it out of the ISRs.
   * @returns the partitions that it still leads and another may lead later; where no other replica lives that does not
   * stop too, waiting gains nothing (Apache Kafka's broker would wait)
   * @throws KafkaError BROKER_NOT_AVAILABLE, STALE_BROKER_EPOCH
   */
  shutDown(brokerId: number, brokerEpoch: number): Promise<readonly ControlledPartition[]>;
}

export interface LeadershipOptions {
  readonly cluster: ClusterState;
  readonly loader: ClusterLoader;
  readonly writer: GuardedWriter;
  readonly messenger: Messenger;
  readonly logger: Logger;
  readonly controllerEpoch: number;
  readonly isUncleanElectionAllowed: (topic: string) => Promise<boolean>;
}

/** A leader's wish for one of its partitions; of one that the controller does not know, only the wish. */
export interface IsrChange {
  readonly partition: ControlledPartition | undefined;
  readonly wanted: WantedIsr;
}

/** What is stored, or why the change is refused. */
export type IsrAnswer = NonNullable<ControlledPartition['leadership']> | ErrorName;

/** Of ElectLeaders (KIP-460): to the first replica of the assignment, where it is in sync; or to any that lives, where nobody leads. */
export type ElectionType = 'preferred' | 'unclean';

export type Decision = (state: PartitionState) => PartitionState | undefined | Promise<PartitionState | undefined>;

export function createLeadership(options: LeadershipOptions): Leadership {
  const { cluster, loader, writer, messenger, logger, controllerEpoch } = options;
  /** By partition: the brokers to which it is new. */
  const untold = new Map<ControlledPartition, ReadonlySet<number>>();

  function living(failed: ReadonlySet<number>): Living {
    const registered = new Set(Array.from(cluster.brokers.keys()).filter((id) => !failed.has(id)));
    return { registered, electable: new Set(Array.from(registered).filter((id) => !cluster.stopping.has(id))) };
  }

  /** As far as this partition is concerned: a replica in a failed log directory does not live. */
  function livingFor(partition: ControlledPartition, { registered, electable }: Living): Living {
    if (cluster.offlineReplicas.size === 0) return { registered, electable };
    const online = (ids: ReadonlySet<number>): ReadonlySet<number> => new Set(Array.from(ids).filter((id) => isReplicaOnline(cluster, id, partition)));
    return { registered: online(registered), electable: online(electable) };
  }

  async function reconcile(failed: ReadonlySet<number> = new Set()): Promise<void> {
    const now = living(failed);
    const kept = Array.from(partitionsOf(cluster)).filter(({ topic }) => !cluster.toDelete.has(topic));
    const led = kept.filter(({ leadership }) => leadership !== undefined);
    try {
      await allDone([
        createFirst(kept.filter(({ leadership }) => leadership === undefined), now),
        ...led.map((partition) => change(partition, (state) => repair(partition, state, livingFor(partition, now)))),
      ]);
    } finally {
      tell();
    }
  }

  async function repair(partition: ControlledPartition, state: PartitionState, now: Living): Promise<PartitionState | undefined> {
    const { topic, assignment: { replicas } } = partition;
    const isUnclean = needsUncleanElection(replicas, state, now) && (await options.isUncleanElectionAllowed(topic));
    if (isUnclean) logger.warn('unclean leader election: records may be lost', { topic, partition: partition.partition, formerIsr: state.isr });
    return repaired(replicas, state, now, isUnclean, controllerEpoch);
  }

  async function change(partition: ControlledPartition, decide: Decision, newTo: ReadonlySet<number> = nobody): Promise<void> {
    while (partition.leadership !== undefined) {
      const next = await decide(partition.leadership.state);
      if (next === undefined || (await store(partition, next, partition.leadership.version, newTo))) return;
    }
  }

  async function store(partition: ControlledPartition, state: PartitionState, version: number, newTo: ReadonlySet<number> = nobody): Promise<boolean> {
    const path = partitionStatePath(partition.topic, partition.partition);
    try {
      const [stored] = await writer.write([{ kind: 'set', path, data: encodePartitionState(state), version }]);
      partition.leadership = { state, version: stored!.stat!.version };
      untold.set(partition, newTo.size > 0 ? newTo : (untold.get(partition) ?? nobody));
      logger.info('leader and isr changed', { topic: partition.topic, partition: partition.partition, leader: state.leader, isr: state.isr, leaderEpoch: state.leaderEpoch });
      return true;
    } catch (error) {
      if (!(error instanceof ZooKeeperError) || (error.name !== 'BAD_VERSION' && error.name !== 'NO_NODE')) throw error;
      await loader.refreshLeadership(partition);
      return false;
    }
  }

  async function createFirst(partitions: readonly ControlledPartition[], now: Living): Promise<void> {
    const byTopic = new Map<string, FreshPartition[]>();
    for (const partition of partitions) {
      const state = firstState(partition.assignment.replicas, livingFor(partition, now).electable, controllerEpoch);
      if (state === undefined) {
        logger.warn('no replica lives; the partition has no leader', { topic: partition.topic, partition: partition.partition, replicas: partition.assignment.replicas });
        continue;
      }
      const ofTopic = byTopic.get(partition.topic);
      if (ofTopic === undefined) byTopic.set(partition.topic, [{ partition, state }]);
      else ofTopic.push({ partition, state });
    }
    await allDone(Array.from(byTopic, ([topic, fresh]) => createStates(topic, fresh)));
  }

  async function createStates(topic: string, fresh: readonly FreshPartition[]): Promise<void> {
    const perTransaction = Math.floor(operationsPerTransaction / 2) - 1;
    const isKnown = Array.from(cluster.topics.get(topic)!.partitions.values()).some(({ leadership }) => leadership !== undefined);
    for (let at = 0; at < fresh.length; at += perTransaction) {
      const some = fresh.slice(at, at + perTransaction);
      const parent: Operation[] = at === 0 && !isKnown ? [{ kind: 'create', path: partitionsPath(topic), data: undefined }] : [];
      try {
        await writer.write([...parent, ...some.flatMap(({ partition, state }) => stateOperations(topic, partition.partition, state))]);
        for (const { partition, state } of some) created(partition, state);
      } catch (error) {
        if (!(error instanceof ZooKeeperError) || error.name !== 'NODE_EXISTS') throw error;
        await createMissingStates(topic, some);
      }
    }
  }

  /** An earlier try, of this controller or the one before, came half way. */
  async function createMissingStates(topic: string, fresh: readonly FreshPartition[]): Promise<void> {
    await writer.ensure(partitionsPath(topic));
    for (const { partition, state } of fresh) {
      await writer.ensure(partitionPath(topic, partition.partition));
      const [, operation] = stateOperations(topic, partition.partition, state);
      try {
        await writer.write([operation!]);
        created(partition, state);
      } catch (error) {
        if (!(error instanceof ZooKeeperError) || error.name !== 'NODE_EXISTS') throw error;
        await loader.refreshLeadership(partition);
        if (partition.leadership !== undefined) untold.set(partition, new Set(partition.assignment.replicas));
      }
    }
  }

  function created(partition: ControlledPartition, state: PartitionState): void {
    partition.leadership = { state, version: 0 };
    untold.set(partition, new Set(partition.assignment.replicas));
  }

  async function alterOne({ partition, wanted }: IsrChange, now: Living): Promise<IsrAnswer> {
    if (partition?.leadership === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION';
    const verdict = judgeIsrChange(partition.leadership, wanted, livingFor(partition, now).electable, controllerEpoch);
    if (verdict.kind === 'refused') return verdict.error;
    if (verdict.kind === 'store' && !(await store(partition, verdict.state, partition.leadership.version))) return 'INVALID_UPDATE_VERSION';
    return partition.leadership;
  }

  function tell(brokerIds: Iterable<number> = cluster.brokers.keys()): void {
    if (untold.size === 0) return;
    for (const id of brokerIds) {
      const of = (isNew: boolean): ControlledPartition[] => Array.from(untold).flatMap(([partition, newTo]) => (newTo.has(id) === isNew ? [partition] : []));
      messenger.tellLeadership([id], of(true), true);
      messenger.tellLeadership([id], of(false), false);
    }
    messenger.tellMetadata(cluster.brokers.keys(), Array.from(untold.keys()));
    untold.clear();
  }

  /** @returns undefined when it led to a leader */
  async function electOne(partition: ControlledPartition, type: ElectionType, now: Living): Promise<KafkaError | undefined> {
    const { registered, electable } = livingFor(partition, now);
    const { topic, partition: number, assignment: { replicas }, leadership } = partition;
    const key = `${topic}-${number}`;
    const leader = leadership?.state.leader ?? -1;
    const isNeeded = type === 'preferred' ? leader !== replicas[0] : !registered.has(leader);
    if (!isNeeded) return new KafkaError('ELECTION_NOT_NEEDED', 'Leader election not needed for topic partition.');
    // The leader may have changed its ISR and not told yet.
    await loader.refreshLeadership(partition);
    await change(partition, (state) =>
      type === 'preferred' ? electPreferred(replicas, state, electable, controllerEpoch) : electOffline(replicas, state, electable, true, controllerEpoch),
    );
    const isElected = partition.leadership !== undefined && (type === 'preferred' ? partition.leadership.state.leader === replicas[0] : registered.has(partition.leadership.state.leader));
    if (isElected) return undefined;
    const strategy = type === 'preferred' ? 'PreferredReplicaPartitionLeaderElectionStrategy' : 'OfflinePartitionLeaderElectionStrategy(true)';
    return new KafkaError(type === 'preferred' ? 'PREFERRED_LEADER_NOT_AVAILABLE' : 'ELIGIBLE_LEADERS_NOT_AVAILABLE', `Failed to elect leader for partition ${key} under strategy ${strategy}`);
  }

  return {
    reconcile,
    async takeDeadOffline() {
      const now = living(new Set());
      await allDone(
        Array.from(partitionsOf(cluster), async (partition) => {
          const { registered } = livingFor(partition, now);
          const dead = (partition.leadership?.state.isr ?? []).filter((id) => !registered.has(id)).sort((a, b) => a - b);
          for (const id of dead) await change(partition, (state) => takenOffline(state, id, controllerEpoch));
        }),
      );
    },
    async takeDeletedOffline(partition, brokerId) {
      await change(partition, (state) => takenOffline(state, brokerId, controllerEpoch));
      untold.delete(partition);
    },
    change,
    tell: () => tell(),
    async elect(partitions, type) {
      const now = living(new Set());
      try {
        return await Promise.all(partitions.map((partition) => electOne(partition, type, now)));
      } finally {
        tell();
      }
    },
    async alterPartitions(changes) {
      const now = living(new Set());
      const answers = await Promise.all(changes.map((change) => alterOne(change, now)));
      // No epoch changed, so LeaderAndIsr would say nothing new: metadata alone travels.
      messenger.tellMetadata(cluster.brokers.keys(), Array.from(untold.keys()));
      untold.clear();
      return answers;
    },
    async shutDown(brokerId, brokerEpoch) {
      const broker = cluster.brokers.get(brokerId);
      if (broker === undefined) throw new KafkaError('BROKER_NOT_AVAILABLE', `broker ${brokerId} is not registered`);
      if (brokerEpoch >= 0 && brokerEpoch !== broker.epoch) throw new KafkaError('STALE_BROKER_EPOCH', `broker ${brokerId} has epoch ${broker.epoch}, not ${brokerEpoch}`);
      cluster.stopping.add(brokerId);
      await loader.refreshIsrsWithout([brokerId]);
      const now = living(new Set());
      const hosted = Array.from(partitionsOf(cluster)).filter(
        ({ topic, assignment: { replicas }, leadership }) => replicas.length > 1 && replicas.includes(brokerId) && leadership !== undefined && !cluster.toDelete.has(topic),
      );
      const decide = (partition: ControlledPartition): Decision => (state) =>
        state.leader === brokerId ? electForShutdown(partition.assignment.replicas, state, livingFor(partition, now).registered, cluster.stopping, controllerEpoch) : withoutReplica(state, brokerId, controllerEpoch);
      await allDone(hosted.map((partition) => change(partition, decide(partition))));
      const isLed = ({ leadership }: ControlledPartition): boolean => leadership?.state.leader === brokerId;
      const left = hosted.filter((partition) => !isLed(partition));
      // Stopped rather than made followers, so that none gets back into an ISR.
      if (left.length > 0) messenger.tellStop(brokerId, left, false);
      tell(Array.from(cluster.brokers.keys()).filter((id) => id !== brokerId));
      return hosted.filter((partition) => isLed(partition) && partition.assignment.replicas.some((id) => livingFor(partition, now).electable.has(id)));
    },
  };
}

const nobody: ReadonlySet<number> = new Set();

interface FreshPartition {
  readonly partition: ControlledPartition;
  readonly state: PartitionState;
}

function stateOperations(topic: string, partition: number, state: PartitionState): readonly Operation[] {
  return [
    { kind: 'create', path: partitionPath(topic, partition), data: undefined },
    { kind: 'create', path: partitionStatePath(topic, partition), data: encodePartitionState(state) },
  ];
}

/** Waits for all, also where one fails; then throws the first failure. */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
