import type { TopicPartition } from '../group/partition-map.ts';

/** The partitions of a transaction, by topic as its record holds them. Never changed in place. */
export type Partitions = ReadonlyMap<string, ReadonlySet<number>>;

export const noPartitions: Partitions = new Map();

export function partitionsOf(list: Iterable<TopicPartition>): Partitions {
  const topics = new Map<string, Set<number>>();
  for (const { topic, partition } of list) {
    const known = topics.get(topic);
    if (known === undefined) topics.set(topic, new Set([partition]));
    else known.add(partition);
  }
  return topics;
}

export function listOf(partitions: Partitions): readonly TopicPartition[] {
  return Array.from(partitions, ([topic, numbers]) => Array.from(numbers, (partition) => ({ topic, partition }))).flat();
}

export function hasPartition(partitions: Partitions, { topic, partition }: TopicPartition): boolean {
  return partitions.get(topic)?.has(partition) ?? false;
}

export function withPartitions(partitions: Partitions, added: Iterable<TopicPartition>): Partitions {
  return partitionsOf([...listOf(partitions), ...added]);
}

export function withoutPartition(partitions: Partitions, { topic, partition }: TopicPartition): Partitions {
  const left = new Set(partitions.get(topic));
  left.delete(partition);
  const result = new Map(partitions);
  if (left.size === 0) result.delete(topic);
  else result.set(topic, left);
  return result;
}
