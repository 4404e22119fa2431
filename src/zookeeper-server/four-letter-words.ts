import type { Disk } from '../runtime/disk.ts';
import type { ClientConnection } from './client-connection.ts';
import type { ZooKeeperCore } from './core.ts';
import { displaySessionId } from './sessions.ts';
import type { SessionTracker } from './session-tracker.ts';
import type { Statistics } from './statistics.ts';
import type { WatchTable } from './watches.ts';

/** What the commands may look at, and reset. */
export interface ServerView {
  readonly core: ZooKeeperCore<ClientConnection>;
  readonly tracker: SessionTracker;
  readonly statistics: Statistics;
  readonly connections: ReadonlySet<ClientConnection>;
  readonly port: number;
  readonly tickTimeMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly maxClientConnections: number;
  readonly disk: Disk;
  readonly snapshotDirectory: string;
  readonly logDirectory: string;
  /** Wall clock. */
  readonly nowMs: number;
  readonly monotonicMs: number;
  readonly startedMonotonicMs: number;
}

/** Protocol and files are this version's; tools read the number. */
export const serverVersion = '3.8.4-ottla, built on 2024-02-12 22:16 UTC';
/** NIOServerCnxnFactory groups its connections by this (zookeeper.nio.sessionlessCnxnTimeout). */
const connectionExpiryMs = 10_000;

/** Answers as Apache ZooKeeper 3.8 gives them, line for line. */
const commands: Readonly<Record<string, (view: ServerView) => string>> = {
  ruok: () => 'imok',
  isro: () => 'rw',
  srvr: (view) => lines([`Zookeeper version: ${serverVersion}`, ...summary(view)]),
  stat: (view) => lines([`Zookeeper version: ${serverVersion}`, 'Clients:', ...clients(view, true), '', ...summary(view)]),
  cons: (view) => lines([...clients(view, false), '']),
  mntr: (view) => lines(monitorValues(view).map(([name, value]) => `zk_${name}\t${value}`)),
  dump: (view) => lines(dump(view)),
  conf: (view) => lines(configuration(view)),
  envi: () => lines(environment()),
  dirs: (view) => lines([`datadir_size: ${directoryBytes(view, view.snapshotDirectory)}`, `logdir_size: ${directoryBytes(view, view.logDirectory)}`]),
  wchs: ({ core }) => {
    const table = core.dataWatches;
    return lines([`${table.byWatcher.size} connections watching ${table.byPath.size} paths`, `Total watches:${table.size}`]);
  },
  wchc: ({ core }) => lines([...watchesBySession(core.dataWatches), '']),
  wchp: ({ core }) => lines([...watchesByPath(core.dataWatches), '']),
  srst: (view) => {
    view.statistics.reset();
    return 'Server stats reset.\n';
  },
  crst: (view) => {
    for (const connection of view.connections) connection.statistics.reset();
    return 'Connection stats reset.\n';
  },
  gtmk: () => '306',
  hash: () => '',
};

/** The command whose four letters make this number. */
export function commandOf(word: number): string | undefined {
  const letters = Buffer.alloc(4);
  letters.writeInt32BE(word);
  const name = letters.toString('latin1');
  return Object.hasOwn(commands, name) ? name : undefined;
}

/** @param whitelist what may be answered, `*` for all (4lw.commands.whitelist) */
export function answerCommand(name: string, view: ServerView, whitelist: readonly string[]): string {
  if (!whitelist.includes('*') && !whitelist.includes(name)) return `${name} is not executed because it is not in the whitelist.\n`;
  return commands[name]!(view);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

function summary({ statistics, connections, core }: ServerView): string[] {
  const { latencyLowestMs, latencyMeanMs, latencyMaxMs, received, sent } = statistics;
  return [
    `Latency min/avg/max: ${latencyLowestMs}/${decimal(latencyMeanMs)}/${latencyMaxMs}`,
    `Received: ${received}`,
    `Sent: ${sent}`,
    `Connections: ${connections.size}`,
    `Outstanding: ${outstanding(connections)}`,
    `Zxid: 0x${core.tree.lastZxid.toString(16)}`,
    'Mode: standalone',
    `Node count: ${core.tree.nodes.size}`,
  ];
}

function outstanding(connections: ReadonlySet<ClientConnection>): number {
  let count = 0;
  for (const connection of connections) count += connection.unanswered;
  return count;
}

/** As Java prints a double: at most four decimals here, at least one. */
function decimal(value: number): string {
  const rounded = Math.round(value * 10_000) / 10_000;
  return Number.isInteger(rounded) ? rounded.toFixed(1) : String(rounded);
}

function clients({ connections }: ServerView, isBrief: boolean): string[] {
  return [...connections].map((connection) => {
    const { statistics } = connection;
    const counts = `queued=${connection.unanswered},recved=${statistics.received},sent=${statistics.sent}`;
    const detail = isBrief || connection.sessionId === '' ? '' : clientDetail(connection);
    return ` /${connection.address}:${connection.remotePort}[${connection.isReading ? 1 : 0}](${counts}${detail})`;
  });
}

function clientDetail(connection: ClientConnection): string {
  const { statistics } = connection;
  const cxid = connection.lastCxid >= 0 ? `,lcxid=0x${connection.lastCxid.toString(16)}` : '';
  const zxid = connection.lastZxid < 0 ? 'f'.repeat(16) : connection.lastZxid.toString(16);
  return (
    `,sid=${displaySessionId(connection.sessionId)},lop=${connection.lastOperation},est=${connection.establishedMs},to=${connection.sessionTimeoutMs}${cxid}` +
    `,lzxid=0x${zxid},lresp=${connection.lastResponseMs},llat=${connection.lastLatencyMs}` +
    `,minlat=${statistics.latencyLowestMs},avglat=${Math.floor(statistics.latencyMeanMs)},maxlat=${statistics.latencyMaxMs}`
  );
}

function monitorValues(view: ServerView): (readonly [name: string, value: string | number])[] {
  const { statistics, core, connections } = view;
  return [
    ['version', serverVersion],
    ['server_state', 'standalone'],
    ['ephemerals_count', core.tree.ephemeralsCount],
    ['num_alive_connections', connections.size],
    ['avg_latency', decimal(statistics.latencyMeanMs)],
    ['outstanding_requests', outstanding(connections)],
    ['znode_count', core.tree.nodes.size],
    ['global_sessions', core.sessions.size],
    ['non_mtls_remote_conn_count', 0],
    ['packets_sent', statistics.sent],
    ['packets_received', statistics.received],
    ['connection_drop_probability', '0.0'],
    ['watch_count', core.dataWatches.size + core.childWatches.size],
    ['auth_failed_count', 0],
    ['min_latency', statistics.latencyLowestMs],
    ['approximate_data_size', core.tree.dataBytes],
    ['local_sessions', 0],
    ['uptime', Math.floor(view.monotonicMs - view.startedMonotonicMs)],
    ['max_latency', statistics.latencyMaxMs],
    ['outstanding_tls_handshake', 0],
    ['non_mtls_local_conn_count', 0],
  ];
}

function dump(view: ServerView): string[] {
  const { tracker, core } = view;
  const sessions = tracker.buckets().map(([deadlineMs, ids]) => [deadlineMs, ids.map(displaySessionId)] as const);
  const ephemerals = [...core.tree.ephemerals].flatMap(([sessionId, paths]) => [`${displaySessionId(sessionId)}:`, ...[...paths].map((path) => `\t${path}`)]);
  return [
    'SessionTracker dump:',
    ...expirySets('Session', sessions, view),
    'ephemeral nodes dump:',
    `Sessions with Ephemerals (${core.tree.ephemerals.size}):`,
    ...ephemerals,
    'Connections dump:',
    ...expirySets('Connections', connectionBuckets(view), view),
  ];
}

function connectionBuckets({ connections }: ServerView): (readonly [number, readonly string[]])[] {
  const buckets = new Map<number, string[]>();
  for (const connection of connections) {
    const timeoutMs = connection.sessionId === '' ? connectionExpiryMs : connection.sessionTimeoutMs;
    const deadlineMs = (Math.floor((connection.lastRequestMs + timeoutMs) / connectionExpiryMs) + 1) * connectionExpiryMs;
    const session = connection.sessionId === '' ? '0x0' : displaySessionId(connection.sessionId);
    const line = `ip: /${connection.address}:${connection.remotePort} sessionId: ${session}`;
    buckets.set(deadlineMs, [...(buckets.get(deadlineMs) ?? []), line]);
  }
  return [...buckets].sort(([a], [b]) => a - b);
}

function expirySets(what: string, buckets: readonly (readonly [deadlineMs: number, members: readonly string[]])[], view: ServerView): string[] {
  const total = buckets.reduce((count, [, members]) => count + members.length, 0);
  return [
    `${what} Sets (${buckets.length})/(${total}):`,
    ...buckets.flatMap(([deadlineMs, members]) => [
      `${members.length} expire at ${javaDate(view.nowMs + deadlineMs - view.monotonicMs)}:`,
      ...members.map((member) => `\t${member}`),
    ]),
  ];
}

/** `Sat Nov 21 03:16:15 UTC 2026` */
function javaDate(timeMs: number): string {
  const [weekday, day, month, year, time] = new Date(timeMs).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}

function configuration(view: ServerView): string[] {
  return [
    `clientPort=${view.port}`,
    'secureClientPort=-1',
    `dataDir=${view.snapshotDirectory}`,
    `dataDirSize=${directoryBytes(view, view.snapshotDirectory)}`,
    `dataLogDir=${view.logDirectory}`,
    `dataLogSize=${directoryBytes(view, view.logDirectory)}`,
    `tickTime=${view.tickTimeMs}`,
    `maxClientCnxns=${view.maxClientConnections}`,
    `minSessionTimeout=${view.minSessionTimeoutMs}`,
    `maxSessionTimeout=${view.maxSessionTimeoutMs}`,
    'clientPortListenBacklog=-1',
    'serverId=0',
  ];
}

function directoryBytes({ disk }: ServerView, directory: string): number {
  return disk.listSync(directory).reduce((sum, name) => sum + (disk.statSync(`${directory}/${name}`)?.sizeBytes ?? 0), 0);
}

function environment(): string[] {
  const { rss, heapTotal } = process.memoryUsage();
  return [
    'Environment:',
    `zookeeper.version=${serverVersion}`,
    `node.version=${process.version}`,
    `os.name=${process.platform}`,
    `os.arch=${process.arch}`,
    `user.dir=${process.cwd()}`,
    `os.memory.max=${Math.round(rss / 2 ** 20)}MB`,
    `os.memory.total=${Math.round(heapTotal / 2 ** 20)}MB`,
  ];
}

function watchesBySession(table: WatchTable<ClientConnection>): string[] {
  return [...table.byWatcher].flatMap(([connection, paths]) => [displaySessionId(connection.sessionId), ...[...paths].map((path) => `\t${path}`)]);
}

function watchesByPath(table: WatchTable<ClientConnection>): string[] {
  return [...table.byPath].flatMap(([path, watchers]) => [path, ...[...watchers.keys()].map((connection) => `\t${displaySessionId(connection.sessionId)}`)]);
}
