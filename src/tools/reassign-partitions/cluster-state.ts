import type { ConfigChanges } from '../../client/admin-partition-types.ts';
import type { Admin } from '../../client/admin-types.ts';
import { KafkaError } from '../../protocol/errors.ts';
import { javaHashOrder } from '../../client/java-hash-order.ts';
import { compareTopicPartitions, partitionKey, partitionName } from '../topic-partitions.ts';
import type { Placement, ReplicaPlace } from './plan.ts';
import type { PartitionStatus, ReplicaStatus } from './status.ts';
import { replicaStates } from './status.ts';
import type { Move } from './throttles.ts';
import { interBrokerRates, logDirRates, replicaThrottles } from './throttles.ts';

/** Where the partitions of some topics are, by topic and partition. @throws KafkaError when one does not exist */
export async function placementsOfTopics(admin: Admin, topics: readonly string[]): Promise<Placement[]> {
  const names = [...new Set(topics)];
  const descriptions = names.length === 0 ? [] : await admin.describeTopics(names);
  return descriptions
    .flatMap(({ name, topic, error }) => {
      if (error?.name === 'UNKNOWN_TOPIC_OR_PARTITION') throw new KafkaError(error.name, `Topic ${name} not found.`, { cause: error });
      if (error !== undefined) throw error;
      return (topic?.partitions ?? []).map(({ partition, replicas }) => ({ topic: name, partition, replicas }));
    })
    .toSorted(compareTopicPartitions);
}

/** Where the partitions of a plan are now. @throws KafkaError when one does not exist */
export async function placementsOfPlan(admin: Admin, plan: readonly Placement[]): Promise<Placement[]> {
  const all = await placementsOfTopics(admin, plan.map(({ topic }) => topic));
  const wanted = new Set(plan.map(partitionKey));
  const found = all.filter((placement) => wanted.has(partitionKey(placement)));
  const present = new Set(found.map(partitionKey));
  const missing = plan.filter((placement) => !present.has(partitionKey(placement))).map(partitionName);
  if (missing.length > 0) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `Unable to find partition: ${missing.join(', ')}`);
  return found;
}

/** How far the partitions of a plan are, and whether anything at all is under way, of the plan or not. */
export async function partitionStates(admin: Admin, plan: readonly Placement[]): Promise<{ readonly states: PartitionStatus[]; readonly isAnyMoving: boolean }> {
  const ongoing = new Map((await admin.listPartitionReassignments()).map((its) => [partitionKey(its), its]));
  const settled = plan.filter((placement) => !ongoing.has(partitionKey(placement)));
  const names = [...new Set(settled.map(({ topic }) => topic))];
  const present = new Map<string, readonly number[]>();
  for (const { name, topic, error } of names.length === 0 ? [] : await admin.describeTopics(names)) {
    if (error !== undefined && error.name !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
    for (const { partition, replicas } of topic?.partitions ?? []) present.set(partitionKey({ topic: name, partition }), replicas);
  }
  const states = new Map(
    plan.map((placement): [string, PartitionStatus] => {
      const key = partitionKey(placement);
      const moving = ongoing.get(key);
      return [key, { ...placement, isMoving: moving !== undefined, current: moving?.replicas ?? present.get(key) ?? [] }];
    }),
  );
  return { states: [...states.values()], isAnyMoving: ongoing.size > 0 };
}

/** In which log directories the replicas of a plan are. */
export async function replicaStatesOf(admin: Admin, moves: readonly ReplicaPlace[]): Promise<ReplicaStatus[]> {
  if (moves.length === 0) return [];
  const brokerIds = [...new Set(moves.map(({ brokerId }) => brokerId))];
  return replicaStates(moves, await admin.describeLogDirs(brokerIds, moves));
}

/** @throws KafkaError the first refusal */
export async function changeConfigs(admin: Admin, changes: readonly ConfigChanges[]): Promise<void> {
  for (const { error } of await admin.incrementalAlterConfigs(changes)) if (error !== undefined) throw error;
}

/** Limits the moves: which replicas count, then how fast. */
export async function throttleMoves(admin: Admin, moves: readonly Move[], bytesPerSecond: number): Promise<string> {
  await changeConfigs(admin, replicaThrottles(moves));
  await changeConfigs(admin, interBrokerRates(moves, bytesPerSecond));
  return `The inter-broker throttle limit was set to ${bytesPerSecond} B/s`;
}

/** Limits copies between the log directories of the brokers of some replicas. */
export async function throttleLogDirs(admin: Admin, places: readonly ReplicaPlace[], bytesPerSecond: number): Promise<string> {
  await changeConfigs(admin, logDirRates(places.map(({ brokerId }) => brokerId), bytesPerSecond));
  return `The replica-alter-dir throttle limit was set to ${bytesPerSecond} B/s`;
}

/** Brokers that a plan names and the cluster does not have, in the order of a java.util.HashSet. */
export async function unknownBrokers(admin: Admin, plan: readonly Placement[]): Promise<number[]> {
  const known = new Set((await admin.describeCluster()).nodes.map(({ id }) => id));
  return javaHashOrder([...new Set(plan.flatMap(({ replicas }) => replicas))], (id) => id).filter((id) => !known.has(id));
}

/** Live brokers and those of a plan: all that may have a throttle, for which were the sources is not known any more. */
export async function concernedBrokers(admin: Admin, plan: readonly Placement[]): Promise<number[]> {
  const live = (await admin.describeCluster()).nodes.map(({ id }) => id);
  return javaHashOrder([...new Set([...live, ...plan.flatMap(({ replicas }) => replicas)])], (id) => id);
}
