import { brokerProperties } from './broker-properties.ts';
import { InvalidProperty, parseProperty, splitList } from './definition.ts';
import type { ValuesOf } from './definition.ts';
import { ottlaProperties, readOttlaConfig } from './ottla-properties.ts';
import type { OttlaConfig } from './ottla-properties.ts';
import { checkRequirements } from './requirements.ts';

/** The values of all properties of a broker, by Kafka's names. */
export type BrokerConfig = ValuesOf<typeof brokerProperties>;
export type BrokerPropertyName = keyof BrokerConfig;

/** A broker's properties as its file gave them, and as they count. */
export interface BrokerConfiguration {
  readonly values: BrokerConfig;
  /** Of the properties that Kafka does not have. */
  readonly own: OttlaConfig;
  /** All that was given, also what Kafka does not know. */
  readonly properties: Readonly<Record<string, string>>;
  /** The text of the properties that were given and are known. */
  readonly given: ReadonlyMap<BrokerPropertyName, string>;
  /** Names that were given and that neither Kafka nor this broker knows; plug-ins may read them. */
  readonly unknown: readonly string[];
}

/**
 * @throws InvalidProperty for a value that Kafka refuses too
 */
export function readBrokerConfiguration(found: Readonly<Record<string, string>>): BrokerConfiguration {
  const properties = withBothIds(found);
  const given = new Map<BrokerPropertyName, string>();
  const unknown: string[] = [];
  for (const [name, text] of Object.entries(properties)) {
    if (Object.hasOwn(brokerProperties, name)) given.set(name as BrokerPropertyName, text);
    else if (!Object.hasOwn(ottlaProperties, name)) unknown.push(name);
  }
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(brokerProperties)) {
    const text = given.get(name as BrokerPropertyName);
    values[name] = text === undefined ? definition.defaultValue : parseProperty(name, definition, text);
  }
  const config = values as BrokerConfig; // sound: the loop visits the keys of the table
  checkTogether(config, given);
  return { values: { ...config, 'broker.id': brokerIdOf(config) }, own: readOttlaConfig(properties), properties, given, unknown };
}

/** @throws InvalidProperty for a value that Kafka refuses too */
export function parseBrokerConfig(properties: Readonly<Record<string, string>>): BrokerConfig {
  return readBrokerConfiguration(properties).values;
}

/** Who gives one name of the id has given the other. */
function withBothIds(properties: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { 'broker.id': broker, 'node.id': node } = properties;
  if ((broker === undefined) === (node === undefined)) return properties;
  return { ...properties, 'broker.id': broker ?? node!, 'node.id': node ?? broker! };
}

/** `node.id` is another name of `broker.id`; -1 lets the broker take an id from ZooKeeper. */
function brokerIdOf(config: BrokerConfig): number {
  return config['broker.id'] === -1 ? config['node.id'] : config['broker.id'];
}

/** The rules between properties that KafkaConfig checks in ZooKeeper mode. */
function checkTogether(config: BrokerConfig, given: ReadonlyMap<string, string>): void {
  const refuse = (name: BrokerPropertyName, why: string): never => {
    throw new InvalidProperty(name, given.get(name), why);
  };
  if (given.has('process.roles') && config['process.roles'].length > 0) {
    refuse('process.roles', 'this broker is coordinated by ZooKeeper; leave process.roles out and set zookeeper.connect');
  }
  if (config['zookeeper.connect'] === undefined || config['zookeeper.connect'] === '') {
    throw new InvalidProperty('zookeeper.connect', undefined, 'Missing required configuration "zookeeper.connect" which has no default value.');
  }
  if (config['broker.id'] >= 0 && config['node.id'] >= 0 && config['broker.id'] !== config['node.id']) {
    refuse('node.id', 'broker.id and node.id must be the same when both are set');
  }
  const id = brokerIdOf(config);
  if (id > config['reserved.broker.max.id'] && !config['broker.id.generation.enable']) refuse('broker.id', 'broker.id must be at most reserved.broker.max.id');
  if (id > config['reserved.broker.max.id']) refuse('broker.id', `broker.id must be greater than or equal to -1 and not greater than reserved.broker.max.id`);
  if (config['replica.fetch.wait.max.ms'] > config['replica.lag.time.max.ms']) {
    refuse('replica.fetch.wait.max.ms', 'replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR');
  }
  if (config['replica.socket.timeout.ms'] < config['replica.fetch.wait.max.ms']) {
    refuse('replica.socket.timeout.ms', 'replica.socket.timeout.ms must be at least replica.fetch.wait.max.ms');
  }
  checkRequirements(config);
}

/** The folders of `log.dirs`, or of `log.dir` when that is not set. */
export function logDirectories(config: BrokerConfig): readonly string[] {
  return splitList(config['log.dirs'] ?? config['log.dir']);
}
