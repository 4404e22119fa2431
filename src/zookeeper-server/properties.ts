import path from 'node:path';
import type { ZooKeeperServerOptions } from './server.ts';

/** What a properties file (zoo.cfg, zookeeper.properties) can say of a server. */
export type ZooKeeperProperties = Omit<ZooKeeperServerOptions, 'clock' | 'random' | 'disk' | 'network' | 'logger' | 'failed'> & {
  /** Properties that have no effect here, to be named in one warning. */
  readonly ignored: readonly string[];
};

/** The file asks for what this server is not, or says it wrongly; the message says what to do. */
export class InvalidProperties extends Error {
  override readonly name = 'InvalidProperties';
}

const quorumProperties = /^(server|group|weight)\.|^(dynamicConfigFile|peerType|quorumListenOnAllIPs|standaloneEnabled|reconfigEnabled)$/;

/**
 * Reads a ZooKeeper properties file. Names are those of zoo.cfg; what Java's ZooKeeper takes as a system property is taken
 * with and without its `zookeeper.` here.
 *
 * @throws InvalidProperties for a missing dataDir or clientPort, a value that is none, and any quorum of servers
 */
export function parseZooKeeperProperties(text: string): ZooKeeperProperties {
  const values = new Map([...parseProperties(text)].map(([name, value]) => [name.replace(/^zookeeper\./, ''), value.trim()]));
  const read = new PropertyReader(values);
  const dataDirectory = read.text('dataDir');
  if (dataDirectory === undefined || dataDirectory === '') throw new InvalidProperties('dataDir is not set');
  refuseQuorum(values);
  const port = read.number('clientPort', 0, 65_535);
  if (port === undefined) throw new InvalidProperties('clientPort is not set');
  const dataLogDirectory = read.text('dataLogDir');
  const minSessionTimeoutMs = read.number('minSessionTimeout', -1);
  const maxSessionTimeoutMs = read.number('maxSessionTimeout', -1);
  const parsed = {
    dataDirectory: path.resolve(dataDirectory),
    dataLogDirectory: dataLogDirectory === undefined ? undefined : path.resolve(dataLogDirectory),
    host: read.text('clientPortAddress'),
    port,
    tickTimeMs: read.number('tickTime', 1),
    minSessionTimeoutMs: minSessionTimeoutMs === -1 ? undefined : minSessionTimeoutMs,
    maxSessionTimeoutMs: maxSessionTimeoutMs === -1 ? undefined : maxSessionTimeoutMs,
    maxClientConnections: read.number('maxClientCnxns', 0),
    snapCount: read.number('snapCount', 2),
    purgeRetainCount: read.number('autopurge.snapRetainCount', 0),
    purgeIntervalHours: read.number('autopurge.purgeInterval', 0),
    whitelist: read.text('4lw.commands.whitelist')?.split(',').map((name) => name.trim()).filter((name) => name !== ''),
    juteMaxBufferBytes: read.number('jute.maxbuffer', 1),
    preallocateBytes: kibibytes(read.number('preAllocSize', 0)),
    forceSync: read.flag('forceSync'),
    extendedTypes: read.flag('extendedTypesEnabled'),
    enforceQuota: read.flag('enforceQuota'),
    skipAcl: read.flag('skipACL'),
    superDigest: read.text('DigestAuthenticationProvider.superDigest'),
    trustEmptySnapshot: read.flag('snapshot.trust.empty'),
    containerCheckIntervalMs: read.number('znode.container.checkIntervalMs', 1),
  };
  const lowest = parsed.minSessionTimeoutMs ?? (parsed.tickTimeMs ?? 3000) * 2;
  if (parsed.maxSessionTimeoutMs !== undefined && parsed.maxSessionTimeoutMs < lowest) {
    throw new InvalidProperties('minSessionTimeout must not be larger than maxSessionTimeout');
  }
  return { ...parsed, ignored: read.unread() };
}

function kibibytes(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * 1024;
}

function refuseQuorum(values: ReadonlyMap<string, string>): void {
  const quorum = [...values.keys()].filter((name) => quorumProperties.test(name));
  if (quorum.some((name) => name.startsWith('server.')) || values.has('dynamicConfigFile')) {
    throw new InvalidProperties(
      `${quorum.join(', ')}: this is a single server; for an ensemble run Apache ZooKeeper and name its servers in zookeeper.connect`,
    );
  }
  if (values.has('secureClientPort')) throw new InvalidProperties('secureClientPort: this server has no TLS; remove it, or run Apache ZooKeeper');
}

/** Reads typed values and remembers which were asked for. */
class PropertyReader {
  readonly #values: ReadonlyMap<string, string>;
  /** Known to ZooKeeper, and without meaning for a single server on Node. */
  readonly #read = new Set<string>(['initLimit', 'syncLimit', 'admin.enableServer']);

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  text(name: string): string | undefined {
    this.#read.add(name);
    return this.#values.get(name);
  }

  number(name: string, lowest: number, highest = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text) || value < lowest || value > highest) throw new InvalidProperties(`${name}=${text}: a whole number of at least ${lowest} is wanted`);
    return value;
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (text === 'true' || text === 'yes') return true;
    if (text === 'false' || text === 'no') return false;
    throw new InvalidProperties(`${name}=${text}: true or false is wanted`);
  }

  unread(): string[] {
    return [...this.#values.keys()].filter((name) => !this.#read.has(name));
  }
}

/** Java's properties format: comments, escapes, lines that go on after a backslash. */
function* parseProperties(text: string): Generator<readonly [name: string, value: string]> {
  const joined = text.replace(/^[ \t\f]*[#!].*$/gm, '').replace(/(?<!\\)((?:\\\\)*)\\\r?\n[ \t\f]*/g, '$1');
  for (const line of joined.split(/\r?\n|\r/)) {
    const found = /^[ \t\f]*((?:[^=: \t\f\\]|\\.)+)(?:[ \t\f]*[=:][ \t\f]*|[ \t\f]+|$)(.*)$/.exec(line);
    if (found !== null) yield [unescape(found[1]!), unescape(found[2]!)] as const;
  }
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescape(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_, escaped: string) =>
    escaped.length > 1 ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16)) : (escapes[escaped] ?? escaped),
  );
}
