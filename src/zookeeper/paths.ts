import type { Acl } from './zookeeper.ts';

/** Where Kafka keeps what in ZooKeeper (ZkData.scala). All paths are relative to the chroot. */
export const consumersPath = '/consumers';
export const brokersPath = '/brokers';
export const brokerIdsPath = '/brokers/ids';
export const brokerSequencePath = '/brokers/seqid';
export const topicsPath = '/brokers/topics';
export const clusterIdPath = '/cluster/id';
export const controllerPath = '/controller';
export const controllerEpochPath = '/controller_epoch';
export const featurePath = '/feature';
export const configPath = '/config';
export const configChangesPath = '/config/changes';
export const configChangePrefix = 'config_change_';
export const adminPath = '/admin';
export const deleteTopicsPath = '/admin/delete_topics';
export const reassignPartitionsPath = '/admin/reassign_partitions';
export const preferredReplicaElectionPath = '/admin/preferred_replica_election';
export const isrChangesPath = '/isr_change_notification';
export const isrChangePrefix = 'isr_change_';
export const logDirEventsPath = '/log_dir_event_notification';
export const logDirEventPrefix = 'log_dir_event_';
export const latestProducerIdBlockPath = '/latest_producer_id_block';
export const literalAclsPath = '/kafka-acl';
export const extendedAclsPath = '/kafka-acl-extended';
export const literalAclChangesPath = '/kafka-acl-changes';
export const extendedAclChangesPath = '/kafka-acl-extended-changes';
export const aclChangePrefix = 'acl_changes_';
export const delegationTokenPath = '/delegation_token';
export const delegationTokensPath = '/delegation_token/tokens';
export const delegationTokenChangesPath = '/delegation_token/token_changes';
export const delegationTokenChangePrefix = 'token_change_';

/** Entity name of the defaults of a kind of config entity; never percent-encoded. */
export const defaultEntityName = '<default>';

export type ConfigEntityType = 'topics' | 'clients' | 'users' | 'brokers' | 'ips';

/**
 * Directories that every broker makes at start, in this order.
 *
 * @param hasIpConfigs false for inter.broker.protocol.version or brokers before `ips` existed (2.4)
 */
export function persistentPaths(hasIpConfigs = true): readonly string[] {
  const types: readonly ConfigEntityType[] = hasIpConfigs ? ['topics', 'clients', 'users', 'brokers', 'ips'] : ['topics', 'clients', 'users', 'brokers'];
  return [
    consumersPath, brokerIdsPath, topicsPath, configChangesPath, deleteTopicsPath, brokerSequencePath, isrChangesPath,
    latestProducerIdBlockPath, logDirEventsPath, ...types.map(configTypePath),
  ];
}

export function brokerIdPath(brokerId: number): string {
  return `${brokerIdsPath}/${brokerId}`;
}

export function topicPath(topic: string): string {
  return `${topicsPath}/${topic}`;
}

export function partitionsPath(topic: string): string {
  return `${topicsPath}/${topic}/partitions`;
}

export function partitionPath(topic: string, partition: number): string {
  return `${topicsPath}/${topic}/partitions/${partition}`;
}

export function partitionStatePath(topic: string, partition: number): string {
  return `${topicsPath}/${topic}/partitions/${partition}/state`;
}

export function configTypePath(entityType: ConfigEntityType): string {
  return `${configPath}/${entityType}`;
}

/**
 * Path of a config znode below `/config`.
 *
 * @param entityPath as in a change notification: `topics/t1`, `brokers/<default>`, `users/alice/clients/c1`; names already sanitized
 */
export function configEntityPath(entityPath: string): string {
  return `${configPath}/${entityPath}`;
}

export function deleteTopicPath(topic: string): string {
  return `${deleteTopicsPath}/${topic}`;
}

export function delegationTokenInfoPath(tokenId: string): string {
  return `${delegationTokensPath}/${tokenId}`;
}

/** Offset of an old ZooKeeper-based consumer; only migration tools write it. */
export function consumerOffsetPath(group: string, topic: string, partition: number): string {
  return `${consumersPath}/${group}/offsets/${topic}/${partition}`;
}

/**
 * Where the access control list of a resource pattern lies.
 *
 * @param patternType `LITERAL`, `PREFIXED`, …
 * @param resourceType as paths spell it: `Topic`, `Group`, `Cluster`, `TransactionalId`, `DelegationToken`, `User`
 */
export function aclPath(patternType: string, resourceType: string, resourceName: string): string {
  return `${aclTypePath(patternType, resourceType)}/${resourceName}`;
}

export function aclTypePath(patternType: string, resourceType: string): string {
  return `${patternType === 'LITERAL' ? literalAclsPath : `${extendedAclsPath}/${patternType.toLowerCase()}`}/${resourceType}`;
}

/**
 * The number that ZooKeeper gave a sequential node.
 *
 * @param name node name or path, such as `config_change_0000000012`
 * @returns NaN where the name does not end in ten digits
 */
export function sequenceNumber(name: string): number {
  return /(?:-\d{10}|\d{10})$/.test(name) ? Number(name.slice(-10)) : Number.NaN;
}

/** Percent-encodes a user, client id or address for a path, as Kafka's Sanitizer does: all but `A-Z a-z 0-9 . - _`. */
export function sanitizeName(name: string): string {
  return encodeURIComponent(name).replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** @throws URIError when a percent sign does not start a valid escape */
export function desanitizeName(sanitized: string): string {
  return decodeURIComponent(sanitized);
}

const openAcl: readonly Acl[] = [{ scheme: 'world', id: 'anyone', permissions: 31 }];
const creatorAndReaders: readonly Acl[] = [{ scheme: 'auth', id: '', permissions: 31 }, { scheme: 'world', id: 'anyone', permissions: 1 }];
const creatorOnly: readonly Acl[] = [{ scheme: 'auth', id: '', permissions: 31 }];
const sensitiveRoots = ['/config/users', '/config/brokers', delegationTokensPath];

/** Nodes below these are made secret by `zookeeper-security-migration`. */
export const secureRootPaths: readonly string[] = [
  adminPath, brokersPath, '/cluster', configPath, controllerPath, controllerEpochPath, isrChangesPath, latestProducerIdBlockPath,
  logDirEventsPath, delegationTokenPath, extendedAclsPath, literalAclsPath, literalAclChangesPath, `${extendedAclsPath}/prefixed`, extendedAclChangesPath, featurePath,
];

export function isSensitivePath(path: string): boolean {
  return sensitiveRoots.some((root) => path.startsWith(root));
}

/**
 * Access control list for a new node.
 *
 * @param isSecure zookeeper.set.acl
 */
export function defaultAcls(isSecure: boolean, path: string): readonly Acl[] {
  if (!isSecure || path === consumersPath) return openAcl;
  return isSensitivePath(path) ? creatorOnly : creatorAndReaders;
}
