import { isInternalTopic, topicPattern } from '../topic-filter.ts';

/** What goes wrong with the arguments or their result: printed behind `Error occurred: `, exit code 1. */
export class GetOffsetsError extends Error {
  override readonly name = 'GetOffsetsError';
}

export type PartitionFilter = (topic: string, partition: number) => boolean;

/** --topic and --partitions. @throws GetOffsetsError */
export function topicAndPartitions(topic: string | undefined, partitions: string | undefined): PartitionFilter {
  const pattern = compile(topic ?? '.*');
  const ids = partitions === undefined || partitions === '' ? undefined : new Set(partitions.split(',').map((text) => partitionId(text, partitions)));
  return (name, partition) => pattern.test(name) && (ids === undefined || ids.has(partition));
}

function partitionId(text: string, all: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new GetOffsetsError(`--partitions expects a comma separated list of numeric partition ids, but received: ${all}`);
  return Number(text);
}

/** --topic-partitions: `topic`, `topic:3`, `topic:1-3`, `topic:1-`, `topic:-3`, `:3`; any of them may match. @throws GetOffsetsError */
export function topicPartitionRules(text: string): PartitionFilter {
  const rules = text.split(',').map(rule);
  return (topic, partition) => rules.some((matches) => matches(topic, partition));
}

function rule(text: string): PartitionFilter {
  const found = /^([^:,]*)(?::(?:([0-9]*)|(?:([0-9]*)-([0-9]*))))?$/.exec(text);
  if (found === null) throw new GetOffsetsError(`Invalid rule specification: ${text}`);
  const [, topic = '', single = '', lower, upper = ''] = found;
  const pattern = compile(topic === '' ? '.*' : topic);
  const least = lower === undefined || lower === '' ? 0 : Number(lower);
  const most = upper === '' ? Infinity : Number(upper);
  const isPartition = single !== '' ? (partition: number): boolean => partition === Number(single) : (partition: number): boolean => partition >= least && partition < most;
  return (name, partition) => pattern.test(name) && isPartition(partition);
}

function compile(expression: string): RegExp {
  try {
    return topicPattern(expression);
  } catch (error) {
    throw new GetOffsetsError(`${expression} is an invalid regex.`, { cause: error });
  }
}

/** Places that a filter lets through, by topic and partition. */
export function chosenPlaces(
  topics: readonly { readonly name: string; readonly partitions: readonly { readonly partition: number }[] }[],
  filter: PartitionFilter,
  isInternalExcluded: boolean,
): { topic: string; partition: number }[] {
  return topics
    .filter(({ name }) => !(isInternalExcluded && isInternalTopic(name)))
    .flatMap(({ name, partitions }) => partitions.map(({ partition }) => ({ topic: name, partition })))
    .filter(({ topic, partition }) => filter(topic, partition))
    .toSorted((a, b) => compareText(a.topic, b.topic) || a.partition - b.partition);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
