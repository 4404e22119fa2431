import type { ZooKeeperServerOptions } from '../../zookeeper-server/server.ts';

/** A ZooKeeper configuration that cannot be used. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type ServerSettings = Omit<ZooKeeperServerOptions, 'clock' | 'random' | 'disk' | 'network' | 'logger' | 'failed'>;

type Properties = Readonly<Record<string, string>>;

/** Accepted, and without effect in a server of one node without TLS, SASL and HTTP. */
const withoutEffect = /^(initLimit|syncLimit|electionAlg|admin\..*|metricsProvider\..*|audit\.enable|reconfigEnabled|standaloneEnabled|quorumListenOnAllIPs|globalOutstandingLimit|zookeeper\.admin\..*|digest\.enabled)$/;
const honoured = new Set([
  'dataDir', 'dataLogDir', 'clientPort', 'clientPortAddress', 'tickTime', 'minSessionTimeout', 'maxSessionTimeout', 'maxClientCnxns', 'snapCount', 'preAllocSize',
  'autopurge.snapRetainCount', 'autopurge.purgeInterval', '4lw.commands.whitelist', 'jute.maxbuffer', 'forceSync', 'extendedTypesEnabled', 'enforceQuota', 'skipACL',
  'DigestAuthenticationProvider.superDigest', 'snapshot.trust.empty', 'znode.container.checkIntervalMs',
]);

/**
 * Reads zookeeper.properties (zoo.cfg). Names that Java takes as system properties, such as `jute.maxbuffer`, are read from here too.
 *
 * @returns the settings, and the names of properties that have no effect here
 * @throws ConfigError where a value cannot be used, or one asks for what this server is not: an ensemble, TLS, SASL
 */
export function serverSettings(properties: Properties): { readonly settings: ServerSettings; readonly ignored: readonly string[] } {
  const names = Object.keys(properties);
  const ensemble = names.find((name) => /^(server|group|weight)\.\d+$/.test(name));
  if (ensemble !== undefined) throw new ConfigError(`${ensemble}: this server runs alone; use Apache ZooKeeper for an ensemble`);
  if (properties['secureClientPort'] !== undefined) throw new ConfigError('secureClientPort: this server has no TLS; use Apache ZooKeeper, or keep it on a trusted network');
  if (names.some((name) => name.startsWith('authProvider.'))) throw new ConfigError('authProvider: this server knows world, ip and digest only');
  const dataDirectory = properties['dataDir'];
  if (dataDirectory === undefined || dataDirectory === '') throw new ConfigError('dataDir is not set');
  const clientPort = numberOf(properties, 'clientPort');
  if (clientPort === undefined || clientPort > 65_535) throw new ConfigError('clientPort is not set, or is no port');
  const preallocateKiB = numberOf(properties, 'preAllocSize');
  const trusted = properties['snapshot.trust.empty'];
  return {
    settings: {
      dataDirectory,
      dataLogDirectory: properties['dataLogDir'],
      host: properties['clientPortAddress'],
      port: clientPort,
      tickTimeMs: numberOf(properties, 'tickTime'),
      minSessionTimeoutMs: unlessNegative(numberOf(properties, 'minSessionTimeout')),
      maxSessionTimeoutMs: unlessNegative(numberOf(properties, 'maxSessionTimeout')),
      maxClientConnections: numberOf(properties, 'maxClientCnxns'),
      snapCount: numberOf(properties, 'snapCount'),
      preallocateBytes: preallocateKiB === undefined ? undefined : preallocateKiB * 1024,
      purgeRetainCount: numberOf(properties, 'autopurge.snapRetainCount'),
      purgeIntervalHours: numberOf(properties, 'autopurge.purgeInterval'),
      whitelist: properties['4lw.commands.whitelist']?.split(',').map((word) => word.trim()),
      juteMaxBufferBytes: numberOf(properties, 'jute.maxbuffer'),
      forceSync: properties['forceSync'] === undefined ? undefined : properties['forceSync'] !== 'no',
      extendedTypes: flagOf(properties, 'extendedTypesEnabled'),
      enforceQuota: flagOf(properties, 'enforceQuota'),
      skipAcl: properties['skipACL'] === undefined ? undefined : properties['skipACL'] === 'yes',
      superDigest: properties['DigestAuthenticationProvider.superDigest'],
      trustEmptySnapshot: trusted === undefined ? undefined : trusted === 'true',
      containerCheckIntervalMs: numberOf(properties, 'znode.container.checkIntervalMs'),
    },
    ignored: names.filter((name) => !honoured.has(name) && !withoutEffect.test(name)),
  };
}

function numberOf(properties: Properties, name: string): number | undefined {
  const text = properties[name]?.trim();
  if (text === undefined || text === '') return undefined;
  if (!/^-?(0x[0-9a-fA-F]+|\d+)$/.test(text)) throw new ConfigError(`${name}=${text} is no number`);
  return text.startsWith('-') ? -Number(text.slice(1)) : Number(text);
}

function unlessNegative(value: number | undefined): number | undefined {
  return value === undefined || value < 0 ? undefined : value;
}

function flagOf(properties: Properties, name: string): boolean | undefined {
  const text = properties[name];
  return text === undefined ? undefined : text.trim().toLowerCase() === 'true';
}
