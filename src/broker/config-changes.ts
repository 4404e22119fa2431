import { KafkaError } from '../protocol/errors.ts';
import { InvalidProperty } from '../runtime/config/definition.ts';
import { checkTopicOverrides } from '../runtime/config/topic-config.ts';
import type { TopicConfig } from '../runtime/config/topic-config.ts';
import { topicProperties } from '../runtime/config/topic-properties.ts';

/** Changing a topic's own properties, as ZkAdminManager of Apache Kafka 3.9 does; errors in its words. Pure. */
export interface ConfigOperation {
  readonly name: string;
  readonly kind: 'set' | 'delete' | 'append' | 'subtract';
  readonly value: string | null;
}

type Overrides = Readonly<Record<string, string>>;

/**
 * The topic's own properties after the operations.
 * @param current the values that count now, for lists that have no own value yet
 * @throws KafkaError INVALID_REQUEST, INVALID_CONFIG
 */
export function changedOverrides(topic: string, before: Overrides, current: TopicConfig, operations: readonly ConfigOperation[]): Overrides {
  if (new Set(operations.map(({ name }) => name)).size < operations.length) throw new KafkaError('INVALID_REQUEST', 'Error due to duplicate config keys');
  const after: Record<string, string> = { ...before };
  for (const { name, kind, value } of operations) {
    if (kind === 'delete') {
      delete after[name];
      continue;
    }
    if (value === null) throw new KafkaError('INVALID_REQUEST', `Null value not supported for : ${name}`);
    after[name] = kind === 'set' ? value : changedList(name, after[name] ?? current[name as keyof TopicConfig], kind, value);
  }
  checkOverrides(topic, after);
  return after;
}

/** @throws KafkaError INVALID_CONFIG */
export function checkOverrides(topic: string, overrides: Overrides): void {
  const unknown = Object.keys(overrides).find((name) => !Object.hasOwn(topicProperties, name));
  if (unknown !== undefined) throw new KafkaError('INVALID_CONFIG', `Unknown topic config name: ${unknown}`);
  try {
    checkTopicOverrides(overrides);
  } catch (error) {
    if (!(error instanceof InvalidProperty)) throw error;
    throw new KafkaError('INVALID_CONFIG', `Invalid config value for resource ConfigResource(type=TOPIC, name='${topic}'): ${error.message}`, { cause: error });
  }
}

function changedList(name: string, before: unknown, kind: 'append' | 'subtract', value: string): string {
  const isList = Object.hasOwn(topicProperties, name) && topicProperties[name as keyof typeof topicProperties].type === 'list';
  if (!isList) throw new KafkaError('INVALID_CONFIG', `Config value ${kind} is not allowed for config key: ${name}`);
  const old = Array.isArray(before) ? (before as readonly string[]) : String(before).split(',');
  const named = value.split(',');
  return (kind === 'append' ? [...old, ...named.filter((one) => !old.includes(one))] : old.filter((one) => !named.includes(one))).join(',');
}
