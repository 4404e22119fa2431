import type { ParsedOptions } from '../options.ts';

/** One partition as --describe shows it. */
export interface DescribedPartition {
  readonly partition: number;
  /** Undefined when there is none. */
  readonly leader: number | undefined;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /** While replicas move. */
  readonly adding?: readonly number[];
  readonly removing?: readonly number[];
}

export interface DescribedTopic {
  readonly name: string;
  /** Undefined where it is not printed: in 2.4's layout. */
  readonly topicId: string | undefined;
  readonly replicationFactor: number;
  /** Configs that are not the default, in the order printed. */
  readonly configs: readonly { readonly name: string; readonly value: string }[];
  readonly minIsr: number;
  readonly isMarkedForDeletion: boolean;
  readonly partitions: readonly DescribedPartition[];
  /** 3.9's layout ends each partition's line with the eligible leader replicas, which only KRaft knows. */
  readonly hasElr: boolean;
}

/** Lines about one topic, after the filters that the options name. */
export function describeTopic(topic: DescribedTopic, options: ParsedOptions, liveBrokers: ReadonlySet<number>): string {
  const filters = chosenFilters(options);
  const lines: string[] = [];
  const isOverriddenOnly = options.has('topics-with-overrides');
  if (filters.length === 0 && (!isOverriddenOnly || topic.configs.length > 0)) lines.push(topicLine(topic));
  if (!isOverriddenOnly) {
    const shown = topic.partitions.filter((partition) => filters.length === 0 || filters.some((filter) => filter(partition, topic, liveBrokers)));
    lines.push(...shown.map((partition) => partitionLine(topic, partition)));
  }
  return lines.map((line) => `${line}\n`).join('');
}

type Filter = (partition: DescribedPartition, topic: DescribedTopic, liveBrokers: ReadonlySet<number>) => boolean;

const filtersByFlag: Readonly<Record<string, Filter>> = {
  'under-replicated-partitions': (partition) => replicationFactorOf(partition) > partition.isr.length,
  'unavailable-partitions': ({ leader }, _topic, liveBrokers) => leader === undefined || !liveBrokers.has(leader),
  'under-min-isr-partitions': ({ leader, isr }, { minIsr }) => leader === undefined || isr.length < minIsr,
  'at-min-isr-partitions': ({ isr }, { minIsr }) => isr.length === minIsr,
};

function chosenFilters(options: ParsedOptions): Filter[] {
  return Object.entries(filtersByFlag).filter(([flag]) => options.has(flag)).map(([, filter]) => filter);
}

/** Replicas that are still being added do not count. */
export function replicationFactorOf({ replicas, adding = [], removing = [] }: DescribedPartition): number {
  const isMoving = replicas.some((id) => adding.includes(id) || removing.includes(id));
  return isMoving ? replicas.length - adding.length : replicas.length;
}

function topicLine(topic: DescribedTopic): string {
  return [
    `Topic: ${topic.name}`,
    ...(topic.topicId === undefined ? [] : [`TopicId: ${topic.topicId}`]),
    `PartitionCount: ${topic.partitions.length}`,
    `ReplicationFactor: ${topic.replicationFactor}`,
    `Configs: ${topic.configs.map(({ name, value }) => `${name}=${value}`).join(',')}`,
    ...(topic.isMarkedForDeletion ? ['MarkedForDeletion: true'] : []),
  ].join('\t');
}

function partitionLine(topic: DescribedTopic, { partition, leader, replicas, isr, adding, removing }: DescribedPartition): string {
  return [
    `\tTopic: ${topic.name}`,
    `Partition: ${partition}`,
    `Leader: ${leader ?? 'none'}`,
    `Replicas: ${replicas.join(',')}`,
    `Isr: ${isr.join(',')}`,
    ...(adding === undefined ? [] : [`Adding Replicas: ${adding.join(',')}`, `Removing Replicas: ${(removing ?? []).join(',')}`]),
    ...(topic.hasElr ? ['Elr: N/A', 'LastKnownElr: N/A'] : []),
    ...(topic.isMarkedForDeletion ? ['MarkedForDeletion: true'] : []),
  ].join('\t');
}
