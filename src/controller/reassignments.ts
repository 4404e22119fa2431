import { KafkaError } from '../protocol/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { partitionStatePath, reassignPartitionsPath, topicPath } from '../zookeeper/paths.ts';
import { MalformedZnode } from '../zookeeper/znodes/json.ts';
import type { TopicPartition } from '../zookeeper/znodes/partitions.ts';
import { decodeReassignPartitions, encodeReassignPartitions } from '../zookeeper/znodes/reassign-partitions.ts';
import type { PartitionReassignment } from '../zookeeper/znodes/reassign-partitions.ts';
import { encodeTopic, topicZnodeVersion } from '../zookeeper/znodes/topic.ts';
import type { PartitionAssignment } from '../zookeeper/znodes/topic.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import type { ClusterLoader } from './cluster-loader.ts';
import type { ClusterState, ControlledPartition } from './cluster-state.ts';
import { partitionsOf } from './cluster-state.ts';
import { electReassigned, withNewEpoch, withoutReplica } from './elections.ts';
import type { GuardedWriter } from './guarded-writer.ts';
import type { Leadership } from './leadership.ts';
import type { Messenger } from './messenger.ts';
import { isBeingReassigned, isReassignmentComplete, originOf, reassignedTo, targetFault, targetOf } from './reassignment.ts';

/** A wish for other replicas; undefined takes a running reassignment back. */
export interface WantedReplicas extends TopicPartition {
  readonly target: readonly number[] | undefined;
}

/**
 * Moves partitions to other brokers: the new replicas are added, and once all are in sync the old ones leave. The topic's
 * znode tells at any time how far it is, so that the next controller goes on.
 */
export interface Reassignments {
  /** Takes up what earlier controllers began, and /admin/reassign_partitions. */
  load(changed: () => void): Promise<void>;
  /** Reads /admin/reassign_partitions, which old tools write. */
  loadNode(changed: () => void): Promise<void>;
  /** @returns for each wish undefined, or why it is refused */
  reassign(wishes: readonly WantedReplicas[]): Promise<readonly (KafkaError | undefined)[]>;
  /** Goes on with reassignments that wait for brokers which have come. */
  brokersCame(ids: readonly number[]): Promise<void>;
  /** Looks whether the ISRs of these partitions now have all that their reassignment wants. */
  isrChanged(partitions: readonly ControlledPartition[]): Promise<void>;
  readonly running: () => readonly ControlledPartition[];
  isRunningFor(topic: string): boolean;
}

export interface ReassignmentsOptions {
  readonly zookeeper: ZooKeeper;
  readonly writer: GuardedWriter;
  readonly cluster: ClusterState;
  readonly loader: ClusterLoader;
  readonly leadership: Leadership;
  readonly messenger: Messenger;
  readonly logger: Logger;
  readonly controllerEpoch: number;
  readonly enqueue: (name: string, event: () => Promise<void>) => void;
  /** One has ended; its topic may now be deleted. */
  readonly ended: () => Promise<void>;
}

export function createReassignments(options: ReassignmentsOptions): Reassignments {
  const { zookeeper, writer, cluster, loader, leadership, messenger, logger, controllerEpoch } = options;
  /** What is under way, by partition, as the topic's znode has it. */
  const running = new Map<ControlledPartition, PartitionAssignment>();
  const watched = new Set<ControlledPartition>();

  const live = (): ReadonlySet<number> => new Set(cluster.brokers.keys());
  const partitionOf = ({ topic, partition }: TopicPartition): ControlledPartition | undefined => cluster.topics.get(topic)?.partitions.get(partition);
  const isKept = ({ topic }: TopicPartition): boolean => cluster.topics.has(topic) && !cluster.toDelete.has(topic);

  async function storeAssignment({ topic, partition }: ControlledPartition, assignment: PartitionAssignment): Promise<void> {
    const { topicId, partitions } = cluster.topics.get(topic)!;
    const all = new Map(Array.from(partitions, ([number, one]) => [number, number === partition ? assignment : (running.get(one) ?? one.assignment)]));
    await writer.write([{ kind: 'set', path: topicPath(topic), data: encodeTopic({ version: topicZnodeVersion, topicId, partitions: all }), version: -1 }]);
  }

  async function begin(partition: ControlledPartition, target: readonly number[]): Promise<void> {
    const before = running.get(partition) ?? partition.assignment;
    const assignment = reassignedTo(before, target);
    const unneeded = before.replicas.filter((id) => !assignment.replicas.includes(id));
    await storeAssignment(partition, assignment);
    partition.assignment = assignment;
    running.set(partition, assignment);
    logger.info('reassignment begins', { topic: partition.topic, partition: partition.partition, from: originOf(assignment), to: target });
    await stop(partition, unneeded);
    await goOn(partition, assignment);
  }

  async function goOn(partition: ControlledPartition, assignment: PartitionAssignment): Promise<void> {
    await watch(partition);
    if (partition.leadership !== undefined && isReassignmentComplete(assignment, partition.leadership.state)) {
      await finish(partition, assignment);
      return;
    }
    await leadership.change(partition, (state) => withNewEpoch(state, controllerEpoch), new Set(assignment.addingReplicas));
    leadership.tell();
  }

  /** Leaders that write the state znode themselves are noticed at once; reads the state anew. */
  async function watch(partition: ControlledPartition): Promise<void> {
    if (watched.has(partition)) {
      await loader.refreshLeadership(partition);
      return;
    }
    watched.add(partition);
    const path = partitionStatePath(partition.topic, partition.partition);
    await zookeeper.find(path, () => {
      watched.delete(partition);
      options.enqueue('isr of a reassigned partition', () => look(partition));
    });
    await loader.refreshLeadership(partition);
  }

  async function look(partition: ControlledPartition): Promise<void> {
    const assignment = running.get(partition);
    if (assignment === undefined || partitionOf(partition) !== partition) return;
    await watch(partition);
    if (partition.leadership !== undefined && isReassignmentComplete(assignment, partition.leadership.state)) await finish(partition, assignment);
  }

  /** Each step may be done again, where a later one failed. */
  async function finish(partition: ControlledPartition, assignment: PartitionAssignment): Promise<void> {
    const target = targetOf(assignment);
    partition.assignment = { replicas: target, addingReplicas: [], removingReplicas: [] };
    await leadership.change(partition, (state) => (target.includes(state.leader) && live().has(state.leader) ? withNewEpoch(state, controllerEpoch) : electReassigned(target, state, live(), controllerEpoch)));
    leadership.tell();
    await stop(partition, assignment.removingReplicas);
    await storeAssignment(partition, partition.assignment);
    running.delete(partition);
    await removeFromNode(new Set([partition]));
    messenger.tellMetadata(cluster.brokers.keys(), [partition]);
    logger.info('reassignment done', { topic: partition.topic, partition: partition.partition, replicas: target });
    await options.ended();
  }

  /** Replicas that are no more: out of the ISR, and off the disk. */
  async function stop(partition: ControlledPartition, ids: readonly number[]): Promise<void> {
    for (const id of ids) await leadership.change(partition, (state) => withoutReplica(state, id, controllerEpoch));
    if (ids.length === 0) return;
    leadership.tell();
    for (const id of ids) {
      messenger.tellStop(id, [partition], false);
      messenger.tellStop(id, [partition], true);
    }
  }

  async function readNode(changed?: () => void): Promise<readonly PartitionReassignment[] | undefined> {
    const found = await zookeeper.find(reassignPartitionsPath, changed);
    if (found === undefined) return undefined;
    try {
      return decodeReassignPartitions(found.data);
    } catch (error) {
      if (!(error instanceof MalformedZnode)) throw error;
      logger.error('a znode makes no sense and is removed', { path: reassignPartitionsPath, error });
      return [];
    }
  }

  /** Takes entries off /admin/reassign_partitions; without entries it goes. */
  async function removeFromNode(gone: ReadonlySet<ControlledPartition | undefined>): Promise<void> {
    const entries = await readNode();
    if (entries === undefined) return;
    const left = entries.filter((entry) => !gone.has(partitionOf(entry)));
    if (left.length === 0) await writer.delete(reassignPartitionsPath);
    else if (left.length < entries.length) await writer.write([{ kind: 'set', path: reassignPartitionsPath, data: encodeReassignPartitions(left), version: -1 }]);
  }

  function judge({ topic, partition, target }: WantedReplicas): KafkaError | { readonly partition: ControlledPartition; readonly target: readonly number[] } {
    const found = partitionOf({ topic, partition });
    if (found === undefined || !isKept(found)) return new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', 'The partition does not exist.');
    const assignment = running.get(found) ?? found.assignment;
    if (target === undefined) {
      return isBeingReassigned(assignment) ? { partition: found, target: originOf(assignment) } : new KafkaError('NO_REASSIGNMENT_IN_PROGRESS', 'No partition reassignment is in progress.');
    }
    const fault = targetFault(target, live());
    return fault === undefined ? { partition: found, target } : new KafkaError('INVALID_REPLICA_ASSIGNMENT', fault);
  }

  async function reassign(wishes: readonly WantedReplicas[]): Promise<readonly (KafkaError | undefined)[]> {
    const verdicts = wishes.map(judge);
    for (const verdict of verdicts) if (!(verdict instanceof KafkaError)) await begin(verdict.partition, verdict.target);
    return verdicts.map((verdict) => (verdict instanceof KafkaError ? verdict : undefined));
  }

  async function loadNode(changed: () => void): Promise<void> {
    const entries = ((await readNode(changed)) ?? []).filter((entry) => !running.has(partitionOf(entry)!));
    const faults = await reassign(entries.map(({ topic, partition, replicas }) => ({ topic, partition, target: replicas })));
    const refused = new Set<ControlledPartition | undefined>();
    faults.forEach((fault, index) => {
      if (fault === undefined) return;
      const { topic, partition } = entries[index]!;
      logger.error('a reassignment cannot be', { topic, partition, reason: fault.message });
      refused.add(partitionOf(entries[index]!));
    });
    if (refused.size > 0) await removeFromNode(refused);
  }

  return {
    async load(changed) {
      const begun = Array.from(partitionsOf(cluster)).filter((partition) => isKept(partition) && isBeingReassigned(partition.assignment));
      for (const partition of begun) running.set(partition, partition.assignment);
      for (const partition of begun) await goOn(partition, partition.assignment);
      await loadNode(changed);
    },
    loadNode,
    reassign,
    async brokersCame(ids) {
      for (const [partition, assignment] of Array.from(running)) if (targetOf(assignment).some((id) => ids.includes(id))) await goOn(partition, assignment);
    },
    async isrChanged(partitions) {
      for (const partition of partitions) await look(partition);
    },
    running: () => Array.from(running.keys()),
    isRunningFor: (topic) => Array.from(running.keys()).some((partition) => partition.topic === topic),
  };
}
