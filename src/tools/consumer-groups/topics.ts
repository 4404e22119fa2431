import type { Admin } from '../../client/admin-types.ts';
import type { TopicPartition } from '../../client/records.ts';
import { WrongArgument, wrapped } from './failure.ts';

/** `topic:0,1`. @throws WrongArgument */
export function namedPartitions(text: string): TopicPartition[] {
  const [topic, partitions, more] = text.split(':');
  if (topic === undefined || partitions === undefined || partitions === '' || more !== undefined) throw new WrongArgument(`Invalid topic arg '${text}', expected topic name and partitions`);
  return partitions.split(',').map((number) => {
    if (!/^[+-]?\d+$/.test(number)) throw new WrongArgument(`Invalid partition '${number}' specified in topic arg '${text}''`);
    return { topic, partition: Number(number) };
  });
}

/** Partitions of --topic arguments: those that are named, then all of topics without a colon. @throws WrongArgument, CommandFailure */
export async function partitionsOf(admin: Admin, args: readonly string[]): Promise<TopicPartition[]> {
  const named = args.filter((arg) => arg.includes(':')).flatMap(namedPartitions);
  const topics = args.filter((arg) => !arg.includes(':'));
  if (topics.length === 0) return named;
  const descriptions = await admin.describeTopics(topics);
  return [
    ...named,
    ...descriptions.flatMap(({ name, topic, error }) => {
      if (topic === undefined) throw wrapped(error!);
      return topic.partitions.map(({ partition }) => ({ topic: name, partition }));
    }),
  ];
}
