import { javaHashOrder, topicPartitionHashCode } from '../client/java-hash-order.ts';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** TopicPartition.toString. */
export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

/** A key for maps; a topic name alone could end in a number. */
export const partitionKey = ({ topic, partition }: TopicPartition): string => `${partition} ${topic}`;

export function compareTopicPartitions(a: TopicPartition, b: TopicPartition): number {
  return a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1;
}

/** The order in which Kafka's tools print what they keep in a HashMap by partition. */
export function partitionHashOrder<T extends TopicPartition>(entries: readonly T[]): T[] {
  return javaHashOrder(entries, ({ topic, partition }) => topicPartitionHashCode(topic, partition));
}

/** What stands in the list more than once, each named once, in the order of the second mention. */
export function duplicates<T>(values: readonly T[]): T[] {
  const seen = new Set<T>();
  const twice = new Set<T>();
  for (const value of values) {
    if (seen.has(value)) twice.add(value);
    seen.add(value);
  }
  return [...twice];
}
