import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { JuteReader, JuteWriter } from '../../zookeeper-server/jute.ts';
import { operationCodes, specialXids } from '../../zookeeper-server/operations.ts';
import { parseConnectString } from '../../zookeeper/connect-string.ts';
import type { ConnectString, ZooKeeperAddress } from '../../zookeeper/connect-string.ts';
import { KeeperError, keeperErrors } from './keeper-error.ts';
import { Watches } from './watches.ts';

/*
 * A ZooKeeper session for the shell, on jute itself: node-zookeeper-client has neither create2, containers, TTLs, addWatch,
 * removeWatches, sync, whoAmI nor the others. One connection; when it is lost, calls end with ConnectionLoss as in Java, and
 * the next server is tried after a second.
 */

/** How the shell names what happens: `SyncConnected`, `NodeDataChanged`. */
export interface ShellEvent {
  readonly state: string;
  readonly type: string;
  readonly path: string | undefined;
}

interface Pending {
  readonly xid: number;
  readonly path: string | undefined;
  readonly resolve: (reply: JuteReader) => void;
  readonly reject: (error: Error) => void;
}

const eventNames: ReadonlyMap<number, string> = new Map([[1, 'NodeCreated'], [2, 'NodeDeleted'], [3, 'NodeDataChanged'], [4, 'NodeChildrenChanged']]);
const reconnectMs = 1000;
const noSession = '0000000000000000';

export class ShellSession {
  readonly watches = new Watches();
  /** Resolves at the first connection. */
  readonly connected: Promise<void>;
  #whenConnected: () => void = () => undefined;
  readonly #address: ConnectString;
  readonly #timeoutMs: number;
  readonly #tell: (event: ShellEvent) => void;
  #state: 'connecting' | 'connected' | 'closed' | 'expired' | 'auth-failed' = 'connecting';
  #socket: Socket | undefined;
  #received: Buffer = Buffer.alloc(0);
  #isGreeted = false;
  #xid = 0;
  #zxid = 0;
  #sessionId = noSession;
  #password: Buffer = Buffer.alloc(16);
  #nextServer = 0;
  /** Not sent yet. */
  #waiting: { readonly frame: Buffer; readonly pending: Pending }[] = [];
  #pending: Pending[] = [];
  readonly #auth: { readonly scheme: string; readonly credential: Buffer }[] = [];
  #timers: NodeJS.Timeout[] = [];
  #whenClosed: (() => void) | undefined;

  /** @throws ZooKeeperError BAD_ARGUMENTS for a malformed connect string */
  constructor(connectString: string, timeoutMs: number, tell: (event: ShellEvent) => void) {
    this.#address = parseConnectString(connectString);
    this.#timeoutMs = timeoutMs;
    this.#tell = tell;
    this.connected = new Promise((resolve) => { this.#whenConnected = resolve; });
    this.#connect();
  }

  get isAlive(): boolean {
    return this.#state === 'connecting' || this.#state === 'connected';
  }

  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  /** @param path as the user wrote it, for errors; the body holds `this.full(path)` */
  request(type: number, path: string | undefined, body: (writer: JuteWriter) => void): Promise<JuteReader> {
    if (!this.isAlive) return Promise.reject(new KeeperError(this.#state === 'auth-failed' ? keeperErrors.authFailed : keeperErrors.sessionExpired, path));
    return new Promise((resolve, reject) => {
      const xid = ++this.#xid;
      const request = { frame: requestFrame(xid, type, body), pending: { xid, path, resolve, reject } };
      if (this.#state === 'connected') this.#send(request);
      else this.#waiting.push(request);
    });
  }

  addAuth(scheme: string, credential: Buffer): void {
    this.#auth.push({ scheme, credential });
    if (this.#state === 'connected') this.#socket?.write(authFrame(scheme, credential));
  }

  full(path: string): string {
    const { chroot } = this.#address;
    return chroot !== '' && path === '/' ? chroot : `${chroot}${path}`;
  }

  relative(path: string): string {
    return path.slice(this.#address.chroot.length) || '/';
  }

  /** Ends the session at the server, if one is reached. */
  async close(): Promise<void> {
    if (!this.isAlive) return;
    if (this.#state === 'connected') {
      const closed = new Promise<void>((resolve) => { this.#whenClosed = resolve; });
      this.#socket?.write(requestFrame(++this.#xid, operationCodes.closeSession, () => undefined));
      await closed;
    }
    this.#end('closed');
    this.#tell({ state: 'Closed', type: 'None', path: undefined });
  }

  /** Leaves without ending the session, as a process that exits. */
  drop(): void {
    this.#end('closed');
  }

  #connect(): void {
    const { servers } = this.#address;
    const { host, port } = servers[this.#nextServer++ % servers.length] as ZooKeeperAddress;
    this.#received = Buffer.alloc(0);
    this.#isGreeted = false;
    const socket = connect({ host, port, noDelay: true });
    this.#socket = socket;
    socket.setTimeout(this.#timeoutMs * 2 / 3, () => socket.destroy());
    socket.on('connect', () => socket.write(this.#greeting()));
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#lost());
  }

  #lost(): void {
    if (!this.isAlive) return;
    if (this.#whenClosed !== undefined) {
      this.#whenClosed();
      return;
    }
    const wasConnected = this.#state === 'connected';
    this.#state = 'connecting';
    this.#rejectAll(keeperErrors.connectionLoss);
    if (wasConnected) this.#tell({ state: 'Disconnected', type: 'None', path: undefined });
    this.#after(reconnectMs, () => this.#connect());
  }

  #end(state: 'closed' | 'expired' | 'auth-failed'): void {
    this.#state = state;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.watches.clear();
    this.#rejectAll(state === 'auth-failed' ? keeperErrors.authFailed : keeperErrors.sessionExpired);
    this.#socket?.destroy();
  }

  #rejectAll(code: number): void {
    const open = [...this.#pending, ...this.#waiting.map(({ pending }) => pending)];
    this.#pending = [];
    this.#waiting = [];
    for (const { reject, path } of open) reject(new KeeperError(code, path));
  }

  #after(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers = this.#timers.filter((other) => other !== timer);
      if (this.isAlive) run();
    }, delayMs);
    this.#timers.push(timer);
  }

  #send({ frame, pending }: { readonly frame: Buffer; readonly pending: Pending }): void {
    this.#pending.push(pending);
    this.#socket?.write(frame);
  }

  #greeting(): Buffer {
    return framed((writer) => {
      writer.int(0);
      writer.long(this.#zxid);
      writer.int(this.#timeoutMs);
      writer.hexLong(this.#sessionId);
      writer.buffer(this.#password);
      writer.bool(false);
    });
  }

  #receive(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      const reader = new JuteReader(this.#received, 4, end);
      this.#received = this.#received.subarray(end);
      if (this.#isGreeted) this.#reply(reader);
      else this.#greeted(reader);
    }
  }

  #greeted(reader: JuteReader): void {
    reader.int();
    const timeoutMs = reader.int();
    this.#isGreeted = true;
    if (timeoutMs <= 0) {
      this.#end('expired');
      this.#tell({ state: 'Expired', type: 'None', path: undefined });
      return;
    }
    this.#sessionId = reader.hexLong();
    this.#password = Buffer.from(reader.buffer() ?? Buffer.alloc(16));
    this.#state = 'connected';
    this.#tell({ state: 'SyncConnected', type: 'None', path: undefined });
    this.#whenConnected();
    for (const { scheme, credential } of this.#auth) this.#socket?.write(authFrame(scheme, credential));
    this.#setWatches();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const request of waiting) this.#send(request);
    this.#keepAlive(this.#socket, timeoutMs / 3);
  }

  #keepAlive(socket: Socket | undefined, everyMs: number): void {
    this.#after(everyMs, () => {
      if (socket !== this.#socket || this.#state !== 'connected') return;
      socket?.write(requestFrame(specialXids.ping, operationCodes.ping, () => undefined));
      this.#keepAlive(socket, everyMs);
    });
  }

  #setWatches(): void {
    const lists = this.watches.lists();
    if (lists.every((paths) => paths.length === 0)) return;
    this.#socket?.write(requestFrame(specialXids.setWatches, operationCodes.setWatches2, (writer) => {
      writer.long(this.#zxid);
      for (const paths of lists) writer.vector(paths, (one, path) => one.string(this.full(path)));
    }));
  }

  #reply(reader: JuteReader): void {
    const xid = reader.int();
    const zxid = reader.long();
    const error = reader.int();
    if (zxid > 0) this.#zxid = zxid;
    if (xid === specialXids.notification) this.#event(reader);
    if (xid === specialXids.auth && error !== 0) {
      this.#end('auth-failed');
      this.#tell({ state: 'AuthFailed', type: 'None', path: undefined });
    }
    if (xid < 0) return;
    const pending = this.#pending.shift();
    if (pending === undefined) return;
    if (error === 0) pending.resolve(reader);
    else pending.reject(new KeeperError(error, pending.path));
  }

  #event(reader: JuteReader): void {
    const type = reader.int();
    reader.int();
    const path = this.relative(reader.string());
    this.watches.fired(type, path);
    this.#tell({ state: 'SyncConnected', type: eventNames.get(type) ?? String(type), path });
  }
}

function framed(body: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  const start = writer.beginFrame();
  body(writer);
  writer.endFrame(start);
  return writer.take();
}

function requestFrame(xid: number, type: number, body: (writer: JuteWriter) => void): Buffer {
  return framed((writer) => {
    writer.int(xid);
    writer.int(type);
    body(writer);
  });
}

function authFrame(scheme: string, credential: Buffer): Buffer {
  return requestFrame(specialXids.auth, operationCodes.auth, (writer) => {
    writer.int(0);
    writer.string(scheme);
    writer.buffer(credential);
  });
}
