import { changeEntityConfig, readEntityConfig } from '../../broker/config-store.ts';
import { javaHashCode, javaHashOrder } from '../../client/java-hash-order.ts';
import { checkDynamicProperties, definitionOf } from '../../runtime/config/dynamic-config.ts';
import { nodeClock } from '../../runtime/node-clock.ts';
import { nodeRandom } from '../../runtime/node-random.ts';
import type { Random } from '../../runtime/random.ts';
import { brokerIdPath, brokerIdsPath, configChangesPath, configEntityPath, defaultEntityName, desanitizeName, sanitizeName } from '../../zookeeper/paths.ts';
import { connectZooKeeper } from '../../zookeeper/node-client.ts';
import type { ZooKeeper } from '../../zookeeper/zookeeper.ts';
import type { Terminal } from '../terminal.ts';
import { terminalLogger } from '../terminal.ts';
import type { Changes } from './changes.ts';
import type { ConfigsRequest } from './options.ts';
import { ConfigsError } from './options.ts';
import { encryptedPassword, enumName, scramCredential, scramMechanisms, scramSecret } from './secrets.ts';

/*
 * kafka-configs --zookeeper: SCRAM credentials of users, and configs of brokers that are not running, which are thus there
 * before the first broker is. Source: ConfigCommand and AdminZkClient of Apache Kafka 3.9.
 */
interface Part {
  readonly type: string;
  /** As in a path; undefined for all. */
  readonly name: string | undefined;
}

/** `users/alice`, or `users/alice` and `clients/c1`. */
type Entity = readonly Part[];

const typeNames: Readonly<Record<string, string>> = { users: 'user-principal', clients: 'client-id' };
const scramOnly = 'User configuration updates using ZooKeeper are only supported for SCRAM credential updates.';
const stoppedOnly = 'Broker configuration operations using ZooKeeper are only supported if the affected broker(s) are not running.';

const timeoutMs = 30_000;

export async function withZooKeeper(connectString: string, terminal: Terminal, use: (zookeeper: ZooKeeper) => Promise<void>): Promise<void> {
  const zookeeper = await connectZooKeeper({ clock: nodeClock, random: nodeRandom, logger: terminalLogger(terminal), connectString, sessionTimeoutMs: timeoutMs, connectionTimeoutMs: timeoutMs });
  try {
    await use(zookeeper);
  } finally {
    await zookeeper.close();
  }
}

function entityOf({ types, names, action }: ConfigsRequest): Entity {
  if (types[0] !== 'brokers' && action === 'alter' && names.length !== types.length) {
    throw new ConfigsError('--entity-name or --entity-default must be specified with each --entity-type for --alter');
  }
  const stored = (type: string, name: string): string => (name === '' ? defaultEntityName : type === 'brokers' ? name : sanitizeName(name));
  const isReverse = types.length === 2 && types[0] === 'clients';
  const sorted = isReverse && names.length === 2 ? names.toReversed() : names;
  return (isReverse ? types.toReversed() : types).map((type, index) => ({ type, name: sorted[index] === undefined ? undefined : stored(type, sorted[index]) }));
}

const pathOf = (entity: Entity): string => entity.map(({ type, name }) => (name === undefined ? type : `${type}/${name}`)).join('/');

function partText({ type, name }: Part): string {
  const typeName = typeNames[type] ?? type;
  if (name === undefined) return type;
  return name === defaultEntityName ? `default ${typeName}` : `${typeName} '${type === 'brokers' ? name : desanitizeName(name)}'`;
}

const entityText = (entity: Entity): string => entity.map(partText).join(', ');

/** --describe. @throws ConfigsError, ZooKeeperError */
export async function describeInZooKeeper(zookeeper: ZooKeeper, request: ConfigsRequest, { out }: Terminal): Promise<void> {
  const entity = entityOf(request);
  const [root] = entity;
  if (root!.type === 'brokers') await refuseWhileRunning(zookeeper, root!.name ?? '', '--bootstrap-server option must be specified to describe brokers');
  const isAllUsers = entity.length === 1 && root!.name === undefined;
  for (const one of await allOf(zookeeper, entity)) {
    const config = await readEntityConfig(zookeeper, pathOf(one));
    const names = javaHashOrder(Object.keys(config), javaHashCode);
    // A user may be there for the quotas of its clients alone.
    if (names.length > 0 || !isAllUsers) out(`Configs for ${entityText(one)} are ${names.map((name) => `${name}=${config[name]}`).join(',')}\n`);
  }
}

/** All that an entity without a name stands for. */
async function allOf(zookeeper: ZooKeeper, [root, child]: Entity): Promise<Entity[]> {
  const roots = root!.name === undefined ? (await namesBelow(zookeeper, root!.type)).map((name) => ({ ...root!, name })) : [root!];
  if (child === undefined) return roots.map((one) => [one]);
  if (root!.name !== undefined && child.name !== undefined) return [[root!, child]];
  const all: Entity[] = [];
  for (const one of roots) for (const name of await namesBelow(zookeeper, `${pathOf([one])}/${child.type}`)) all.push([one, { ...child, name }]);
  return all;
}

async function namesBelow(zookeeper: ZooKeeper, entityPath: string): Promise<string[]> {
  const path = configEntityPath(entityPath);
  return (await zookeeper.exists(path)) === undefined ? [] : zookeeper.children(path);
}

/** @throws ConfigsError */
async function refuseWhileRunning(zookeeper: ZooKeeper, name: string, words: string): Promise<void> {
  if (name === defaultEntityName) {
    const count = (await zookeeper.exists(brokerIdsPath)) === undefined ? 0 : (await zookeeper.children(brokerIdsPath)).length;
    if (count > 0) throw new ConfigsError(`requirement failed: ${words} - ${count} brokers are running. ${stoppedOnly}`);
    return;
  }
  if (!/^[+-]?\d+$/.test(name)) throw new ConfigsError(`Error parsing broker ${name}. The broker's Entity Name must be a single integer value`);
  if ((await zookeeper.exists(brokerIdPath(Number(name)))) !== undefined) throw new ConfigsError(`requirement failed: ${words} - broker ${Number(name)} is running. ${stoppedOnly}`);
}

/** --alter. @throws ConfigsError, UnmetRequirement, InvalidProperty, ZooKeeperError */
export async function alterInZooKeeper(zookeeper: ZooKeeper, request: ConfigsRequest, changes: Changes, random: Random, { out }: Terminal): Promise<void> {
  const entity = entityOf(request);
  const [root] = entity;
  const refusal = `--bootstrap-server option must be specified to update ${root!.type} configs: ${changesText(changes)}`;
  const isChange = changes.added.size + changes.deleted.length > 0;
  if (root!.type === 'brokers' && isChange) await refuseWhileRunning(zookeeper, root!.name ?? '', refusal);
  const added = root!.type === 'brokers' ? brokerProperties(changes.added, root!.name !== defaultEntityName, random) : credentials(changes, refusal, random);
  await store(zookeeper, entity, { added, deleted: changes.deleted });
  out(`Completed updating config for entity: ${entityText(entity)}.\n`);
}

function changesText({ added, deleted }: Changes): string {
  const pairs = javaHashOrder([...added.keys()], javaHashCode).map((name) => `${name}=${added.get(name)}`);
  return `{add: {${pairs.join(', ')}}, delete: ${deleted.length === 0 ? 'List()' : `ArrayBuffer(${deleted.join(', ')})`}}`;
}

function credentials({ added, deleted }: Changes, refusal: string, random: Random): Map<string, string> {
  if ([...added.keys(), ...deleted].some((name) => !scramMechanisms.includes(name))) throw new ConfigsError(`requirement failed: ${refusal}. ${scramOnly}`);
  return new Map(Array.from(added, ([mechanism, text]) => [mechanism, scramCredential(mechanism, scramSecret(mechanism, text, enumName(mechanism)), random)]));
}

const isPassword = (name: string): boolean => definitionOf(name)?.type === 'password';

/** What is stored of them: passwords encrypted, the secret that they are encrypted with not at all. */
function brokerProperties(added: ReadonlyMap<string, string>, isPerBroker: boolean, random: Random): Map<string, string> {
  const isOfEncoder = (name: string): boolean => name.startsWith('password.encoder.');
  const properties = new Map([...added].filter(([name]) => !isOfEncoder(name)));
  const settings = new Map([...added].filter(([name]) => isOfEncoder(name)));
  checkDynamicProperties(Object.fromEntries(properties), isPerBroker);
  const passwords = [...properties.keys()].filter(isPassword);
  if (passwords.length > 0 && !settings.has('password.encoder.secret')) {
    throw new ConfigsError(
      `requirement failed: password.encoder.secret must be specified to update Set(${passwords.join(', ')}). Other password encoder configs like cipher algorithm and iterations may also be specified to override the default encoding parameters. Password encoder configs will not be persisted in ZooKeeper.`,
    );
  }
  for (const name of passwords) properties.set(name, encryptedPassword(properties.get(name)!, settings, random));
  return properties;
}

async function store(zookeeper: ZooKeeper, entity: Entity, { added, deleted }: Changes): Promise<void> {
  const path = pathOf(entity);
  const before = await readEntityConfig(zookeeper, path);
  const missing = deleted.filter((name) => before[name] === undefined);
  if (missing.length > 0) throw new ConfigsError(`Invalid config(s): ${missing.join(',')}`);
  const after = Object.fromEntries([...Object.entries(before), ...added].filter(([name]) => !deleted.includes(name)));
  const isOfQuotas = entity.length > 1 || entity[0]!.name === defaultEntityName;
  if (entity[0]!.type === 'users' && isOfQuotas) {
    const unknown = Object.keys(after).filter((name) => scramMechanisms.includes(name));
    if (unknown.length > 0) throw new ConfigsError(`requirement failed: Unknown Dynamic Configuration: Set(${unknown.join(', ')}).`);
  }
  await zookeeper.createPath(configChangesPath);
  await zookeeper.createPath(configEntityPath(path).slice(0, configEntityPath(path).lastIndexOf('/')));
  await changeEntityConfig(zookeeper, path, after);
}
