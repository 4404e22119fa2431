import { digestIdentity, isPermitted, type Acl, type Identity } from './acl.ts';
import type { DataNode } from './data-node.ts';
import { DataTree, type Result, type TreeObserver } from './data-tree.ts';
import { errorCodes, type ErrorCode } from './errors.ts';
import { eventTypes, operationCodes, permissions, type EventType } from './operations.ts';
import { Preparation, type Rules } from './prepare.ts';
import type { ConnectReply, Reply, ReplyBody, StepReply } from './replies.ts';
import type { ReadStep, Request, WriteRequest } from './requests.ts';
import { firstSessionId, formatSessionId, sessionPassword } from './sessions.ts';
import type { Change, Transaction } from './transactions.ts';
import { addWatchModes, WatchTable } from './watches.ts';

/** One connection of a session: watches and proved identities are its own and end with it. */
export interface Client {
  sessionId: string;
  /** The address first proved (`ip`), then what `auth` requests added. Replaced, never changed in place. */
  identities: readonly Identity[];
}

export interface Delivery<C> {
  readonly to: C;
  readonly type: EventType;
  readonly path: string;
}

/** What came of a request. The transaction must be durable before the reply, or any event, is shown to anybody. */
export interface Outcome<C> {
  readonly transaction: Transaction | undefined;
  /** Watch events in order; they go out before the reply. */
  readonly events: readonly Delivery<C>[];
  readonly reply: Reply | undefined;
  /** The connection ends after the reply. */
  readonly thenClose: boolean;
}

export interface CoreOptions extends Rules {
  /** `user:base64(sha1(user:password))` of who may do everything (zookeeper.DigestAuthenticationProvider.superDigest). */
  readonly superDigest?: string | undefined;
}

export const defaultCoreOptions: CoreOptions = { extendedTypes: false, enforceQuota: false, skipAcl: false };

const noEvents: readonly never[] = [];
/** A connection that proves to be more than so many is not let in as any further one. */
const identitiesMax = 1000;
/** Types of checkWatches and removeWatches (Watcher.WatcherType). */
const watcherTypes = { children: 1, data: 2, any: 3 } as const;

/**
 * A ZooKeeper server without clock, socket or file: tree, sessions and watches. Requests go in one at a time; what is to
 * be made durable and to be sent comes out. The server keeps it behind a log and sockets, the simulator behind its own.
 *
 * Type C is what the caller knows a connection by.
 */
export class ZooKeeperCore<C extends Client> implements TreeObserver {
  readonly tree: DataTree;
  /** Timeouts in milliseconds of the living sessions. */
  readonly sessions: Map<string, number>;
  readonly dataWatches = new WatchTable<C>();
  readonly childWatches = new WatchTable<C>();
  readonly #options: CoreOptions;
  #nextSessionId: bigint;
  #events: Delivery<C>[] = [];

  /**
   * @param state tree and sessions as recovered; a new server's when undefined
   * @param nowMs wall clock; session ids begin with it
   */
  constructor(options: CoreOptions, nowMs: number, state?: { readonly tree: DataTree; readonly sessions: Map<string, number> }) {
    this.#options = options;
    this.tree = state?.tree ?? new DataTree();
    this.sessions = state?.sessions ?? new Map();
    this.#nextSessionId = firstSessionId(nowMs);
  }

  /** Opens a session; its reply may be shown once the transaction is durable. */
  openSession(timeoutMs: number, nowMs: number): { readonly transaction: Transaction; readonly reply: ConnectReply } {
    let sessionId = formatSessionId(this.#nextSessionId++);
    while (this.sessions.has(sessionId)) sessionId = formatSessionId(this.#nextSessionId++);
    const transaction = this.#transaction(sessionId, 0, nowMs, { kind: 'create-session', type: operationCodes.createSession, timeoutMs });
    this.tree.apply(transaction);
    this.sessions.set(sessionId, timeoutMs);
    return { transaction, reply: { timeoutMs, sessionId, password: sessionPassword(sessionId) } };
  }

  /** Whether a connection may go on with a session. */
  knows(sessionId: string, password: Buffer | null): boolean {
    return this.sessions.has(sessionId) && password !== null && sessionPassword(sessionId).equals(password);
  }

  /** Ends a session: on its client's wish, or because its time is over. */
  closeSession(sessionId: string, cxid: number, nowMs: number): { readonly transaction: Transaction; readonly events: readonly Delivery<C>[] } {
    const paths = [...(this.tree.ephemerals.get(sessionId) ?? [])];
    const transaction = this.#transaction(sessionId, cxid, nowMs, { kind: 'close-session', type: operationCodes.closeSession, paths });
    this.tree.apply(transaction, this);
    this.sessions.delete(sessionId);
    return { transaction, events: this.#takeEvents() };
  }

  /** A connection is gone: its watches go with it, its session stays. */
  disconnect(client: C): void {
    this.dataWatches.removeWatcher(client);
    this.childWatches.removeWatcher(client);
  }

  /**
   * Containers that lost their last child and TTL nodes past their time.
   *
   * @see ContainerManager in Apache ZooKeeper 3.8
   */
  collectable(nowMs: number): string[] {
    const paths: string[] = [];
    for (const path of this.tree.containers) {
      const node = this.tree.nodes.get(path);
      if (node !== undefined && node.childrenCount === 0 && node.childrenCreated > 0) paths.push(path);
    }
    for (const path of this.tree.timeLimited) {
      const node = this.tree.nodes.get(path);
      if (node?.ttlMs !== undefined && node.childrenCount === 0 && nowMs - node.modifiedMs > node.ttlMs) paths.push(path);
    }
    return paths;
  }

  /** Deletes a node that `collectable` named; undefined when that is no longer right. */
  collect(path: string, nowMs: number): { readonly transaction: Transaction; readonly events: readonly Delivery<C>[] } | undefined {
    const node = this.tree.nodes.get(path);
    if (node === undefined || node.childrenCount > 0) return undefined;
    const transaction = this.#transaction('', 0, nowMs, { kind: 'delete', type: operationCodes.deleteContainer, path });
    this.tree.apply(transaction, this);
    return { transaction, events: this.#takeEvents() };
  }

  /**
   * Carries a request out.
   *
   * @param xid the request's own number, given back in the reply and logged
   * @param nowMs wall clock, for ctime and mtime
   */
  apply(xid: number, request: Request, client: C, nowMs: number): Outcome<C> {
    if (!this.sessions.has(client.sessionId) && request.kind !== 'auth' && request.kind !== 'sasl') {
      return this.#answer(xid, errorCodes.SESSION_EXPIRED);
    }
    switch (request.kind) {
      case 'create':
      case 'delete':
      case 'set-data':
      case 'set-acl':
        return this.#write(xid, request, client, nowMs);
      case 'multi':
        return this.#multi(xid, request.steps, client, nowMs);
      case 'reconfig':
        return this.#fail(xid, errorCodes.RECONFIG_DISABLED, client, nowMs);
      case 'malformed':
        return request.isWrite ? this.#fail(xid, errorCodes.MARSHALLING_ERROR, client, nowMs) : this.#answer(xid, errorCodes.MARSHALLING_ERROR);
      case 'close-session': {
        const { transaction, events } = this.closeSession(client.sessionId, xid, nowMs);
        return { transaction, events, reply: this.#reply(xid, 0), thenClose: true };
      }
      case 'auth':
        return this.#authenticate(xid, request.scheme, request.auth, client);
      case 'sasl':
        return { transaction: undefined, events: noEvents, reply: { xid, zxid: 0, code: 0, body: { kind: 'null-token' } }, thenClose: false };
      case 'check':
      case 'unknown':
        return { transaction: undefined, events: noEvents, reply: { xid, zxid: -1, code: errorCodes.UNIMPLEMENTED, body: undefined }, thenClose: true };
      default:
        return this.#read(xid, request, client);
    }
  }

  created(path: string, acl: Acl, parent: string, parentAcl: Acl): void {
    this.#trigger(this.dataWatches.trigger(path, eventTypes.created), eventTypes.created, path, acl);
    this.#trigger(this.childWatches.trigger(parent, eventTypes.childrenChanged), eventTypes.childrenChanged, parent, parentAcl);
  }

  deleted(path: string, acl: Acl, parent: string, parentAcl: Acl): void {
    const told = this.dataWatches.trigger(path, eventTypes.deleted);
    this.#trigger(told, eventTypes.deleted, path, acl);
    this.#trigger(this.childWatches.trigger(path, eventTypes.deleted), eventTypes.deleted, path, acl, told);
    this.#trigger(this.childWatches.trigger(parent, eventTypes.childrenChanged), eventTypes.childrenChanged, parent, parentAcl);
  }

  dataChanged(path: string, acl: Acl): void {
    this.#trigger(this.dataWatches.trigger(path, eventTypes.dataChanged), eventTypes.dataChanged, path, acl);
  }

  #trigger(watchers: ReadonlySet<C> | undefined, type: EventType, path: string, acl: Acl, except?: ReadonlySet<C>): void {
    if (watchers === undefined) return;
    for (const to of watchers) {
      if (except?.has(to) === true) continue;
      if (this.#options.skipAcl || isPermitted(acl, permissions.read, to.identities)) this.#events.push({ to, type, path });
    }
  }

  #takeEvents(): readonly Delivery<C>[] {
    if (this.#events.length === 0) return noEvents;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #transaction(sessionId: string, cxid: number, timeMs: number, change: Change): Transaction {
    return { sessionId, cxid, zxid: this.tree.lastZxid + 1, timeMs, change };
  }

  #reply(xid: number, code: number, body?: ReplyBody): Reply {
    return { xid, zxid: this.tree.lastZxid, code, body };
  }

  #answer(xid: number, code: number, body?: ReplyBody): Outcome<C> {
    return { transaction: undefined, events: this.#takeEvents(), reply: this.#reply(xid, code, body), thenClose: false };
  }

  /** A write that failed takes its place in the log too. */
  #fail(xid: number, code: ErrorCode, client: C, nowMs: number): Outcome<C> {
    const transaction = this.#transaction(client.sessionId, xid, nowMs, { kind: 'error', type: operationCodes.error, code });
    this.tree.apply(transaction);
    return { transaction, events: noEvents, reply: this.#reply(xid, code), thenClose: false };
  }

  #write(xid: number, request: WriteRequest, client: C, nowMs: number): Outcome<C> {
    const change = new Preparation(this.tree, this.#options, client, false).prepare(request);
    if (typeof change === 'number') return this.#fail(xid, change, client, nowMs);
    const transaction = this.#transaction(client.sessionId, xid, nowMs, change);
    const result = this.tree.apply(transaction, this);
    return { transaction, events: this.#takeEvents(), reply: this.#reply(xid, result.code, bodyOf(change, result)), thenClose: false };
  }

  #multi(xid: number, steps: readonly WriteRequest[], client: C, nowMs: number): Outcome<C> {
    const preparation = new Preparation(this.tree, this.#options, client, true);
    const parts: Change[] = [];
    let failed = false;
    for (const step of steps) {
      const part = failed ? errorCodes.RUNTIME_INCONSISTENCY : preparation.prepare(step);
      if (typeof part === 'number') failed = true;
      parts.push(typeof part === 'number' ? { kind: 'error', type: operationCodes.error, code: part } : part);
    }
    const transaction = this.#transaction(client.sessionId, xid, nowMs, { kind: 'multi', type: operationCodes.multi, parts });
    const result = this.tree.apply(transaction, this);
    const results = parts.map((part, index): StepReply => {
      const { code } = result.parts![index]!;
      if (failed) return { type: undefined, code, body: undefined };
      return { type: stepReplyType(part), code, body: bodyOf(part, result.parts![index]!) };
    });
    return { transaction, events: this.#takeEvents(), reply: this.#reply(xid, 0, { kind: 'results', results }), thenClose: false };
  }

  #authenticate(xid: number, scheme: string, auth: Buffer, client: C): Outcome<C> {
    const isKnown = scheme === 'digest' || scheme === 'ip';
    const code = isKnown && client.identities.length < identitiesMax ? 0 : errorCodes.AUTH_FAILED;
    if (scheme === 'digest' && code === 0) {
      const id = digestIdentity(auth.toString('utf8'));
      const added: Identity[] = id === this.#options.superDigest ? [{ scheme: 'super', id: '' }, { scheme, id }] : [{ scheme, id }];
      const fresh = added.filter((one) => !client.identities.some((known) => known.scheme === one.scheme && known.id === one.id));
      client.identities = [...fresh, ...client.identities];
    }
    return { transaction: undefined, events: noEvents, reply: { xid, zxid: 0, code, body: undefined }, thenClose: code !== 0 };
  }

  /** The node, or why it may not be read. */
  #readable(path: string, permission: number, client: C): DataNode | ErrorCode {
    const node = this.tree.nodes.get(path);
    if (node === undefined) return errorCodes.NO_NODE;
    return this.#may(node, permission, client) ? node : errorCodes.NO_AUTH;
  }

  #may(node: DataNode, permission: number, client: C): boolean {
    return this.#options.skipAcl || isPermitted(this.tree.acl(node), permission, client.identities);
  }

  #read(xid: number, request: ReadRequest, client: C): Outcome<C> {
    switch (request.kind) {
      case 'exists':
        return this.#exists(xid, request.path, request.watch, client);
      case 'get-data':
      case 'get-children': {
        const body = this.#readStep(request, client);
        return typeof body === 'number' ? this.#answer(xid, body) : this.#answer(xid, 0, body);
      }
      case 'multi-read': {
        const results = request.steps.map((step): StepReply => {
          const body = this.#readStep({ ...step, watch: false }, client);
          if (typeof body === 'number') return { type: undefined, code: body, body: undefined };
          return { type: step.kind === 'get-data' ? operationCodes.getData : operationCodes.getChildren, code: 0, body };
        });
        return this.#answer(xid, 0, { kind: 'results', results });
      }
      case 'get-acl':
        return this.#getAcl(xid, request.path, client);
      case 'sync':
        return this.#answer(xid, 0, { kind: 'path', path: request.path });
      case 'ping':
        return this.#answer(xid, 0);
      case 'get-ephemerals':
        return this.#answer(xid, 0, { kind: 'paths', paths: this.#ephemeralsOf(client.sessionId, request.prefix) });
      case 'get-all-children-number': {
        const node = this.#readable(request.path, permissions.read, client);
        if (typeof node === 'number') return this.#answer(xid, node);
        return this.#answer(xid, 0, { kind: 'number', value: this.tree.descendantsCount(request.path) });
      }
      case 'who-am-i':
        return this.#answer(xid, 0, { kind: 'identities', identities: client.identities.map(displayIdentity) });
      default:
        return this.#watchRequest(xid, request, client);
    }
  }

  #exists(xid: number, path: string, watch: boolean, client: C): Outcome<C> {
    if (path.includes('\0')) return this.#answer(xid, errorCodes.BAD_ARGUMENTS);
    const node = this.#readable(path, permissions.read, client);
    if (node === errorCodes.NO_AUTH) return this.#answer(xid, node);
    if (watch) this.dataWatches.add(path, client, 'once');
    return typeof node === 'number' ? this.#answer(xid, node) : this.#answer(xid, 0, { kind: 'stat', stat: node.stat() });
  }

  #readStep(step: ReadStep, client: C): ReplyBody | ErrorCode {
    const node = this.#readable(step.path, permissions.read, client);
    if (typeof node === 'number') return node;
    if (step.kind === 'get-data') {
      if (step.watch) this.dataWatches.add(step.path, client, 'once');
      return { kind: 'data', data: node.data, stat: node.stat() };
    }
    if (step.watch) this.childWatches.add(step.path, client, 'once');
    return { kind: 'children', names: [...node.children], stat: step.withStat ? node.stat() : undefined };
  }

  #getAcl(xid: number, path: string, client: C): Outcome<C> {
    const node = this.#readable(path, permissions.read | permissions.admin, client);
    if (typeof node === 'number') return this.#answer(xid, node);
    const acl = this.tree.acl(node);
    const shown = this.#may(node, permissions.admin, client) ? acl : withoutDigests(acl);
    return this.#answer(xid, 0, { kind: 'acl', acl: shown, stat: node.stat() });
  }

  #ephemeralsOf(sessionId: string, prefix: string | null): string[] {
    const paths = [...(this.tree.ephemerals.get(sessionId) ?? [])];
    const trimmed = prefix?.trim() ?? '';
    return trimmed === '' || trimmed === '/' ? paths : paths.filter((path) => path.startsWith(prefix ?? ''));
  }

  #watchRequest(xid: number, request: WatchRequest, client: C): Outcome<C> {
    switch (request.kind) {
      case 'add-watch': {
        const mode = addWatchModes[request.mode];
        if (mode === undefined) return this.#answer(xid, errorCodes.MARSHALLING_ERROR);
        this.dataWatches.add(request.path, client, mode);
        this.childWatches.add(request.path, client, mode);
        return this.#answer(xid, 0, { kind: 'number', value: 0 });
      }
      case 'check-watches':
        return this.#eachTable(xid, request.watcherType, (table) => table.has(request.path, client));
      case 'remove-watches':
        return this.#eachTable(xid, request.watcherType, (table) => table.remove(request.path, client));
      case 'set-watches':
        this.#setWatches(request, client);
        return this.#answer(xid, 0);
      default:
        return unreachable(request);
    }
  }

  #eachTable(xid: number, watcherType: number, visit: (table: WatchTable<C>) => boolean): Outcome<C> {
    if (watcherType < watcherTypes.children || watcherType > watcherTypes.any) return this.#answer(xid, errorCodes.MARSHALLING_ERROR);
    const inChildren = watcherType !== watcherTypes.data && visit(this.childWatches);
    const inData = watcherType !== watcherTypes.children && visit(this.dataWatches);
    return this.#answer(xid, inChildren || inData ? 0 : errorCodes.NO_WATCHER);
  }

  /** After a reconnect: watches that something happened to fire now, the others stand again. */
  #setWatches(request: Request & { kind: 'set-watches' }, client: C): void {
    const { sinceZxid } = request;
    const fire = (type: EventType, path: string): void => void this.#events.push({ to: client, type, path });
    for (const path of request.data) {
      const node = this.tree.nodes.get(path);
      if (node === undefined) fire(eventTypes.deleted, path);
      else if (node.mzxid > sinceZxid) fire(eventTypes.dataChanged, path);
      else this.dataWatches.add(path, client, 'once');
    }
    for (const path of request.exists) {
      if (this.tree.nodes.has(path)) fire(eventTypes.created, path);
      else this.dataWatches.add(path, client, 'once');
    }
    for (const path of request.children) {
      const node = this.tree.nodes.get(path);
      if (node === undefined) fire(eventTypes.deleted, path);
      else if (node.pzxid > sinceZxid) fire(eventTypes.childrenChanged, path);
      else this.childWatches.add(path, client, 'once');
    }
    for (const [paths, mode] of [[request.persistent, 'persistent'], [request.recursive, 'recursive']] as const) {
      for (const path of paths) {
        this.childWatches.add(path, client, mode);
        this.dataWatches.add(path, client, mode);
      }
    }
  }
}

type WatchRequest = Request & { kind: 'add-watch' | 'check-watches' | 'remove-watches' | 'set-watches' };
type ReadRequest =
  | WatchRequest
  | (Request & { kind: 'exists' | 'get-data' | 'get-children' | 'multi-read' | 'get-acl' | 'sync' | 'ping' | 'get-ephemerals' | 'get-all-children-number' | 'who-am-i' });

/** Every create that gives a stat answers as create2 inside a multi (OpResult.CreateResult). */
function stepReplyType(change: Change): number {
  return change.kind === 'create' && change.type !== operationCodes.create ? operationCodes.create2 : change.type;
}

function bodyOf(change: Change, result: Result): ReplyBody | undefined {
  if (change.kind === 'create') {
    if (change.type === operationCodes.create) return { kind: 'path', path: change.path };
    return { kind: 'path-and-stat', path: change.path, stat: result.stat! };
  }
  return result.stat === undefined ? undefined : { kind: 'stat', stat: result.stat };
}

/** Who may not change an ACL does not see the password hashes in it. */
function withoutDigests(acl: Acl): Acl {
  return acl.map((entry) => (entry.scheme === 'digest' ? { ...entry, id: entry.id.replace(/:.*/, ':x') } : entry));
}

function displayIdentity({ scheme, id }: Identity): Identity {
  return { scheme, id: scheme === 'digest' ? id.replace(/:.*/, '') : id };
}

function unreachable(request: never): never {
  throw new Error(`unknown request ${JSON.stringify(request)}`);
}
