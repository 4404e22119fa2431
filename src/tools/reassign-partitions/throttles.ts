import type { ConfigChanges } from '../../client/admin-partition-types.ts';
import type { TopicPartition } from '../topic-partitions.ts';
import { partitionKey } from '../topic-partitions.ts';
import type { Placement } from './plan.ts';

/*
 * A throttled move: topic configs name the replicas that count ("0:1" is partition 0 on broker 1), broker configs hold
 * the rate. Leaders are throttled where the data comes from, followers where it goes.
 */

const leaderReplicas = 'leader.replication.throttled.replicas';
const followerReplicas = 'follower.replication.throttled.replicas';
const leaderRate = 'leader.replication.throttled.rate';
const followerRate = 'follower.replication.throttled.rate';
const logDirRate = 'replica.alter.log.dirs.io.max.bytes.per.second';

export interface Move extends TopicPartition {
  readonly sources: readonly number[];
  readonly destinations: readonly number[];
}

/** All partitions that will be moving: those under way and those of the plan, which win. */
export function movesOf(
  ongoing: readonly (Placement & { readonly addingReplicas: readonly number[] })[],
  proposed: readonly Placement[],
  current: readonly Placement[],
): Move[] {
  const moves = new Map<string, Move>();
  for (const { topic, partition, replicas, addingReplicas } of ongoing) {
    moves.set(partitionKey({ topic, partition }), { topic, partition, sources: replicas.filter((id) => !addingReplicas.includes(id)), destinations: addingReplicas });
  }
  const present = new Map(current.map((placement) => [partitionKey(placement), placement.replicas]));
  for (const { topic, partition, replicas } of proposed) {
    const key = partitionKey({ topic, partition });
    const sources = moves.get(key)?.sources ?? present.get(key) ?? [];
    moves.set(key, { topic, partition, sources, destinations: replicas.filter((id) => !sources.includes(id)) });
  }
  return [...moves.values()];
}

/** The topic configs that name the throttled replicas. */
export function replicaThrottles(moves: readonly Move[]): ConfigChanges[] {
  const topics = [...new Set(moves.map(({ topic }) => topic))];
  return topics.map((name) => {
    const its = moves.filter(({ topic }) => topic === name);
    const listed = (idsOf: (move: Move) => readonly number[]): string => [...new Set(its.flatMap((move) => idsOf(move).map((id) => `${move.partition}:${id}`)))].sort().join(',');
    return {
      type: 'topic',
      name,
      changes: [
        { name: leaderReplicas, operation: 'set', value: listed(({ sources }) => sources) },
        { name: followerReplicas, operation: 'set', value: listed(({ destinations }) => destinations) },
      ],
    };
  });
}

/** The rate of copies between brokers, at every broker that takes part. */
export function interBrokerRates(moves: readonly Move[], bytesPerSecond: number): ConfigChanges[] {
  const brokerIds = [...new Set(moves.flatMap(({ sources, destinations }) => [...sources, ...destinations]))].toSorted((a, b) => a - b);
  return brokerIds.map((id) => brokerConfig(id, [leaderRate, followerRate], String(bytesPerSecond)));
}

/** The rate of copies between a broker's log directories. */
export function logDirRates(brokerIds: readonly number[], bytesPerSecond: number): ConfigChanges[] {
  return [...new Set(brokerIds)].map((id) => brokerConfig(id, [logDirRate], String(bytesPerSecond)));
}

export function withoutBrokerRates(brokerIds: readonly number[]): ConfigChanges[] {
  return brokerIds.map((id) => brokerConfig(id, [leaderRate, followerRate, logDirRate], null));
}

export function withoutReplicaThrottles(topics: readonly string[]): ConfigChanges[] {
  return topics.map((name) => ({ type: 'topic', name, changes: [leaderReplicas, followerReplicas].map((config) => ({ name: config, operation: 'delete', value: null })) }));
}

/** A value of null removes. */
function brokerConfig(id: number, names: readonly string[], value: string | null): ConfigChanges {
  return { type: 'broker', name: String(id), changes: names.map((name) => ({ name, operation: value === null ? 'delete' : 'set', value })) };
}
