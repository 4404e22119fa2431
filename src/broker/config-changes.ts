import { KafkaError } from '../protocol/errors.ts';
import { brokerProperties } from '../runtime/config/broker-properties.ts';
import type { Property } from '../runtime/config/definition.ts';
import { InvalidProperty } from '../runtime/config/definition.ts';
import { checkTopicOverrides } from '../runtime/config/topic-config.ts';
import type { TopicConfig } from '../runtime/config/topic-config.ts';
import { topicProperties } from '../runtime/config/topic-properties.ts';

/** What AlterConfigs and IncrementalAlterConfigs make of properties, as Apache Kafka 3.9 does it; errors in its words. Pure. */
export interface ConfigOperation {
  readonly name: string;
  readonly kind: OperationKind;
  readonly value: string | null;
}

/** AlterConfigOp.OpType, by code. */
export const operationKinds = ['set', 'delete', 'append', 'subtract'] as const;
export type OperationKind = (typeof operationKinds)[number];

type Properties = Readonly<Record<string, string>>;
type Table = Readonly<Record<string, Property<unknown>>>;

/**
 * A topic's own properties after the operations.
 * @param current the values that count now, for lists that have no own value yet
 * @throws KafkaError INVALID_CONFIG
 */
export function changedOverrides(topic: string, before: Properties, current: TopicConfig, operations: readonly ConfigOperation[]): Properties {
  const after = changed(before, operations, topicProperties, (name) => current[name as keyof TopicConfig]);
  checkOverrides(topic, after);
  return after;
}

/** A broker's dynamic properties after the operations, not yet checked. @throws KafkaError INVALID_CONFIG */
export function changedBrokerProperties(before: Properties, operations: readonly ConfigOperation[]): Properties {
  return changed(before, operations, brokerProperties, (name) => (brokerProperties as Table)[name]?.defaultValue);
}

function changed(before: Properties, operations: readonly ConfigOperation[], table: Table, current: (name: string) => unknown): Properties {
  const after: Record<string, string> = { ...before };
  for (const { name, kind, value } of operations) {
    if (kind === 'delete') delete after[name];
    else after[name] = kind === 'set' ? (value ?? '') : changedList(name, after[name] ?? current(name), kind, value ?? '', table);
  }
  return after;
}

/** @throws KafkaError INVALID_CONFIG */
export function checkOverrides(topic: string, overrides: Properties): void {
  const unknown = Object.keys(overrides).find((name) => !Object.hasOwn(topicProperties, name));
  if (unknown !== undefined) throw new KafkaError('INVALID_CONFIG', `Unknown topic config name: ${unknown}`);
  try {
    checkTopicOverrides(overrides);
  } catch (error) {
    if (!(error instanceof InvalidProperty)) throw error;
    throw new KafkaError('INVALID_CONFIG', `Invalid config value for resource ConfigResource(type=TOPIC, name='${topic}'): ${error.message}`, { cause: error });
  }
}

/** Kafka fails by a bug of its own where it does not know the name. */
function changedList(name: string, before: unknown, kind: 'append' | 'subtract', value: string, table: Table): string {
  if (!Object.hasOwn(table, name)) throw new KafkaError('UNKNOWN_SERVER_ERROR', `Unknown config name: ${name}`);
  if (table[name]!.type !== 'list') throw new KafkaError('INVALID_CONFIG', `Config value ${kind} is not allowed for config key: ${name}`);
  const old = (Array.isArray(before) ? (before as readonly string[]) : String(before).split(',')).filter((one) => one !== '');
  const named = value.split(',');
  return (kind === 'append' ? [...old, ...named.filter((one) => !old.includes(one))] : old.filter((one) => !named.includes(one))).join(',');
}
