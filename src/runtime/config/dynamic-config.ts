import type { BrokerConfig } from './broker-config.ts';
import { brokerProperties } from './broker-properties.ts';
import type { Property, UpdateMode } from './definition.ts';
import { InvalidProperty, UnmetRequirement, long, noLimit, parseProperty } from './definition.ts';

/*
 * A broker's properties lie in layers, and the first that names one counts:
 *
 *     /config/brokers/<id>        this broker, while it runs
 *     /config/brokers/<default>   all brokers, while they run
 *     the properties file
 *     Kafka's defaults
 *
 * A property of a layer also hides those of the same meaning in lower layers: a log.retention.ms set while the broker
 * runs hides the file's log.retention.hours. Source: DynamicBrokerConfig and DynamicConfig of Apache Kafka 3.9.
 */
export type Properties = Readonly<Record<string, string>>;

export interface DynamicLayers {
  readonly broker: Properties;
  readonly clusterDefault: Properties;
}

export const noLayers: DynamicLayers = { broker: {}, clusterDefault: {} };

/** Of one broker or of the cluster's default, and in no properties file: bytes per second (KIP-73, KIP-113). */
export const throttleProperties = {
  'follower.replication.throttled.rate': long({ ...noLimit, importance: 'medium', min: 0 }),
  'leader.replication.throttled.rate': long({ ...noLimit, importance: 'medium', min: 0 }),
  'replica.alter.log.dirs.io.max.bytes.per.second': long({ ...noLimit, importance: 'medium', min: 0 }),
} as const;
export type ThrottleName = keyof typeof throttleProperties;

const listenerOverride = /^listener\.name\.[^.]*\.(.*)$/;
/** In the form listener.name.<listener>.<mechanism>.<property>. */
const mechanismProperties = ['sasl.jaas.config', 'sasl.login.callback.handler.class', 'sasl.login.class', 'sasl.server.callback.handler.class', 'connections.max.reauth.ms'];
/** Changed for one listener alone. */
const listenerSecurity = [
  'ssl.keystore.type', 'ssl.keystore.location', 'ssl.keystore.password', 'ssl.key.password', 'ssl.truststore.type', 'ssl.truststore.location',
  'ssl.truststore.password', 'ssl.keystore.certificate.chain', 'ssl.keystore.key', 'ssl.truststore.certificates',
];
const sameMeaning: readonly { readonly names: readonly string[]; readonly of: readonly string[] }[] = [
  ...[
    ['log.roll.ms', 'log.roll.hours'],
    ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
    ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
  ].map((names) => ({ names, of: names })),
  { names: ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'], of: ['log.flush.interval.ms'] },
];

/** A property and those of the same meaning, the one that counts first; with `forListeners` also what a listener's own stands for. */
export function synonymsOf(name: string, forListeners: boolean): readonly string[] {
  const base = forListeners ? listenerOverride.exec(name)?.[1] : undefined;
  if (base !== undefined) return [name, mechanismProperties.find((property) => base.endsWith(property)) ?? base];
  return sameMeaning.find(({ of }) => of.includes(name))?.names ?? [name];
}

/** Undefined for a name that Kafka does not know. */
export function definitionOf(name: string): Property<unknown> | undefined {
  const tables: Readonly<Record<string, Property<unknown>>>[] = [brokerProperties, throttleProperties];
  for (const one of [name, ...synonymsOf(name, true)]) {
    const table = tables.find((candidate) => Object.hasOwn(candidate, one));
    if (table !== undefined) return table[one];
  }
  return undefined;
}

/** Read-only for what only a properties file sets, and for names that Kafka's table does not have. */
export function updateModeOf(name: string): UpdateMode {
  return (Object.hasOwn(brokerProperties, name) ? brokerProperties[name as keyof BrokerConfig].options.update : undefined) ?? 'read-only';
}

/** All layers as one. */
export function layered(statics: Properties, { broker, clusterDefault }: DynamicLayers): Properties {
  const all: Record<string, string> = { ...statics };
  for (const layer of [clusterDefault, broker]) {
    for (const [name, text] of Object.entries(layer)) {
      for (const hidden of synonymsOf(name, false)) delete all[hidden];
      all[name] = text;
    }
  }
  return all;
}

const isStatic = (name: string): boolean => Object.hasOwn(brokerProperties, name) && updateModeOf(name) === 'read-only';
const isPerBrokerOnly = (name: string): boolean => {
  const base = listenerOverride.exec(name)?.[1];
  return base === undefined ? updateModeOf(name) === 'per-broker' : !['max.connections', 'max.connection.creation.rate', 'num.network.threads'].includes(base);
};
/** Listeners and what secures them are read at start alone. */
const isFixed = (name: string): boolean => updateModeOf(name) === 'per-broker' || listenerOverride.test(name);

/** What speaks against one property of a dynamic layer; undefined when nothing does. */
function problemOf(name: string, text: string, isPerBroker: boolean): string | undefined {
  if (isStatic(name)) return 'only the properties file sets it';
  if (listenerSecurity.includes(name)) return 'it is set for one listener alone, with the prefix listener.name.<listener>.';
  if (!isPerBroker && isPerBrokerOnly(name)) return 'it is set for one broker alone';
  if (isFixed(name)) return 'this broker reads it from its properties file alone';
  try {
    parseOne(name, text);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidProperty) return error.message;
    throw error;
  }
}

/** What counts of a stored layer, and of the rest why not: tools and brokers of other versions may have written it. */
export function usable(stored: Properties, isPerBroker: boolean): { readonly properties: Properties; readonly ignored: ReadonlyMap<string, string> } {
  const ignored = new Map<string, string>();
  const properties: Record<string, string> = {};
  for (const [name, text] of Object.entries(stored)) {
    const problem = problemOf(name, text, isPerBroker);
    if (problem === undefined) properties[name] = text;
    else ignored.set(name, problem);
  }
  return { properties, ignored };
}

/**
 * Refuses what cannot be a dynamic layer of this broker.
 * @throws UnmetRequirement in Kafka's words; in ours for listeners and what secures them
 */
export function checkLayer(layer: Properties, isPerBroker: boolean): void {
  checkDynamicProperties(layer, isPerBroker);
  const fixed = Object.keys(layer).find(isFixed);
  if (fixed !== undefined) throw new UnmetRequirement(fixed, `${fixed} cannot be changed while this broker runs: set it in its properties file and restart it`);
}

/**
 * Refuses what cannot be a dynamic layer of any broker (DynamicBrokerConfig.validateConfigs).
 * @throws UnmetRequirement in Kafka's words, InvalidProperty
 */
export function checkDynamicProperties(layer: Properties, isPerBroker: boolean): void {
  const names = Object.keys(layer);
  const refuse = (wrong: readonly string[], words: string, set = 'Set'): void => {
    if (wrong.length > 0) throw new UnmetRequirement(wrong[0]!, `${words}: ${set}(${wrong.join(', ')})`);
  };
  refuse(names.filter(isStatic), 'Cannot update these configs dynamically');
  refuse(listenerSecurity.filter((name) => names.includes(name)), 'These security configs can be dynamically updated only per-listener using the listener prefix', 'HashSet');
  for (const [name, text] of Object.entries(layer)) parseOne(name, text);
  if (!isPerBroker) refuse(names.filter(isPerBrokerOnly), 'Cannot update these configs at default cluster level, broker id must be specified');
}

function parseOne(name: string, text: string): void {
  const base = listenerOverride.exec(name)?.[1] ?? name;
  const definition = updateModeOf(base) === 'read-only' && !Object.hasOwn(throttleProperties, base) ? undefined : definitionOf(base);
  if (definition !== undefined) parseProperty(base, definition, text);
}

const threadCounts = ['background.threads', 'num.io.threads', 'num.network.threads', 'num.recovery.threads.per.data.dir', 'num.replica.fetchers'] as const;

/**
 * Whether the broker can go from one configuration to the other while it runs.
 * @param changed names of the properties that differ
 * @throws UnmetRequirement in Kafka's words
 */
export function checkReconfiguration(before: BrokerConfig, after: BrokerConfig, changed: readonly string[]): void {
  for (const name of threadCounts) {
    const problem = threadCountProblem(before[name], after[name]);
    if (problem !== undefined) throw invalidDynamic(name, `Dynamic thread count update validation failed for ${name}=${after[name]}, ${problem}`);
  }
  const cleaners = cleanerThreadProblem(before['log.cleaner.threads'], after['log.cleaner.threads']);
  if (cleaners !== undefined) throw invalidDynamic('log.cleaner.threads', cleaners);
  checkLocalRetention(after);
  // A reporter is a Java class, and none can be loaded here.
  if (after['metric.reporters'].length > 0 && changed.includes('metric.reporters')) {
    throw invalidDynamic('metric.reporters', `Validation of dynamic config update of Set(${changed.join(', ')}) failed with class class kafka.server.DynamicMetricsReporters`);
  }
}

/** At most doubled or halved at a time. */
function threadCountProblem(before: number, after: number): string | undefined {
  if (after === before) return undefined;
  if (after <= 0) return 'value should be at least 1';
  if (after < Math.trunc(before / 2)) return `value should be at least half the current value ${before}`;
  return after > before * 2 ? `value should not be greater than double the current value ${before}` : undefined;
}

function cleanerThreadProblem(before: number, after: number): string | undefined {
  if (after < Math.trunc(before / 2)) return `Log cleaner threads cannot be reduced to less than half the current value ${before}`;
  return after > before * 2 ? `Log cleaner threads cannot be increased to more than double the current value ${before}` : undefined;
}

/** Tiered storage keeps no more here than in all; -2 means as much. */
function checkLocalRetention(config: BrokerConfig): void {
  const ms = config['log.retention.ms'] ?? minutes(config['log.retention.minutes']) ?? config['log.retention.hours'] * 3_600_000;
  checkLocal('log.local.retention.ms', config['log.local.retention.ms'], 'log.retention.ms', Math.max(-1, ms));
  checkLocal('log.local.retention.bytes', config['log.local.retention.bytes'], 'log.retention.bytes', Math.max(-1, config['log.retention.bytes']));
}

function checkLocal(name: string, local: number, of: string, all: number): void {
  if (all === -1 || local === -2) return;
  const refuse = (why: string): never => {
    throw invalidDynamic(name, new InvalidProperty(name, String(local), why).message);
  };
  if (local === -1) refuse(`Value must not be -1 as ${of} value is set as ${all}.`);
  if (local > all) refuse(`Value must not be more than ${of} property value: ${all}`);
}

const minutes = (count: number | undefined): number | undefined => (count === undefined ? undefined : count * 60_000);

/** Kafka wraps the exception so that its text becomes a "value". */
function invalidDynamic(name: string, words: string): UnmetRequirement {
  return new UnmetRequirement(name, `Invalid value org.apache.kafka.common.config.ConfigException: ${words} for configuration Invalid dynamic configuration`);
}
