import { InvalidProperty, parseProperty } from '../../runtime/config/definition.ts';
import { topicProperties } from '../../runtime/config/topic-properties.ts';
import type { ParsedOptions } from '../options.ts';

/** What goes wrong while a topic command runs: printed behind `Error while executing topic command : `, exit code 1. */
export class TopicCommandError extends Error {
  override readonly name = 'TopicCommandError';
}

/** What --create and --alter ask for. */
export interface TopicRequest {
  readonly name: string;
  readonly partitions: number | undefined;
  readonly replicationFactor: number | undefined;
  /** Broker ids by partition. */
  readonly assignment: readonly (readonly number[])[] | undefined;
  readonly configs: Readonly<Record<string, string>>;
  readonly deletedConfigs: readonly string[];
}

/** @throws TopicCommandError, OptionError */
export function topicRequest(options: ParsedOptions): TopicRequest {
  const assignment = options.value('replica-assignment');
  return {
    name: options.value('topic') ?? '',
    partitions: options.number('partitions'),
    replicationFactor: options.number('replication-factor'),
    assignment: assignment === undefined || assignment === '' ? undefined : parseAssignment(assignment),
    configs: parseConfigs(options.values('config')),
    deletedConfigs: checkNames(options.values('delete-config').map((name) => name.trim())),
  };
}

/** `0:1,1:2`: replicas by colons, partitions by commas. @throws TopicCommandError */
export function parseAssignment(text: string): number[][] {
  const partitions = text.split(',').map((partition) => partition.split(':').map((id) => brokerId(id.trim())));
  for (const [index, replicas] of partitions.entries()) {
    const duplicates = [...new Set(replicas.filter((id, place) => replicas.indexOf(id) !== place))];
    if (duplicates.length > 0) throw new TopicCommandError(`Partition replica lists may not contain duplicate entries: ${duplicates.join(',')}`);
    if (replicas.length !== partitions[0]!.length) throw new TopicCommandError(`Partition ${index} has different replication factor: [${replicas.join(', ')}]`);
  }
  return partitions;
}

function brokerId(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new TopicCommandError(`For input string: "${text}"`);
  return Number(text);
}

function parseConfigs(words: readonly string[]): Record<string, string> {
  const pairs = words.map((word) => word.split(/\s*=\s*/));
  if (pairs.some((pair) => pair.length !== 2 || pair[1] === '')) {
    throw new TopicCommandError('requirement failed: Invalid topic config: all configs to be added must be in the format "key=val".');
  }
  const configs = Object.fromEntries(pairs.map(([name = '', value = '']) => [name.trim(), value.trim()]));
  checkNames(Object.keys(configs));
  for (const [name, value] of Object.entries(configs)) checkValue(name, value);
  return configs;
}

function checkNames(names: readonly string[]): readonly string[] {
  for (const name of names) if (!Object.hasOwn(topicProperties, name)) throw new TopicCommandError(`Unknown topic config name: ${name}`);
  return names;
}

function checkValue(name: string, value: string): void {
  try {
    parseProperty(name, topicProperties[name as keyof typeof topicProperties], value);
  } catch (error) {
    if (error instanceof InvalidProperty) throw new TopicCommandError(error.message, { cause: error });
    throw error;
  }
}
