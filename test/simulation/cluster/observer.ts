import type { LeadershipState, Partition } from '../../../src/replica/partition.ts';
import type { MetadataCache } from '../../../src/broker/metadata-cache.ts';
import { brokerTopicsOf, keyOf } from './stored-topics.ts';
import type { StoredPartition } from './stored-topics.ts';
import type { BrokerMachine } from '../world/broker-machine.ts';
import type { Cluster } from './cluster.ts';

/** A replica as it was after a step. What a dead broker's replica had stays known. */
export interface ReplicaView {
  readonly machine: BrokerMachine;
  readonly life: number;
  /** Topic, topic id and number: another topic of the same name is another partition. */
  readonly key: string;
  readonly partition: Partition;
  readonly isLeader: boolean;
  readonly leaderEpoch: number;
  /** What the broker believes: leader, epochs and ISR. Another object with each change. */
  readonly state: LeadershipState;
  readonly logStartOffset: number;
  /** What was written; what is only staged does not count. */
  readonly logEndOffset: number;
  readonly highWatermark: number;
}

/** What checkers of a running cluster are told, and may look at. They change nothing. */
export interface ClusterView {
  readonly cluster: Cluster;
  /** All replicas of a partition that were ever seen, as they were last. */
  replicasOf(key: string): readonly ReplicaView[];
  storedOf(key: string): StoredPartition | undefined;
}

export interface LiveChecker {
  /** @param before undefined when a broker has opened it just now */
  replicaChanged?(now: ReplicaView, before: ReplicaView | undefined): void;
  /** What ZooKeeper has of a partition. */
  stored?(now: StoredPartition): void;
  metadataUpdated?(machine: BrokerMachine, cache: MetadataCache): void;
  /** Each ten seconds of simulated time. */
  now?(): void;
}

export type CreateLiveChecker = (view: ClusterView) => LiveChecker;

const tickMs = 10_000;

/** Compares the brokers and ZooKeeper with what they were a step ago, and tells checkers what has changed. */
export function observe(cluster: Cluster, create: readonly CreateLiveChecker[]): void {
  const { world, machines } = cluster;
  const replicas = new Map<string, Map<BrokerMachine, ReplicaView>>();
  const stored = new Map<string, StoredPartition>();
  const views = new Map<Partition, ReplicaView>();
  const watchedCaches = new Set<MetadataCache>();
  const updatedCaches = new Map<MetadataCache, BrokerMachine>();
  const view: ClusterView = {
    cluster,
    replicasOf: (key) => Array.from(replicas.get(key)?.values() ?? []),
    storedOf: (key) => stored.get(key),
  };
  const checkers = create.map((one) => one(view));
  const topics = brokerTopicsOf(world.zookeeper);
  let lastZxid = -1;
  let tickedMs = 0;

  function lookAtReplica(machine: BrokerMachine, partition: Partition): void {
    const before = views.get(partition);
    const { log, isLeader, leaderEpoch, state } = partition;
    if (
      before !== undefined &&
      before.highWatermark === log.highWatermark &&
      before.logEndOffset === log.writtenEndOffset &&
      before.state === state &&
      before.logStartOffset === log.logStartOffset
    ) return;
    if (state === undefined) return;
    const key = before?.key ?? keyOf(partition.key, partition.topicId);
    const now: ReplicaView = {
      machine,
      life: machine.life,
      key,
      partition,
      isLeader,
      leaderEpoch,
      state,
      logStartOffset: log.logStartOffset,
      logEndOffset: log.writtenEndOffset,
      highWatermark: log.highWatermark,
    };
    views.set(partition, now);
    let ofKey = replicas.get(key);
    if (ofKey === undefined) replicas.set(key, (ofKey = new Map()));
    const former = ofKey.get(machine);
    if (former !== undefined && former.partition !== partition) views.delete(former.partition);
    ofKey.set(machine, now);
    for (const checker of checkers) checker.replicaChanged?.(now, before);
  }

  function watchCache(machine: BrokerMachine, cache: MetadataCache): void {
    if (watchedCaches.has(cache)) return;
    watchedCaches.add(cache);
    cache.onUpdate(() => updatedCaches.set(cache, machine));
  }

  world.timeline.afterEachStep(() => {
    const { zookeeper } = world;
    if (zookeeper.lastZxid !== lastZxid) {
      lastZxid = zookeeper.lastZxid;
      for (const changed of topics.changed()) {
        stored.set(changed.key, changed);
        for (const checker of checkers) checker.stored?.(changed);
      }
    }
    for (const machine of machines) {
      const { inside, process } = machine;
      if (inside === undefined || (world.ran.size > 0 && !world.ran.has(process!))) continue;
      watchCache(machine, inside.cache);
      for (const partition of inside.replicas.partitions()) lookAtReplica(machine, partition);
    }
    world.ran.clear();
    if (updatedCaches.size > 0) {
      for (const [cache, machine] of updatedCaches) for (const checker of checkers) checker.metadataUpdated?.(machine, cache);
      updatedCaches.clear();
    }
    if (world.timeline.nowMs - tickedMs < tickMs) return;
    tickedMs = world.timeline.nowMs;
    for (const checker of checkers) checker.now?.();
  });
}
