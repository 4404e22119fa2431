import { brokerProperties } from '../runtime/config/broker-properties.ts';
import { configText, defaultConfigText } from '../runtime/config/config-text.ts';
import type { Property } from '../runtime/config/definition.ts';
import { definitionOf, synonymsOf, updateModeOf } from '../runtime/config/dynamic-config.ts';
import type { LiveConfiguration } from '../runtime/config/live-config.ts';
import type { TopicConfig } from '../runtime/config/topic-config.ts';
import { topicConfigOf } from '../runtime/config/topic-config.ts';
import { topicProperties } from '../runtime/config/topic-properties.ts';

/** Where a value comes from (DescribeConfigsResponse.ConfigSource). */
export const configSources = { topic: 1, dynamicBroker: 2, dynamicDefaultBroker: 3, staticBroker: 4, default: 5 } as const;
/** ConfigDef.Type, as DescribeConfigs tells it. */
export const configTypes = { unknown: 0, boolean: 1, string: 2, int: 3, short: 4, long: 5, double: 6, list: 7, class: 8, password: 9 } as const;

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

/** A topic's properties with their sources and synonyms, in the order of the table. */
export function describeTopicConfigs(broker: LiveConfiguration, overrides: Readonly<Record<string, string>>): DescribedConfig[] {
  const values = topicConfigOf(broker.values, overrides);
  return Object.entries(topicProperties).map(([name, definition]) => {
    const own = overrides[name];
    const { synonym } = definition.options;
    const value = own === undefined ? textOf(values[name as keyof TopicConfig], definition) : configText(definition, own);
    const synonyms: ConfigSynonym[] = [
      ...(own === undefined ? [] : [{ name, value, source: configSources.topic }]),
      ...(synonym === undefined ? [] : brokerSynonyms(broker, synonym)),
    ];
    return { name, value, configSource: sourceOf(synonyms), configType: configTypes[definition.type], isSensitive: false, readOnly: false, synonyms };
  });
}

/** A broker's properties, those that it was given and does not know included. */
export function describeBrokerConfigs(broker: LiveConfiguration): DescribedConfig[] {
  const known = Object.entries(brokerProperties).filter(([name, { options }]) => options.internal !== true || Object.hasOwn(broker.properties, name));
  const others = Object.keys(broker.properties).filter((name) => !Object.hasOwn(brokerProperties, name));
  return [...known.map(([name]) => name), ...others].map((name) => {
    const definition = definitionOf(name);
    const text = broker.properties[name];
    const isKnown = Object.hasOwn(brokerProperties, name);
    const value = definition === undefined || !isKnown ? text : text === undefined ? defaultConfigText(definition) : configText(definition, text);
    return described(name, value, brokerSynonyms(broker, name));
  });
}

/** The cluster-wide default layer alone. */
export function describeClusterDefaults(broker: LiveConfiguration): DescribedConfig[] {
  return Object.entries(broker.layers.clusterDefault).map(([name, text]) =>
    described(name, text, brokerSynonyms(broker, name).filter(({ source }) => source === configSources.dynamicDefaultBroker)),
  );
}

/** A value of unknown type may be a secret. */
function described(name: string, value: string | undefined, synonyms: readonly ConfigSynonym[]): DescribedConfig {
  const type = definitionOf(name)?.type;
  const isSensitive = type === undefined || type === 'password';
  return {
    name,
    value: isSensitive ? null : (value ?? null),
    configSource: sourceOf(synonyms),
    configType: configTypes[type ?? 'unknown'],
    isSensitive,
    readOnly: updateModeOf(name) === 'read-only',
    synonyms: isSensitive ? synonyms.map((synonym) => ({ ...synonym, value: null })) : synonyms,
  };
}

function sourceOf([first]: readonly ConfigSynonym[]): number {
  return first?.source ?? configSources.default;
}

/** What the layers say under the property's name and those of the same meaning; nothing where none has the name itself. */
function brokerSynonyms(broker: LiveConfiguration, name: string): readonly ConfigSynonym[] {
  const names = synonymsOf(name, true);
  const from = (layer: Readonly<Record<string, string>>, source: number): ConfigSynonym[] =>
    names.flatMap((one) => (Object.hasOwn(layer, one) ? [{ name: one, value: layer[one]!, source }] : []));
  const all = [
    ...from(broker.layers.broker, configSources.dynamicBroker),
    ...from(broker.layers.clusterDefault, configSources.dynamicDefaultBroker),
    ...from(broker.statics, configSources.staticBroker),
    ...from(defaultsOf(names), configSources.default),
  ];
  const first = all.findIndex((synonym) => synonym.name === name);
  return first < 0 ? [] : all.slice(first);
}

function defaultsOf(names: readonly string[]): Readonly<Record<string, string>> {
  const defaults: Record<string, string> = {};
  for (const name of names) {
    if (!Object.hasOwn(brokerProperties, name)) continue;
    const text = defaultConfigText(brokerProperties[name as keyof typeof brokerProperties]);
    if (text !== undefined) defaults[name] = text;
  }
  return defaults;
}

function textOf(value: unknown, definition: Property<unknown>): string | null {
  if (value === definition.defaultValue) return defaultConfigText(definition) ?? null;
  if (value === undefined) return null;
  return configText(definition, Array.isArray(value) ? value.join(',') : String(value));
}
