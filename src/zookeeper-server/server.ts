import type { Clock, Timer } from '../runtime/clock.ts';
import type { Disk } from '../runtime/disk.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Connection, Listener, Network } from '../runtime/network.ts';
import type { Random } from '../runtime/random.ts';
import { ClientConnection, type ConnectionOwner } from './client-connection.ts';
import { ZooKeeperCore, type Delivery } from './core.ts';
import { answerCommand, commandOf, type ServerView } from './four-letter-words.ts';
import { GroupCommit } from './group-commit.ts';
import { JuteReader, MalformedJute } from './jute.ts';
import { operationCodes } from './operations.ts';
import { writeConnectReply, writeEvent, writeReply } from './replies.ts';
import { readRequest } from './requests.ts';
import { displaySessionId } from './sessions.ts';
import { SessionTracker } from './session-tracker.ts';
import { Statistics } from './statistics.ts';
import { purge, recover, removeUnfinished, SnapshotFile, StorageError, type Recovered, type StorageOptions } from './storage.ts';
import { LogWriter } from './transaction-log.ts';
import type { Transaction } from './transactions.ts';

export interface ZooKeeperServerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly network: Network;
  readonly logger: Logger;
  /** Snapshots go to `version-2` below it (dataDir). */
  readonly dataDirectory: string;
  /** Transaction logs go to `version-2` below it; the data directory unless given (dataLogDir). */
  readonly dataLogDirectory?: string | undefined;
  /** All addresses when undefined (clientPortAddress). */
  readonly host?: string | undefined;
  /** 0 lets the system choose (clientPort). */
  readonly port: number;
  /** Sessions end at whole ticks (tickTime); 3000 unless given. */
  readonly tickTimeMs?: number | undefined;
  /** Two ticks unless given (minSessionTimeout). */
  readonly minSessionTimeoutMs?: number | undefined;
  /** Twenty ticks unless given (maxSessionTimeout). */
  readonly maxSessionTimeoutMs?: number | undefined;
  /** Connections from one address; 0 for any number (maxClientCnxns); 60 unless given. */
  readonly maxClientConnections?: number | undefined;
  /** A snapshot is taken after half to all of so many transactions (zookeeper.snapCount); 100,000 unless given. */
  readonly snapCount?: number | undefined;
  /** Snapshots kept by a purge (autopurge.snapRetainCount); 3 unless given, and at least. */
  readonly purgeRetainCount?: number | undefined;
  /** Hours between purges; 0, the default, purges never (autopurge.purgeInterval). */
  readonly purgeIntervalHours?: number | undefined;
  /** Four-letter words that are answered, `*` for all (4lw.commands.whitelist); `srvr` unless given. */
  readonly whitelist?: readonly string[] | undefined;
  /** The longest request (jute.maxbuffer); 0xfffff unless given. */
  readonly juteMaxBufferBytes?: number | undefined;
  /** zookeeper.preAllocSize, here in bytes; 64 MiB unless given, 0 for none. */
  readonly preallocateBytes?: number | undefined;
  /** False answers before the disk has it (forceSync=no). */
  readonly forceSync?: boolean | undefined;
  /** zookeeper.extendedTypesEnabled: TTL nodes. */
  readonly extendedTypes?: boolean | undefined;
  readonly enforceQuota?: boolean | undefined;
  readonly skipAcl?: boolean | undefined;
  readonly superDigest?: string | undefined;
  readonly trustEmptySnapshot?: boolean | undefined;
  /** Milliseconds between looks for containers and TTL nodes to delete (znode.container.checkIntervalMs); 60,000 unless given. */
  readonly containerCheckIntervalMs?: number | undefined;
  /** Called once when the log can no longer be written; the server has stopped by then. */
  readonly failed?: ((error: unknown) => void) | undefined;
}

export interface ZooKeeperServer {
  readonly host: string;
  readonly port: number;
  /** Closes listener, connections and files. Sessions live on in the log. */
  stop(): Promise<void>;
}

/**
 * Starts a single ZooKeeper server on its data.
 *
 * @throws StorageError, CorruptLog when the data is in use or cannot be read; Node's system error when the port is taken
 */
export async function startZooKeeperServer(options: ZooKeeperServerOptions): Promise<ZooKeeperServer> {
  const server = new Server(options);
  try {
    await server.listen();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

const hourMs = 3_600_000;
/** A log this long makes a snapshot too, between half and all of it (zookeeper.snapSizeLimitInKb). */
const snapshotLogBytes = 4 * 2 ** 30;

class Server implements ZooKeeperServer, ConnectionOwner {
  readonly clock: Clock;
  readonly juteMaxBufferBytes: number;
  readonly statistics = new Statistics();
  readonly options: ZooKeeperServerOptions;
  readonly core: ZooKeeperCore<ClientConnection>;
  readonly tracker: SessionTracker;
  readonly tickTimeMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly maxClientConnections: number;
  readonly startedMs: number;
  readonly connections = new Set<ClientConnection>();
  readonly storage: StorageOptions;
  readonly log: LogWriter;
  readonly #logger: Logger;
  readonly #commits: GroupCommit<ClientConnection>;
  readonly #lock: { release(): void };
  readonly #bySession = new Map<string, ClientConnection>();
  readonly #timers = new Set<Timer>();
  #listener: Listener | undefined;
  #expiryTimer: Timer | undefined;
  #expiryAtMs = Number.POSITIVE_INFINITY;
  #transactionsToSnapshot = 0;
  #snapshotLogBytes = snapshotLogBytes;
  #snapshot: SnapshotFile | undefined;
  #isStopped = false;

  constructor(options: ZooKeeperServerOptions) {
    this.options = options;
    this.clock = options.clock;
    this.#logger = options.logger;
    this.startedMs = options.clock.monotonicMs();
    this.tickTimeMs = options.tickTimeMs ?? 3000;
    this.minSessionTimeoutMs = options.minSessionTimeoutMs ?? this.tickTimeMs * 2;
    this.maxSessionTimeoutMs = options.maxSessionTimeoutMs ?? this.tickTimeMs * 20;
    this.maxClientConnections = options.maxClientConnections ?? 60;
    this.juteMaxBufferBytes = options.juteMaxBufferBytes ?? 0xfffff;
    this.tracker = new SessionTracker(this.tickTimeMs);
    this.storage = storageOptions(options);
    const { disk } = options;
    disk.makeDirectorySync(this.storage.snapshotDirectory);
    disk.makeDirectorySync(this.storage.logDirectory);
    const lock = disk.lockSync(`${options.dataDirectory}/.lock`);
    if (lock === undefined) throw new StorageError(`${options.dataDirectory} is in use by another ZooKeeper server; stop it or use another dataDir`);
    this.#lock = lock;
    const rules = { extendedTypes: options.extendedTypes ?? false, enforceQuota: options.enforceQuota ?? false, skipAcl: options.skipAcl ?? false };
    try {
      removeUnfinished(disk, this.storage.snapshotDirectory);
      const recovered = recover(this.storage);
      this.core = new ZooKeeperCore({ ...rules, superDigest: options.superDigest }, this.clock.nowMs(), recovered);
      this.#firstSnapshot(recovered);
    } catch (error) {
      lock.release();
      throw error;
    }
    this.log = new LogWriter({ disk, directory: this.storage.logDirectory, preallocateBytes: options.preallocateBytes ?? 64 * 2 ** 20 });
    this.#commits = new GroupCommit({ log: this.log, clock: this.clock, forceSync: options.forceSync ?? true, failed: (error) => this.#logFailed(error) });
    this.#chooseSnapshotTime();
    const nowMs = this.clock.monotonicMs();
    for (const [sessionId, timeoutMs] of this.core.sessions) this.tracker.touch(sessionId, timeoutMs, nowMs);
  }

  get host(): string {
    return this.#listener?.host ?? '';
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  async listen(): Promise<void> {
    const { network, host, port } = this.options;
    this.#listener = await network.listen(host, port, (connection) => this.#accept(connection));
    this.#armExpiry();
    this.#every(this.options.containerCheckIntervalMs ?? 60_000, () => this.#collectContainers());
    const purgeHours = this.options.purgeIntervalHours ?? 0;
    if (purgeHours > 0) {
      this.#purge();
      this.#every(purgeHours * hourMs, () => this.#purge());
    }
    this.#logger.info('zookeeper server started', { host: this.host, port: this.port, zxid: this.core.tree.lastZxid, sessions: this.core.sessions.size });
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#expiryTimer?.cancel();
    await this.#listener?.close();
    if (this.log.hasPending || this.connections.size > 0) await this.#commits.durable();
    this.#commits.stop();
    for (const connection of this.connections) connection.destroy();
    this.#snapshot?.abandon();
    this.log.close();
    this.#lock.release();
    this.#logger.info('zookeeper server stopped', { zxid: this.core.tree.lastZxid });
  }

  #accept(connection: Connection): ClientConnection {
    const client = new ClientConnection(connection, this);
    const limit = this.maxClientConnections;
    if (this.#isStopped || (limit > 0 && this.#connectionsFrom(client.address) >= limit)) {
      if (!this.#isStopped) this.#logger.warn('too many connections from one address', { address: client.address, maxClientCnxns: limit });
      client.destroy();
    } else {
      this.connections.add(client);
    }
    return client;
  }

  #connectionsFrom(address: string): number {
    let count = 0;
    for (const connection of this.connections) if (connection.address === address) count++;
    return count;
  }

  command(connection: ClientConnection, word: number): string | undefined {
    const name = commandOf(word);
    if (name === undefined) return undefined;
    connection.closeAfterFlush();
    connection.statistics.received++;
    this.statistics.received++;
    connection.lastRequestMs = this.clock.monotonicMs();
    return answerCommand(name, this.#view(), this.options.whitelist ?? defaultWhitelist);
  }

  #view(): ServerView {
    const { core, tracker, statistics, connections, port, tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs, maxClientConnections } = this;
    const { disk, snapshotDirectory, logDirectory } = this.storage;
    return {
      core, tracker, statistics, connections, port, tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs, maxClientConnections,
      disk, snapshotDirectory, logDirectory,
      nowMs: this.clock.nowMs(), monotonicMs: this.clock.monotonicMs(), startedMonotonicMs: this.startedMs,
    };
  }

  closed(connection: ClientConnection): void {
    this.connections.delete(connection);
    this.core.disconnect(connection);
    if (this.#bySession.get(connection.sessionId) === connection) this.#bySession.delete(connection.sessionId);
  }

  frame(connection: ClientConnection, frame: Buffer): void {
    connection.statistics.received++;
    this.statistics.received++;
    connection.lastRequestMs = this.clock.monotonicMs();
    try {
      if (connection.sessionId === '') this.#connect(connection, new JuteReader(frame));
      else this.#request(connection, new JuteReader(frame));
    } catch (error) {
      if (!(error instanceof MalformedJute)) throw error;
      this.#logger.warn('malformed frame, connection closed', { address: connection.address, session: connection.sessionId, error });
      connection.destroy();
    }
  }

  #connect(connection: ClientConnection, reader: JuteReader): void {
    reader.int();
    const lastZxidSeen = reader.long();
    const timeoutAsked = reader.int();
    const sessionId = reader.hexLong();
    const password = reader.buffer();
    const withReadOnly = reader.remaining > 0;
    if (lastZxidSeen > this.core.tree.lastZxid) {
      this.#logger.warn('client has seen a later zxid than this server has; it must try another one', { address: connection.address, lastZxidSeen });
      connection.destroy();
      return;
    }
    const timeoutMs = Math.min(Math.max(timeoutAsked, this.minSessionTimeoutMs), this.maxSessionTimeoutMs);
    const isNew = sessionId === noSession;
    if (isNew || this.core.knows(sessionId, password)) {
      this.#attach(connection, isNew ? undefined : sessionId, timeoutMs, password, withReadOnly);
    } else {
      writeConnectReply(connection.out, { timeoutMs: 0, sessionId: noSession, password: Buffer.alloc(16) }, withReadOnly);
      connection.closeAfterFlush();
    }
    this.#answered(connection);
  }

  #attach(connection: ClientConnection, known: string | undefined, timeoutMs: number, password: Buffer | null, withReadOnly: boolean): void {
    if (known === undefined) {
      const { transaction, reply } = this.core.openSession(timeoutMs, this.clock.nowMs());
      this.#append(transaction);
      connection.beginSession(reply.sessionId, timeoutMs);
      writeConnectReply(connection.out, reply, withReadOnly);
    } else {
      this.#bySession.get(known)?.destroy(); // the session moved here
      connection.beginSession(known, timeoutMs);
      writeConnectReply(connection.out, { timeoutMs, sessionId: known, password: password! }, withReadOnly);
    }
    connection.lastOperation = 'SESS';
    this.#bySession.set(connection.sessionId, connection);
    this.#touch(connection);
  }

  #request(connection: ClientConnection, reader: JuteReader): void {
    const xid = reader.int();
    const type = reader.int();
    if (this.core.sessions.has(connection.sessionId)) this.#touch(connection);
    const { transaction, events, reply, thenClose } = this.core.apply(xid, readRequest(type, reader), connection, this.clock.nowMs());
    if (transaction !== undefined) this.#append(transaction);
    this.#deliver(events);
    if (reply !== undefined) {
      writeReply(connection.out, reply);
      connection.lastZxid = reply.zxid;
    }
    connection.lastOperation = operationNames.get(type) ?? 'NA';
    connection.lastCxid = xid;
    if (type === operationCodes.closeSession) this.#sessionEnded(connection.sessionId);
    if (thenClose) connection.closeAfterFlush();
    this.#answered(connection);
  }

  #answered(connection: ClientConnection): void {
    connection.unanswered++;
    connection.statistics.sent++;
    this.statistics.sent++;
    this.#commits.afterCommit(connection);
  }

  #deliver(events: readonly Delivery<ClientConnection>[]): void {
    for (const { to, type, path } of events) {
      if (to.isClosed) continue;
      writeEvent(to.out, type, path);
      to.statistics.sent++;
      this.statistics.sent++;
      this.#commits.afterCommit(to);
    }
  }

  #append(transaction: Transaction): void {
    this.#commits.append(transaction);
    if (--this.#transactionsToSnapshot <= 0 || this.log.sizeBytes > this.#snapshotLogBytes) this.#startSnapshot();
  }

  #touch(connection: ClientConnection): void {
    const deadlineMs = this.tracker.touch(connection.sessionId, connection.sessionTimeoutMs, this.clock.monotonicMs());
    if (deadlineMs < this.#expiryAtMs && this.#listener !== undefined) this.#armExpiry();
  }

  #sessionEnded(sessionId: string): void {
    this.tracker.forget(sessionId);
    this.#bySession.delete(sessionId);
  }

  #armExpiry(): void {
    this.#expiryTimer?.cancel();
    const nextMs = this.tracker.nextDeadlineMs;
    this.#expiryAtMs = nextMs ?? Number.POSITIVE_INFINITY;
    this.#expiryTimer = undefined;
    if (nextMs === undefined || this.#isStopped) return;
    // The requests that already wait in the sockets are read before the sessions are judged: this process may have been held up.
    this.#expiryTimer = this.clock.setTimer(Math.max(0, nextMs - this.clock.monotonicMs()), () => this.clock.defer(() => this.#expire()));
  }

  #expire(): void {
    if (this.#isStopped) return;
    for (const sessionId of this.tracker.expire(this.clock.monotonicMs())) {
      if (!this.core.sessions.has(sessionId)) continue;
      this.#logger.info('session expired', { session: displaySessionId(sessionId), timeoutMs: this.core.sessions.get(sessionId) });
      const { transaction, events } = this.core.closeSession(sessionId, 0, this.clock.nowMs());
      this.#append(transaction);
      this.#deliver(events);
      this.#bySession.get(sessionId)?.destroy();
      this.#bySession.delete(sessionId);
    }
    this.#armExpiry();
  }

  #every(intervalMs: number, action: () => void): void {
    const timer = this.clock.setTimer(intervalMs, () => {
      this.#timers.delete(timer);
      if (this.#isStopped) return;
      action();
      this.#every(intervalMs, action);
    });
    this.#timers.add(timer);
  }

  #collectContainers(): void {
    const nowMs = this.clock.nowMs();
    for (const path of this.core.collectable(nowMs)) {
      const collected = this.core.collect(path, nowMs);
      if (collected === undefined) continue;
      this.#append(collected.transaction);
      this.#deliver(collected.events);
    }
  }

  #purge(): void {
    const removed = purge(this.storage, Math.max(3, this.options.purgeRetainCount ?? 3));
    if (removed.length > 0) this.#logger.info('purged', { files: removed });
  }

  /** Written before the first log is: logs without any snapshot are no whole history. */
  #firstSnapshot(recovered: Recovered): void {
    if (recovered.isSnapshotCurrent) return;
    const snapshot = new SnapshotFile(this.options.disk, this.storage.snapshotDirectory, recovered);
    while (snapshot.next());
    snapshot.finishSync();
  }

  #chooseSnapshotTime(): void {
    const half = Math.max(1, Math.floor((this.options.snapCount ?? 100_000) / 2));
    this.#transactionsToSnapshot = half + this.options.random.integer(half);
    this.#snapshotLogBytes = snapshotLogBytes / 2 + this.options.random.integer(snapshotLogBytes / 2);
  }

  #startSnapshot(): void {
    this.#chooseSnapshotTime();
    if (this.#snapshot !== undefined) return; // the last one is not written yet
    this.log.roll();
    try {
      this.#snapshot = new SnapshotFile(this.options.disk, this.storage.snapshotDirectory, this.core);
      this.#continueSnapshot(this.#snapshot);
    } catch (error) {
      this.#logger.error('no snapshot could be begun', { error });
    }
  }

  #continueSnapshot(snapshot: SnapshotFile): void {
    this.clock.defer(() => {
      if (this.#isStopped) return;
      try {
        if (snapshot.next()) this.#continueSnapshot(snapshot);
        else void this.#finishSnapshot(snapshot);
      } catch (error) {
        this.#snapshotFailed(snapshot, error);
      }
    });
  }

  /** Its name comes last, when the log has all that it shows. */
  async #finishSnapshot(snapshot: SnapshotFile): Promise<void> {
    try {
      await this.#commits.durable();
      if (this.#isStopped) return;
      await snapshot.finish();
      this.#snapshot = undefined;
    } catch (error) {
      this.#snapshotFailed(snapshot, error);
    }
  }

  #snapshotFailed(snapshot: SnapshotFile, error: unknown): void {
    this.#snapshot = undefined;
    this.#logger.error('snapshot failed; the log goes on', { error });
    snapshot.abandon();
  }

  #logFailed(error: unknown): void {
    this.#logger.error('the transaction log cannot be written, the server stops', { directory: this.storage.logDirectory, error });
    this.#isStopped = true;
    this.#expiryTimer?.cancel();
    for (const timer of this.#timers) timer.cancel();
    for (const connection of this.connections) connection.destroy();
    void this.#listener?.close();
    this.#lock.release();
    this.options.failed?.(error);
  }
}

const defaultWhitelist: readonly string[] = ['srvr'];
const noSession = '0000000000000000';

/** As `cons` shows them. */
const operationNames: ReadonlyMap<number, string> = new Map([
  [operationCodes.create, 'CREA'], [operationCodes.create2, 'CREA'], [operationCodes.createContainer, 'CREA'], [operationCodes.createTtl, 'CREA'],
  [operationCodes.delete, 'DELE'], [operationCodes.exists, 'EXIS'], [operationCodes.getData, 'GETD'], [operationCodes.setData, 'SETD'],
  [operationCodes.getAcl, 'GETA'], [operationCodes.setAcl, 'SETA'], [operationCodes.getChildren, 'GETC'], [operationCodes.getChildren2, 'GETC'],
  [operationCodes.sync, 'SYNC'], [operationCodes.ping, 'PING'], [operationCodes.multi, 'MULT'], [operationCodes.multiRead, 'MLTR'],
  [operationCodes.setWatches, 'SETW'], [operationCodes.setWatches2, 'STW2'], [operationCodes.addWatch, 'ADDW'], [operationCodes.checkWatches, 'CHKW'],
  [operationCodes.removeWatches, 'REMW'], [operationCodes.whoAmI, 'HOMI'], [operationCodes.getEphemerals, 'GETE'],
  [operationCodes.getAllChildrenNumber, 'GETACN'], [operationCodes.closeSession, 'CLOS'],
]);

function storageOptions(options: ZooKeeperServerOptions): StorageOptions {
  return {
    disk: options.disk,
    logger: options.logger,
    snapshotDirectory: `${options.dataDirectory}/version-2`,
    logDirectory: `${options.dataLogDirectory ?? options.dataDirectory}/version-2`,
    trustEmptySnapshot: options.trustEmptySnapshot ?? false,
  };
}
