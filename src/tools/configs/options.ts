import { isIP } from 'node:net';
import type { OptionTable, ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { answerHelpOrVersion, helpOptions, usageError } from '../usage.ts';

const flag = (name: string, description: string): OptionTable[number] => ({ name, description });
const valued = (name: string, label: string | undefined, description: string): OptionTable[number] => ({ name, argument: label === undefined ? { type: 'String' } : { type: 'String', label }, description });

export const configsOptions: OptionTable = [
  valued('add-config', undefined, "Configs to set, k1=v1,k2=[v1,v2]: brackets hold values with commas together."),
  valued('add-config-file', undefined, 'A properties file of configs to set.'),
  flag('all', 'With --describe: static configs and defaults too.'),
  flag('alter', 'Change configs.'),
  valued('bootstrap-controller', 'controller to connect to', 'For clusters without ZooKeeper alone.'),
  valued('bootstrap-server', 'server to connect to', 'One or more brokers, host:port, to learn the cluster from.'),
  valued('broker', undefined, 'The broker with this id.'),
  flag('broker-defaults', 'The configs of all brokers that have none of their own.'),
  valued('broker-logger', undefined, 'The log levels of the broker with this id.'),
  valued('client', undefined, 'The quotas of this client id.'),
  flag('client-defaults', 'The quotas of clients that have none of their own.'),
  valued('command-config', 'command config property file', 'A properties file for the admin client.'),
  valued('delete-config', undefined, 'Names of configs to take away, separated by commas.'),
  flag('describe', 'Show configs.'),
  flag('entity-default', 'The default of the entity type, in place of a name.'),
  valued('entity-name', undefined, 'Topic, client id, user, broker id or ip.'),
  valued('entity-type', undefined, 'topics, clients, users, brokers, broker-loggers, ips or client-metrics.'),
  flag('force', 'Of no effect: nothing is asked.'),
  valued('ip', undefined, 'The quotas of this address.'),
  flag('ip-defaults', 'The quotas of addresses that have none of their own.'),
  valued('topic', undefined, 'The topic with this name.'),
  valued('user', undefined, 'The quotas and SCRAM credentials of this user.'),
  flag('user-defaults', 'The quotas of users that have none of their own.'),
  valued('zk-tls-config-file', 'ZooKeeper TLS configuration', 'Settings of TLS to ZooKeeper.'),
  valued('zookeeper', 'urls', 'ZooKeeper instead of brokers, for what brokers that are down are to find.'),
  ...helpOptions,
];

export type EntityType = 'topics' | 'clients' | 'users' | 'brokers' | 'ips' | 'broker-loggers' | 'client-metrics';

/** What ends the tool with a plain message and 1 (Java's IllegalArgumentException and InvalidConfigurationException). */
export class ConfigsError extends Error {
  override readonly name = 'ConfigsError';
}

export interface ConfigsRequest {
  readonly action: 'alter' | 'describe';
  /** One, or users and clients. */
  readonly types: readonly EntityType[];
  /** Empty text is the default. Fewer than types: all of them. */
  readonly names: readonly string[];
}

const brokerTypes: readonly EntityType[] = ['topics', 'clients', 'users', 'brokers', 'ips', 'broker-loggers', 'client-metrics'];
const zookeeperTypes: readonly EntityType[] = ['users', 'brokers'];
const shorthands: readonly (readonly [string, EntityType])[] = [['topic', 'topics'], ['client', 'clients'], ['user', 'users'], ['broker', 'brokers'], ['broker-logger', 'broker-loggers'], ['ip', 'ips']];
const defaults: readonly (readonly [string, EntityType])[] = [['client-defaults', 'clients'], ['user-defaults', 'users'], ['broker-defaults', 'brokers'], ['ip-defaults', 'ips']];

export const purpose = 'This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip or client-metrics';

/** @throws ToolExit, ConfigsError */
export function checkedRequest(options: ParsedOptions, terminal: Terminal): ConfigsRequest {
  answerHelpOrVersion(configsOptions, options, purpose, terminal.out);
  if (options.has('alter') === options.has('describe')) throw usageError(configsOptions, 'Command must include exactly one action: --describe, --alter');
  const action = options.has('alter') ? 'alter' : 'describe';
  for (const other of ['add-config', 'delete-config']) if (action === 'describe' && options.has(other)) throw usageError(configsOptions, `Option "[describe]" can't be used with option "[${other}]"`);
  const types = checkedTypes(options);
  const used = [...shorthands, ...defaults].filter(([name]) => options.has(name));
  if (['entity-name', 'entity-type', 'entity-default'].some((name) => options.has(name)) && used.length > 0) {
    throw new ConfigsError('--entity-{type,name,default} should not be used in conjunction with specific entity flags');
  }
  const names = entityNames(options);
  checkConnection(options);
  checkNames(types, names, action);
  if (action === 'alter') checkChanges(options);
  return { action, types, names };
}

/** @throws ConfigsError */
function checkedTypes(options: ParsedOptions): EntityType[] {
  const types = [...options.values('entity-type'), ...[...shorthands, ...defaults].filter(([name]) => options.has(name)).map(([, type]) => type)];
  const twice = types.filter((type, index) => types.indexOf(type) !== index);
  if (twice.length > 0) throw new ConfigsError(`Duplicate entity type(s) specified: ${twice.join(',')}`);
  const isAtBroker = options.has('bootstrap-server') || options.has('bootstrap-controller');
  const allowed: readonly string[] = isAtBroker ? brokerTypes : zookeeperTypes;
  const wrong = types.find((type) => !allowed.includes(type));
  if (wrong !== undefined) {
    throw new ConfigsError(`Invalid entity type ${wrong}, the entity type must be one of ${allowed.join(', ')} with a ${isAtBroker ? '--bootstrap-server or --bootstrap-controller' : '--zookeeper'} argument`);
  }
  if (types.length === 0) throw new ConfigsError('At least one entity type must be specified');
  if (types.length > 1 && !types.every((type) => type === 'users' || type === 'clients')) throw new ConfigsError("Only 'users' and 'clients' entity types may be specified together");
  return types as EntityType[];
}

function entityNames(options: ParsedOptions): string[] {
  const named = options.values('entity-name')[Symbol.iterator]();
  const long = options.order.filter((name) => name === 'entity-name' || name === 'entity-default').map((name) => (name === 'entity-name' ? String(named.next().value) : ''));
  return [...long, ...shorthands.filter(([name]) => options.has(name)).map(([name]) => options.value(name) ?? ''), ...defaults.filter(([name]) => options.has(name)).map(() => '')];
}

function checkConnection(options: ParsedOptions): void {
  const given = ['bootstrap-server', 'bootstrap-controller', 'zookeeper'].filter((name) => options.has(name));
  if (given.length === 0) throw new ConfigsError('One of the required --bootstrap-server, --boostrap-controller, or --zookeeper arguments must be specified');
  if (given.length > 1) throw new ConfigsError('Only one of --bootstrap-server, --boostrap-controller, and --zookeeper can be specified');
  if (options.has('all') && options.has('zookeeper')) throw new ConfigsError('--bootstrap-server must be specified for --all');
  if (options.has('zk-tls-config-file') && !options.has('zookeeper')) throw new ConfigsError('Only the --zookeeper option can be used with the --zk-tls-config-file option.');
}

function checkNames(types: readonly EntityType[], names: readonly string[], action: ConfigsRequest['action']): void {
  const [type] = types;
  const named = names.filter((name) => name !== '');
  if (type === 'brokers' || type === 'broker-loggers') {
    const wrong = named.find((name) => !/^[+-]?\d+$/.test(name));
    if (wrong !== undefined) throw new ConfigsError(`The entity name for ${type} must be a valid integer broker id, but it is: ${wrong}`);
  }
  const address = type === 'ips' ? named.find((name) => !isAddress(name)) : undefined;
  if (address !== undefined) throw new ConfigsError(`The entity name for ips must be a valid IP or resolvable host, but it is: ${address}`);
  if (action === 'describe' && type === 'broker-loggers' && named.length === 0) throw new ConfigsError('an entity name must be specified with --describe of broker-loggers');
  if (action === 'describe') return;
  const mayBeDefault = types.some((one) => one === 'users' || one === 'clients' || one === 'brokers' || one === 'ips');
  if (mayBeDefault && names.length === 0) throw new ConfigsError('an entity-name or default entity must be specified with --alter of users, clients, brokers or ips');
  if (!mayBeDefault && named.length === 0) throw new ConfigsError(`an entity name must be specified with --alter of ${types.join(',')}`);
}

/** A host that resolves is one too; the broker asks, and says so where it does not. */
const isAddress = (name: string): boolean => isIP(name) !== 0 || /^(?!-)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(name);

function checkChanges(options: ParsedOptions): void {
  if (options.has('add-config') && options.has('add-config-file')) throw new ConfigsError('Only one of --add-config or --add-config-file must be specified');
  if (!['add-config', 'add-config-file', 'delete-config'].some((name) => options.has(name))) {
    throw new ConfigsError('At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter');
  }
}
