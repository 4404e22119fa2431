import type { BrokerConnection } from './connections.ts';
import type { TopicPartition } from './records.ts';

/** Which broker a call goes to. */
export type Target = 'any' | 'controller' | number;

/** What the admin client lends to its calls that live in files of their own. */
export interface AdminCalls {
  /** Tries until the time is up; `name` is Kafka's for the call. @throws KafkaError */
  call<T>(name: string, target: Target, run: (connection: BrokerConnection, timeoutMs: number) => Promise<T>): Promise<T>;
  /** One attempt. @throws KafkaError */
  brokerAt(brokerId: number): Promise<BrokerConnection>;
}

/** The way partitions stand in requests: topics, each with its partitions, both in the order of first mention. */
export function byTopic<T extends TopicPartition>(entries: readonly T[]): { readonly name: string; readonly entries: readonly T[] }[] {
  const topics = new Map<string, T[]>();
  for (const entry of entries) {
    const its = topics.get(entry.topic);
    if (its === undefined) topics.set(entry.topic, [entry]);
    else its.push(entry);
  }
  return [...topics].map(([name, its]) => ({ name, entries: its }));
}
