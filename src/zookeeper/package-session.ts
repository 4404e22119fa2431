import type { Client } from 'node-zookeeper-client';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Random } from '../runtime/random.ts';
import type { ZooKeeperAddress } from './connect-string.ts';

/*
 * One ZooKeeper session by node-zookeeper-client 1.1.3, whose faults are repaired here, and only here, through its inner
 * parts (client.connectionManager). What it does wrong by itself, each proved by a test:
 *
 * - It never notices a silent server. Here: a ping every third of the session in which nothing was sent; no byte for two
 *   thirds: the socket is destroyed, the next server tried, as the Java client does. A server that accepts and then says
 *   nothing is noticed likewise.
 * - Bytes of a frame cut off by a lost connection are glued before those of the next one; many frames in one read recurse.
 *   Here: frames are cut by us, and it gets one whole frame at a time.
 * - An error code or event that it does not know throws out of the socket's event, ending the process. Here: unknown
 *   codes become SYSTEM_ERROR, and whatever still throws costs the connection only.
 * - Requests that were not written yet outlive the connection, and are done later although their callers were told of
 *   a loss. Here: both of its queues are emptied first.
 * - close() while not connected never ends. Here: it does.
 * - It sets all watches again in one request, which a server refuses above 1 MiB. Here: in portions, as the Java client.
 * - Its server list takes no IPv6 address, and its waits between servers cannot be cancelled. Here: list and wait are ours.
 * - Request numbers run past 2^31. Here: they start again long before.
 */

export interface SessionOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly servers: readonly ZooKeeperAddress[];
  readonly sessionTimeoutMs: number;
  readonly auth: readonly { readonly scheme: string; readonly credential: string }[];
  readonly events: {
    connected(): void;
    disconnected(): void;
    expired(): void;
    authFailed(): void;
  };
}

const states = { connecting: 1, connected: 2, closed: -2, expired: -3, authFailed: -4 };
const pingXid = -2;
const pingType = 11;
const setWatchesType = 101;
const sessionMoved = -118;
const systemError = -1;
/** What the package can make an exception of; other codes throw. */
const knownErrors = new Set([0, -1, -2, -3, -4, -5, -6, -7, -8, -100, -101, -102, -103, -108, -110, -111, -112, -113, -114, -115]);
/** Kafka's clients take 4 MiB (jute.maxbuffer). */
const frameBytesMax = 4 * 1024 * 1024;
/** As the Java client: SetWatches requests hold about this much. */
const setWatchesBytesMax = 128 * 1024;
const backoffMinMs = 50;
const backoffMaxMs = 1000;
/** A connection that stood this long was a good one: the next attempt is made at once. */
const steadyMs = 1000;
const xidMax = 2 ** 30;

interface PackageParts {
  readonly zookeeper: typeof import('node-zookeeper-client');
  readonly jute: typeof import('node-zookeeper-client/lib/jute/index.js');
}

/** Imports the package on first use: it costs some 200 ms. */
export async function loadPackage(): Promise<PackageParts> {
  const { default: zookeeper } = await import('node-zookeeper-client');
  const { default: jute } = await import('node-zookeeper-client/lib/jute/index.js');
  return { zookeeper, jute };
}

export class PackageSession {
  readonly client: Client;
  /** See ZooKeeper.sessionSafeUntilMs; -Infinity before the first connection and after the end. */
  safeUntilMs = -Infinity;
  readonly #options: SessionOptions;
  readonly #package: PackageParts;
  readonly #servers: readonly ZooKeeperAddress[];
  #isConnected = false;
  #isEnded = false;
  #onClosed: (() => void) | undefined;
  #attempts = 0;
  #nextServer = 0;
  #attemptTimer: Timer | undefined;
  #guardTimer: Timer | undefined;
  #connectedAtMs = 0;
  #lastSentMs = 0;
  #lastByteMs = 0;
  #pingSentMs: number | undefined;
  #lastError: Error | undefined;
  #server: ZooKeeperAddress | undefined;
  #partial: Buffer[] = [];
  #partialBytes = 0;

  constructor(parts: PackageParts, options: SessionOptions) {
    this.#package = parts;
    this.#options = options;
    this.#servers = shuffled(options.servers, options.random);
    this.client = parts.zookeeper.createClient('replaced:1', {
      sessionTimeout: options.sessionTimeoutMs,
      spinDelay: 0,
      retries: 0,
    });
    for (const { scheme, credential } of options.auth) this.client.addAuthInfo(scheme, Buffer.from(credential));
    this.#repair();
  }

  /** Tries servers until one takes the session; `events` tell. */
  start(): void {
    this.client.connect();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get timeoutMs(): number {
    return this.client.getSessionTimeout();
  }

  /** Time to give to `answered` when the request that goes out now is answered. */
  sending(): number {
    const manager = this.client.connectionManager;
    if (manager.xid > xidMax) manager.xid = 1;
    this.#lastSentMs = this.#options.clock.monotonicMs();
    return this.#lastSentMs;
  }

  answered(sentMs: number): void {
    if (!this.#isEnded) this.safeUntilMs = Math.max(this.safeUntilMs, sentMs + this.timeoutMs);
  }

  /** Gives up this connection for another; the session stays. */
  reconnect(why: string): void {
    this.#lastError = new Error(why);
    this.client.connectionManager.socket?.destroy();
  }

  /** Ends the session at the server, waiting at most `waitMs` for it; without a connection the server has to wait for its end. */
  async close(waitMs: number): Promise<void> {
    if (this.#isConnected && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        const timer = this.#options.clock.setTimer(waitMs, resolve);
        this.#onClosed = () => {
          timer.cancel();
          resolve();
        };
        this.client.close();
      });
    }
    this.abandon();
  }

  /** Drops the connection and never comes back; the session, where it lives, ends by its timeout. */
  abandon(): void {
    this.#isEnded = true;
    this.#isConnected = false;
    this.safeUntilMs = -Infinity;
    this.#attemptTimer?.cancel();
    this.#guardTimer?.cancel();
    const manager = this.client.connectionManager;
    manager.state = states.closed;
    clearTimeout(manager.connectTimeoutHandler ?? undefined);
    manager.socket?.destroy();
  }

  #repair(): void {
    const manager = this.client.connectionManager;
    const whenConnected = manager.onSocketConnected.bind(manager);
    const whenClosed = manager.onSocketClosed.bind(manager);
    const whenFailed = manager.onSocketError.bind(manager);
    const handleFrame = manager.onSocketData.bind(manager);
    manager.servers = [...this.#servers];
    manager.watcherManager.isEmpty = () => true;
    manager.onSocketTimeout = () => undefined;
    manager.findNextServer = (callback) => this.#tryNextServer(callback);
    manager.onSocketError = (error) => {
      this.#lastError = error;
      whenFailed(error);
    };
    manager.onSocketConnected = () => {
      if (this.#isEnded) return;
      this.#beginConnection();
      whenConnected();
      this.#setWatchesAgain();
    };
    manager.onSocketData = (bytes) => {
      if (!this.#isEnded) this.#takeBytes(bytes, handleFrame);
    };
    manager.onSocketClosed = (hasError) => {
      if (!this.#isConnected) this.#lastError ??= new Error('the server closed the connection before it took the session; it may be starting, or its data be older than what this session has seen');
      this.#endConnection();
      if (!this.#isEnded) whenClosed(hasError);
      this.#onClosed?.();
    };
    manager.on('state', (state: number) => this.#stateChanged(state));
  }

  #stateChanged(state: number): void {
    if (this.#isEnded) return;
    const { clock, logger, events } = this.#options;
    switch (state) {
      case states.connected:
        this.#isConnected = true;
        this.#connectedAtMs = clock.monotonicMs();
        this.answered(this.#lastSentMs);
        this.#guard();
        logger.info('connected to ZooKeeper', { server: this.#serverText(), sessionId: this.client.getSessionId().toString('hex'), sessionTimeoutMs: this.timeoutMs });
        events.connected();
        return;
      case states.expired:
        this.abandon();
        events.expired();
        return;
      case states.authFailed:
        this.abandon();
        events.authFailed();
        return;
      default:
    }
  }

  /** Each server at once, then all of them again with growing, random waits. */
  #tryNextServer(callback: (server: ZooKeeperAddress) => void): void {
    if (this.#isEnded) return;
    const { clock, random, logger } = this.#options;
    const server = this.#servers[this.#nextServer++ % this.#servers.length] as ZooKeeperAddress;
    const round = Math.floor(this.#attempts++ / this.#servers.length);
    const waitMs = round === 0 ? 0 : Math.min(backoffMaxMs, backoffMinMs * 2 ** (round - 1));
    if (round > 0 && (round & (round - 1)) === 0 && this.#attempts % this.#servers.length === 1 % this.#servers.length) {
      logger.warn('no ZooKeeper server answers, trying on', { servers: this.#servers.map(addressText), rounds: round, error: this.#lastError });
    }
    this.#attemptTimer = clock.setTimer(waitMs === 0 ? 0 : waitMs / 2 + random.integer(Math.ceil(waitMs / 2)), () => {
      if (this.#isEnded) return;
      this.#server = server;
      callback(server);
    });
  }

  #beginConnection(): void {
    this.#partial = [];
    this.#partialBytes = 0;
    this.#pingSentMs = undefined;
    this.#lastError = undefined;
    this.#lastByteMs = this.sending();
    this.#guard();
  }

  #endConnection(): void {
    const manager = this.client.connectionManager;
    manager.pendingQueue.length = 0;
    manager.packetQueue.queue.length = 0;
    this.#guardTimer?.cancel();
    if (!this.#isConnected) return;
    this.#isConnected = false;
    const { clock, logger, events } = this.#options;
    if (clock.monotonicMs() - this.#connectedAtMs >= steadyMs) this.#attempts = 0;
    if (this.#onClosed === undefined) logger.warn('connection to ZooKeeper lost', { server: this.#serverText(), error: this.#lastError });
    events.disconnected();
  }

  /** Pings a quiet server and gives up a silent one. */
  #guard(): void {
    this.#guardTimer?.cancel();
    const { clock } = this.#options;
    const thirdMs = this.timeoutMs / 3;
    // A handshake leaves time to try all other servers before the session ends, as the Java client's does.
    const silenceMs = this.#isConnected ? 2 * thirdMs : Math.min(2 * thirdMs, this.timeoutMs / this.#servers.length);
    const dueMs = Math.min(this.#lastSentMs + (this.#isConnected ? thirdMs : Infinity), this.#lastByteMs + silenceMs);
    this.#guardTimer = clock.setTimer(Math.max(1, dueMs - clock.monotonicMs()), () => {
      const nowMs = clock.monotonicMs();
      if (nowMs - this.#lastByteMs >= silenceMs) {
        // After a stall of our own process the answer may wait in the socket: read before judging.
        const lastByteMs = this.#lastByteMs;
        clock.defer(() => clock.defer(() => this.#judgeSilence(lastByteMs)));
        return;
      }
      if (this.#isConnected && nowMs - this.#lastSentMs >= thirdMs) this.#ping();
      this.#guard();
    });
  }

  #judgeSilence(lastByteMs: number): void {
    if (this.#isEnded) return;
    if (lastByteMs === this.#lastByteMs) this.reconnect(`no byte from the server for ${Math.round(this.#options.clock.monotonicMs() - lastByteMs)} ms`);
    else this.#guard();
  }

  #ping(): void {
    const { jute } = this.#package;
    this.#pingSentMs ??= this.sending();
    this.#lastSentMs = this.#options.clock.monotonicMs();
    this.client.connectionManager.queue(new jute.Request(new jute.protocol.RequestHeader(pingXid, pingType), null));
  }

  #takeBytes(bytes: Buffer, handleFrame: (frame: Buffer) => void): void {
    this.#lastByteMs = this.#options.clock.monotonicMs();
    this.#partial.push(bytes);
    this.#partialBytes += bytes.length;
    const { socket } = this.client.connectionManager;
    try {
      for (let frame = this.#nextFrame(); frame !== undefined; frame = this.#nextFrame()) {
        this.#examine(frame);
        handleFrame(frame);
        if (this.#isEnded || socket?.destroyed === true) return;
      }
    } catch (error) {
      this.#lastError = error instanceof Error ? error : new Error(String(error));
      socket?.destroy();
    }
  }

  /** The next whole frame with its length, off the front of what was received. */
  #nextFrame(): Buffer | undefined {
    if (this.#partialBytes < 4) return undefined;
    if ((this.#partial[0] as Buffer).length < 4) this.#partial = [Buffer.concat(this.#partial)];
    const length = (this.#partial[0] as Buffer).readInt32BE(0);
    if (length < 0 || length > frameBytesMax) throw new Error(`server sent a frame of ${length} bytes`);
    const whole = 4 + length;
    if (this.#partialBytes < whole) return undefined;
    const received = this.#partial.length === 1 ? this.#partial[0] as Buffer : Buffer.concat(this.#partial);
    this.#partial = received.length === whole ? [] : [received.subarray(whole)];
    this.#partialBytes -= whole;
    return received.subarray(0, whole);
  }

  /** Sees to ping answers, and to error codes that the package cannot take. */
  #examine(frame: Buffer): void {
    if (this.client.connectionManager.state === states.connecting) return;
    if (frame.readInt32BE(4) === pingXid && this.#pingSentMs !== undefined) {
      this.answered(this.#pingSentMs);
      this.#pingSentMs = undefined;
    }
    const error = frame.readInt32BE(16);
    if (error === sessionMoved) throw new Error('the session has moved to another server');
    if (!knownErrors.has(error)) frame.writeInt32BE(systemError, 16);
  }

  #setWatchesAgain(): void {
    const { connectionManager: manager } = this.client;
    const { jute } = this.#package;
    const watched = manager.watcherManager;
    const watches = [
      ...watched.getDataWatcherPaths().map((path) => ['dataWatches', path] as const),
      ...watched.getExistenceWatcherPaths().map((path) => ['existWatches', path] as const),
      ...watched.getChildWatcherPaths().map((path) => ['childWatches', path] as const),
    ];
    let payload: InstanceType<typeof jute.protocol.SetWatches> | undefined;
    let bytes = 0;
    for (const [kind, path] of watches) {
      if (payload === undefined || bytes > setWatchesBytesMax) {
        payload = Object.assign(new jute.protocol.SetWatches(), { relativeZxid: manager.zxid, dataWatches: [], existWatches: [], childWatches: [] });
        bytes = 0;
        manager.queue(new jute.Request(new jute.protocol.RequestHeader(0, setWatchesType), payload));
      }
      payload[kind].push(path);
      bytes += 4 + Buffer.byteLength(path);
    }
  }

  #serverText(): string {
    return this.#server === undefined ? 'none' : addressText(this.#server);
  }
}

function addressText({ host, port }: ZooKeeperAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
