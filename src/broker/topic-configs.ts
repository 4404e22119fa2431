import type { BrokerConfiguration } from '../runtime/config/broker-config.ts';
import type { Property } from '../runtime/config/definition.ts';
import { brokerProperties } from '../runtime/config/broker-properties.ts';
import type { TopicConfig } from '../runtime/config/topic-config.ts';
import { topicConfigOf } from '../runtime/config/topic-config.ts';
import { topicProperties } from '../runtime/config/topic-properties.ts';

/** Where a value comes from (DescribeConfigsResponse.ConfigSource). */
export const configSources = { topic: 1, dynamicBroker: 2, dynamicDefaultBroker: 3, staticBroker: 4, default: 5 } as const;
/** ConfigDef.Type, as DescribeConfigs tells it. */
export const configTypes = { boolean: 1, string: 2, int: 3, short: 4, long: 5, double: 6, list: 7, class: 8, password: 9 } as const;

export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

export interface DescribedConfig {
  readonly name: string;
  readonly value: string | null;
  readonly configSource: number;
  readonly configType: number;
  readonly isSensitive: boolean;
  readonly readOnly: boolean;
  /** The one that counts first. */
  readonly synonyms: readonly ConfigSynonym[];
}

/** Broker properties that give a topic property, the first that is set counts. */
const chains: Readonly<Record<string, readonly string[]>> = {
  'flush.ms': ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'],
  'retention.ms': ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
  'segment.ms': ['log.roll.ms', 'log.roll.hours'],
  'segment.jitter.ms': ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
};

/** A topic's properties with their sources and synonyms, in the order of the table. */
export function describeTopicConfigs(broker: BrokerConfiguration, overrides: Readonly<Record<string, string>>): DescribedConfig[] {
  const values = topicConfigOf(broker.values, overrides);
  return Object.entries(topicProperties).map(([name, definition]) => {
    const own = overrides[name];
    const chain = chains[name] ?? (definition.options.synonym === undefined ? [] : [definition.options.synonym]);
    const synonyms: ConfigSynonym[] = [
      ...(own === undefined ? [] : [{ name, value: own, source: configSources.topic }]),
      ...chain.flatMap((property) => brokerSynonyms(broker, property)),
    ];
    const isFromBroker = own === undefined && chain.some((property) => broker.given.has(property as never));
    return {
      name,
      value: own ?? textOf(values[name as keyof TopicConfig], definition),
      configSource: own !== undefined ? configSources.topic : isFromBroker ? configSources.staticBroker : configSources.default,
      configType: configTypes[definition.type],
      isSensitive: false,
      readOnly: false,
      synonyms,
    };
  });
}

/** A broker's properties with their sources. */
export function describeBrokerConfigs(broker: BrokerConfiguration): DescribedConfig[] {
  return Object.entries(brokerProperties).map(([name, definition]) => {
    const given = broker.given.get(name as never);
    const isSensitive = definition.type === 'password';
    const hidden = (value: string | null): string | null => (isSensitive ? null : value);
    return {
      name,
      value: hidden(given ?? definition.defaultText ?? null),
      configSource: given === undefined ? configSources.default : configSources.staticBroker,
      configType: configTypes[definition.type],
      isSensitive,
      readOnly: (definition.options.update ?? 'read-only') === 'read-only',
      synonyms: brokerSynonyms(broker, name).map((synonym) => ({ ...synonym, value: hidden(synonym.value) })),
    };
  });
}

function brokerSynonyms(broker: BrokerConfiguration, name: string): ConfigSynonym[] {
  const given = broker.given.get(name as never);
  const definition = (brokerProperties as Readonly<Record<string, Property<unknown>>>)[name];
  const fallback = definition?.defaultText;
  return [
    ...(given === undefined ? [] : [{ name, value: given, source: configSources.staticBroker }]),
    ...(fallback === undefined ? [] : [{ name, value: fallback, source: configSources.default }]),
  ];
}

function textOf(value: unknown, definition: Property<unknown>): string | null {
  if (value === definition.defaultValue) return definition.defaultText ?? null;
  if (Array.isArray(value)) return value.join(',');
  return value === undefined ? null : String(value);
}
