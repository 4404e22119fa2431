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

/** Broker properties that mean the same in other units: the first that is set counts (DynamicBrokerConfig.brokerConfigSynonyms). */
const sameMeaning: readonly (readonly string[])[] = [
  ['log.roll.ms', 'log.roll.hours'],
  ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
  ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'],
  ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
];

/** A topic's properties with their sources and synonyms, in the order of the table. */
export function describeTopicConfigs(broker: BrokerConfiguration, overrides: Readonly<Record<string, string>>): DescribedConfig[] {
  const values = topicConfigOf(broker.values, overrides);
  return Object.entries(topicProperties).map(([name, definition]) => {
    const own = overrides[name];
    const { synonym } = definition.options;
    const synonyms: ConfigSynonym[] = [
      ...(own === undefined ? [] : [{ name, value: own, source: configSources.topic }]),
      ...(synonym === undefined ? [] : brokerSynonyms(broker, synonym)),
    ];
    return {
      name,
      value: own ?? textOf(values[name as keyof TopicConfig], definition),
      configSource: synonyms[0]?.source ?? configSources.default,
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
    const isSensitive = definition.type === 'password';
    const hidden = (value: string | null): string | null => (isSensitive ? null : value);
    const synonyms = brokerSynonyms(broker, name);
    return {
      name,
      value: hidden(broker.given.get(name as never) ?? definition.defaultText ?? null),
      configSource: synonyms[0]?.source ?? configSources.default,
      configType: configTypes[definition.type],
      isSensitive,
      readOnly: (definition.options.update ?? 'read-only') === 'read-only',
      synonyms: synonyms.map((synonym) => ({ ...synonym, value: hidden(synonym.value) })),
    };
  });
}

/** What is given under the property's name or one of the same meaning, then the property's own default. */
function brokerSynonyms(broker: BrokerConfiguration, name: string): ConfigSynonym[] {
  const names = sameMeaning.find((group) => group.includes(name)) ?? [name];
  const fallback = (brokerProperties as Readonly<Record<string, Property<unknown>>>)[name]?.defaultText;
  return [
    ...names.flatMap((one) => {
      const given = broker.given.get(one as never);
      return given === undefined ? [] : [{ name: one, value: given, source: configSources.staticBroker }];
    }),
    ...(fallback === undefined ? [] : [{ name, value: fallback, source: configSources.default }]),
  ];
}

function textOf(value: unknown, definition: Property<unknown>): string | null {
  if (value === definition.defaultValue) return definition.defaultText ?? null;
  if (Array.isArray(value)) return value.join(',');
  return value === undefined ? null : String(value);
}
