import type { Client, Exception, Event as PackageEvent } from 'node-zookeeper-client';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Random } from '../runtime/random.ts';
import { CallQueue } from './call-queue.ts';
import { parseConnectString } from './connect-string.ts';
import type { ConnectString } from './connect-string.ts';
import { loadPackage, PackageSession } from './package-session.ts';
import { aclsOf, addSteps, bufferOf, createFlagsOf, errorOf, multiErrorOf, multiResultOf, packageAcls, statOf, watchKindOf } from './package-values.ts';
import { ZooKeeperError } from './zookeeper.ts';
import type { Acl, CreateMode, Operation, OperationResult, SessionEvent, Stat, Watcher, ZooKeeper } from './zookeeper.ts';

export interface ConnectOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** zookeeper.connect: `host1:port1,host2:port2/chroot`. */
  readonly connectString: string;
  /** zookeeper.session.timeout.ms: what is asked for; the server decides. */
  readonly sessionTimeoutMs: number;
  /** zookeeper.connection.timeout.ms: how long the first connection may take. */
  readonly connectionTimeoutMs: number;
  /** Sent on each connection before anything else. */
  readonly auth?: readonly { readonly scheme: string; readonly credential: string }[];
  /** zookeeper.max.in.flight.requests, 10 unless given. */
  readonly maxInFlightRequests?: number;
}

const closeWaitMs = 5000;
/** As Kafka: time between a refused authentication and the next attempt. */
const authRetryMs = 1000;

type Package = Awaited<ReturnType<typeof loadPackage>>;
type PackageWatcher = (event: PackageEvent) => void;

/**
 * Connects, and makes the chroot when it is missing. Afterwards sessions are kept up without end: see `ZooKeeper`.
 *
 * @throws ZooKeeperError CONNECTION_LOSS when no server took us within connectionTimeoutMs; AUTH_FAILED; BAD_ARGUMENTS for a malformed connect string
 */
export async function connectZooKeeper(options: ConnectOptions): Promise<ZooKeeper> {
  const address = parseConnectString(options.connectString);
  const zooKeeper = new NodeZooKeeper(await loadPackage(), address, options);
  try {
    await zooKeeper.firstConnection();
    await zooKeeper.makeChroot();
  } catch (error) {
    await zooKeeper.close();
    throw error;
  }
  return zooKeeper;
}

class NodeZooKeeper implements ZooKeeper {
  readonly #package: Package;
  readonly #address: ConnectString;
  readonly #options: ConnectOptions;
  readonly #calls: CallQueue;
  readonly #listeners = new Set<(event: SessionEvent) => void>();
  /** The package tells watchers of a path apart by identity: one of its own for each of ours. */
  readonly #watchers = new WeakMap<Watcher, PackageWatcher>();
  #session: PackageSession;
  #sessionsLived = 0;
  #isClosed = false;
  #lastSessionId = '';
  #settleFirst: ((error: ZooKeeperError | undefined) => void) | undefined;

  constructor(parts: Package, address: ConnectString, options: ConnectOptions) {
    this.#package = parts;
    this.#address = address;
    this.#options = options;
    this.#calls = new CallQueue({
      clock: options.clock,
      maxInFlightRequests: options.maxInFlightRequests ?? 10,
      timeoutMs: () => this.#session.timeoutMs,
      onStuck: () => this.#session.reconnect('a request had no answer for a whole session timeout'),
    });
    this.#session = this.#newSession();
  }

  get sessionId(): string {
    return this.#lastSessionId;
  }

  get sessionTimeoutMs(): number {
    return this.#session.timeoutMs;
  }

  get sessionSafeUntilMs(): number {
    return this.#session.safeUntilMs;
  }

  firstConnection(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { clock, connectString, connectionTimeoutMs } = this.#options;
      const detail = `no ZooKeeper server of zookeeper.connect=${connectString} took a session within ${connectionTimeoutMs} ms`;
      const timer = clock.setTimer(connectionTimeoutMs, () => this.#settleFirst?.(new ZooKeeperError('CONNECTION_LOSS', undefined, { detail })));
      this.#settleFirst = (error) => {
        timer.cancel();
        this.#settleFirst = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#session.start();
    });
  }

  /**
   * Makes the chroot where it is not: a create that is refused would be a write too. Without one, waits for any answer, since
   * credentials may be refused after the session is there.
   */
  async makeChroot(): Promise<void> {
    const { chroot } = this.#address;
    if (chroot === '') {
      await this.exists('/').catch((error: unknown) => {
        if (!isError(error, 'NO_AUTH')) throw error;
      });
    } else if ((await this.exists('/')) === undefined) await this.#createWithParents(chroot, (path) => this.#createAt(path, undefined, 'persistent', undefined));
  }

  create(path: string, data: Uint8Array | undefined, mode: CreateMode = 'persistent', acl?: readonly Acl[]): Promise<string> {
    return this.#createAt(this.#full(path), data, mode, acl).then((created) => this.#relative(created));
  }

  createPath(path: string): Promise<void> {
    return this.#createWithParents(path, (each) => this.create(each, undefined));
  }

  get(path: string, watcher?: Watcher): Promise<{ readonly data: Buffer; readonly stat: Stat }> {
    return this.#call('read', path, (client, done) => {
      client.getData(this.#full(path), this.#watcher(watcher), (error, data, stat) => done(error, () => ({ data: data ?? Buffer.alloc(0), stat: statOf(stat) })));
    });
  }

  async find(path: string, watcher?: Watcher): Promise<{ readonly data: Buffer; readonly stat: Stat } | undefined> {
    for (;;) {
      try {
        return await this.get(path, watcher);
      } catch (error) {
        if (!isError(error, 'NO_NODE')) throw error;
      }
      if (watcher === undefined || await this.exists(path, watcher) === undefined) return undefined;
    }
  }

  exists(path: string, watcher?: Watcher): Promise<Stat | undefined> {
    return this.#call('read', path, (client, done) => {
      client.exists(this.#full(path), this.#watcher(watcher), (error, stat) => done(error, () => (stat === null ? undefined : statOf(stat))));
    });
  }

  children(path: string, watcher?: Watcher): Promise<string[]> {
    return this.#call('read', path, (client, done) => {
      client.getChildren(this.#full(path), this.#watcher(watcher), (error, children) => done(error, () => children));
    });
  }

  set(path: string, data: Uint8Array, version: number): Promise<Stat> {
    return this.#call('write', path, (client, done) => {
      client.setData(this.#full(path), bufferOf(data), version, (error, stat) => done(error, () => statOf(stat)));
    });
  }

  delete(path: string, version: number): Promise<void> {
    return this.#call('write', path, (client, done) => {
      client.remove(this.#full(path), version, (error) => done(error, () => undefined));
    });
  }

  async deleteRecursive(path: string): Promise<void> {
    for (;;) {
      try {
        const children = await this.children(path);
        await Promise.all(children.map((child) => this.deleteRecursive(path === '/' ? `/${child}` : `${path}/${child}`)));
        await this.delete(path, -1);
        return;
      } catch (error) {
        if (isError(error, 'NO_NODE')) return;
        if (!isError(error, 'NOT_EMPTY')) throw error;
      }
    }
  }

  async multi(operations: readonly Operation[]): Promise<OperationResult[]> {
    if (operations.length === 0) return [];
    const full = (path: string): string => this.#full(path);
    const relative = (path: string): string => this.#relative(path);
    const { path } = operations[0] as Operation;
    return this.#track('write', path, (client, answer) => {
      const transaction = client.transaction();
      addSteps(this.#package.zookeeper, transaction, operations, full);
      transaction.commit((error, results) => {
        if (error !== null && error !== undefined) answer(multiErrorOf(error, results, operations));
        else answer(undefined, (results ?? []).map((result) => multiResultOf(result, relative)));
      });
    });
  }

  getAcl(path: string): Promise<{ readonly acl: Acl[]; readonly stat: Stat }> {
    return this.#call('read', path, (client, done) => {
      client.getACL(this.#full(path), (error, acls, stat) => done(error, () => ({ acl: aclsOf(acls), stat: statOf(stat) })));
    });
  }

  setAcl(path: string, acl: readonly Acl[], aclVersion: number): Promise<Stat> {
    return this.#call('write', path, (client, done) => {
      client.setACL(this.#full(path), packageAcls(this.#package.zookeeper, acl), aclVersion, (error, stat) => done(error, () => statOf(stat)));
    });
  }

  onSession(listener: (event: SessionEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#calls.rejectAll('SESSION_EXPIRED');
    await this.#session.close(closeWaitMs);
    this.#calls.disconnected();
  }

  #newSession(): PackageSession {
    const { clock, random, logger, sessionTimeoutMs, auth = [] } = this.#options;
    return new PackageSession(this.#package, {
      clock,
      random,
      logger,
      servers: this.#address.servers,
      sessionTimeoutMs,
      auth,
      events: {
        connected: () => this.#connected(),
        disconnected: () => {
          this.#calls.disconnected();
          this.#tell({ kind: 'disconnected' });
        },
        expired: () => this.#sessionEnded('expired'),
        authFailed: () => this.#sessionEnded('auth-failed'),
      },
    });
  }

  #connected(): void {
    const sessionId = this.#session.client.getSessionId().toString('hex');
    const isSame = sessionId === this.#lastSessionId;
    this.#lastSessionId = sessionId;
    this.#calls.connected();
    this.#sessionsLived += isSame ? 0 : 1;
    this.#tell(isSame || this.#sessionsLived === 1 ? { kind: 'connected' } : { kind: 'new-session', sessionId });
    this.#settleFirst?.(undefined);
  }

  #sessionEnded(kind: 'expired' | 'auth-failed'): void {
    const { clock, logger } = this.#options;
    this.#calls.rejectAll(kind === 'expired' ? 'SESSION_EXPIRED' : 'AUTH_FAILED');
    this.#calls.disconnected();
    logger.warn(kind === 'expired' ? 'ZooKeeper session expired' : 'ZooKeeper refused our credentials', { sessionId: this.#lastSessionId });
    this.#session = this.#newSession();
    this.#tell({ kind });
    clock.setTimer(kind === 'expired' ? 0 : authRetryMs, () => {
      if (!this.#isClosed) this.#session.start();
    });
  }

  #tell(event: SessionEvent): void {
    if (this.#isClosed) return;
    for (const listener of this.#listeners) guarded(() => listener(event));
  }

  #createAt(fullPath: string, data: Uint8Array | undefined, mode: CreateMode, acl: readonly Acl[] | undefined): Promise<string> {
    return this.#call('write', fullPath, (client, done) => {
      const acls = packageAcls(this.#package.zookeeper, acl);
      client.create(fullPath, data === undefined ? undefined : bufferOf(data), acls, createFlagsOf(mode), (error, created) => done(error, () => created));
    });
  }

  async #createWithParents(path: string, create: (path: string) => Promise<unknown>): Promise<void> {
    if (path === '/' || path === '') return;
    for (;;) {
      try {
        await create(path);
        return;
      } catch (error) {
        if (isError(error, 'NODE_EXISTS')) return;
        if (!isError(error, 'NO_NODE')) throw error;
      }
      await this.#createWithParents(path.slice(0, path.lastIndexOf('/')), create);
    }
  }

  /** @param start gives a null error and a function that makes the value of the answer, or the package's exception */
  #call<T>(kind: 'read' | 'write', path: string, start: (client: Client, done: (error: Exception | null | undefined, value: () => T) => void) => void): Promise<T> {
    return this.#track(kind, path, (client, answer) => {
      start(client, (error, value) => {
        if (error === null || error === undefined) answer(undefined, value());
        else answer(errorOf(error, path));
      });
    });
  }

  #track<T>(kind: 'read' | 'write', path: string, start: (client: Client, answer: (error: ZooKeeperError | undefined, value?: T) => void) => void): Promise<T> {
    if (this.#isClosed) return Promise.reject(new ZooKeeperError('SESSION_EXPIRED', path, { detail: 'the ZooKeeper client was closed' }));
    return this.#calls.call<T>(kind, path, (answer) => {
      const session = this.#session;
      const sentMs = session.sending();
      start(session.client, (error, value) => {
        session.answered(sentMs);
        answer(error, value);
      });
    });
  }

  #watcher(watcher: Watcher | undefined): PackageWatcher | undefined {
    if (watcher === undefined) return undefined;
    let known = this.#watchers.get(watcher);
    if (known === undefined) {
      known = ({ type, path }) => {
        const kind = watchKindOf(type);
        if (kind !== undefined && !this.#isClosed) guarded(() => watcher({ kind, path: this.#relative(path) }));
      };
      this.#watchers.set(watcher, known);
    }
    return known;
  }

  #full(path: string): string {
    const { chroot } = this.#address;
    return chroot !== '' && path === '/' ? chroot : `${chroot}${path}`;
  }

  #relative(fullPath: string): string {
    return fullPath.slice(this.#address.chroot.length) || '/';
  }
}

function isError(error: unknown, name: ZooKeeperError['name']): boolean {
  return error instanceof ZooKeeperError && error.name === name;
}

/** A listener's bug must not look like a broken connection to the package: it goes to the process instead. */
function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
