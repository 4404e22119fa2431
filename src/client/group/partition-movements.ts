import { javaHashOrder, topicPartitionHashCode } from '../java-hash-order.ts';
import type { TopicPartition } from '../records.ts';

/** Who gave what to whom during one balancing, so that partitions of a topic are not swapped between two members. */
export interface PartitionMovements {
  moved(partition: TopicPartition, from: string, to: string): void;
  /** The partition to move in its place: one of the same topic that came the other way. */
  instead(partition: TopicPartition, from: string, to: string): TopicPartition;
}

export function partitionMovements(): PartitionMovements {
  const byPartition = new Map<TopicPartition, { readonly from: string; readonly to: string }>();
  const byTopic = new Map<string, Map<string, Set<TopicPartition>>>();
  const key = (from: string, to: string): string => JSON.stringify([from, to]);

  function add(partition: TopicPartition, from: string, to: string): void {
    byPartition.set(partition, { from, to });
    const pairs = byTopic.get(partition.topic) ?? new Map<string, Set<TopicPartition>>();
    byTopic.set(partition.topic, pairs);
    pairs.set(key(from, to), (pairs.get(key(from, to)) ?? new Set()).add(partition));
  }

  function remove(partition: TopicPartition, from: string, to: string): void {
    byPartition.delete(partition);
    const pairs = byTopic.get(partition.topic)!;
    const its = pairs.get(key(from, to))!;
    its.delete(partition);
    if (its.size === 0) pairs.delete(key(from, to));
  }

  return {
    moved(partition, from, to) {
      const earlier = byPartition.get(partition);
      if (earlier === undefined) {
        add(partition, from, to);
        return;
      }
      remove(partition, earlier.from, earlier.to);
      if (earlier.from !== to) add(partition, earlier.from, to);
    },
    instead(partition, from, to) {
      const source = byPartition.get(partition)?.from ?? from;
      const back = byTopic.get(partition.topic)?.get(key(to, source));
      if (back === undefined) return partition;
      return javaHashOrder([...back], (place) => topicPartitionHashCode(place.topic, place.partition))[0]!;
    },
  };
}
