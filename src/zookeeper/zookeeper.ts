/** A znode's stat, as ZooKeeper's protocol gives it. */
export interface Stat {
  /** Transaction that made the node; for /brokers/ids/N this is the broker epoch. */
  readonly czxid: number;
  readonly mzxid: number;
  readonly pzxid: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly version: number;
  readonly childrenVersion: number;
  readonly aclVersion: number;
  /** Session id of the owner as 16 hexadecimal digits; undefined for a node that is not ephemeral. */
  readonly ephemeralOwner: string | undefined;
  readonly dataLength: number;
  readonly childrenCount: number;
}

export type CreateMode = 'persistent' | 'ephemeral' | 'persistent-sequential' | 'ephemeral-sequential';

export interface Acl {
  readonly scheme: string;
  readonly id: string;
  /** Bits: 1 read, 2 write, 4 create, 8 delete, 16 admin. */
  readonly permissions: number;
}

/** One step of a multi; -1 as version means any. */
export type Operation =
  | { readonly kind: 'create'; readonly path: string; readonly data: Uint8Array | undefined; readonly mode?: CreateMode; readonly acl?: readonly Acl[] }
  | { readonly kind: 'set'; readonly path: string; readonly data: Uint8Array; readonly version: number }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  | { readonly kind: 'check'; readonly path: string; readonly version: number };

/** What one step of a multi that went through gave; only the field that its kind gives is present. */
export interface OperationResult {
  readonly createdPath?: string;
  readonly stat?: Stat;
}

export type ZooKeeperErrorName =
  | 'CONNECTION_LOSS' | 'SESSION_EXPIRED' | 'AUTH_FAILED' | 'NO_AUTH' | 'NO_NODE' | 'NODE_EXISTS' | 'BAD_VERSION'
  | 'NOT_EMPTY' | 'NO_CHILDREN_FOR_EPHEMERALS' | 'INVALID_ACL' | 'BAD_ARGUMENTS' | 'OPERATION_TIMEOUT' | 'ROLLED_BACK' | 'SYSTEM_ERROR';

/** What ZooKeeper answered, or that it did not. After CONNECTION_LOSS only a read tells whether a write was done. */
export class ZooKeeperError extends Error {
  override readonly name: ZooKeeperErrorName;
  readonly path: string | undefined;
  /** Index of the step that failed, in a multi. */
  readonly failedStep: number | undefined;

  constructor(name: ZooKeeperErrorName, path?: string, options: ErrorOptions & { readonly failedStep?: number; readonly detail?: string } = {}) {
    super(options.detail ?? `${name}${path === undefined ? '' : ` for ${path}`}`, options);
    this.name = name;
    this.path = path;
    this.failedStep = options.failedStep;
  }
}

export type SessionEvent =
  /** Connected, for the first time or again with the same session; standing watches were set again. */
  | { readonly kind: 'connected' }
  /** No server answers; the session may still live. Calls wait for a connection until their deadline. */
  | { readonly kind: 'disconnected' }
  /** The session and its ephemeral nodes are gone; `connect` makes the next one by itself, followed by `new-session`. */
  | { readonly kind: 'expired' }
  /** A session other than the one before lives; nothing ephemeral and no watch of the old one is left. */
  | { readonly kind: 'new-session'; readonly sessionId: string }
  | { readonly kind: 'auth-failed' };

/** What changed at a path that was watched. */
export type WatchEvent = { readonly kind: 'created' | 'deleted' | 'data-changed' | 'children-changed'; readonly path: string };
export type Watcher = (event: WatchEvent) => void;

/**
 * ZooKeeper as brokers use it. Paths are relative to the chroot of zookeeper.connect. Calls made while disconnected
 * wait. A read that lost its connection is sent again; a write rejects with CONNECTION_LOSS at once. After a session
 * timeout without a connection, calls that were never sent reject with OPERATION_TIMEOUT; after one without an answer,
 * sent ones with CONNECTION_LOSS. All open calls reject with SESSION_EXPIRED when the session ends.
 */
export interface ZooKeeper {
  /** 16 hexadecimal digits; changes after an expiry. */
  readonly sessionId: string;
  readonly sessionTimeoutMs: number;
  /**
   * Until when, on the monotonic clock, the server cannot have expired this session: the sending time of the last
   * request it answered plus the session timeout. A controller whose time is past this must not act.
   */
  readonly sessionSafeUntilMs: number;
  create(path: string, data: Uint8Array | undefined, mode?: CreateMode, acl?: readonly Acl[]): Promise<string>;
  /** Creates the path with its missing parents (persistent, no data); an existing one is fine. */
  createPath(path: string): Promise<void>;
  get(path: string, watcher?: Watcher): Promise<{ readonly data: Buffer; readonly stat: Stat }>;
  /** As `get`, and undefined for NO_NODE; with a watcher, its creation is then watched (exists). */
  find(path: string, watcher?: Watcher): Promise<{ readonly data: Buffer; readonly stat: Stat } | undefined>;
  exists(path: string, watcher?: Watcher): Promise<Stat | undefined>;
  children(path: string, watcher?: Watcher): Promise<string[]>;
  set(path: string, data: Uint8Array, version: number): Promise<Stat>;
  delete(path: string, version: number): Promise<void>;
  /** Deletes a whole subtree; an absent one is fine. */
  deleteRecursive(path: string): Promise<void>;
  /** All or nothing. Rejects with the first real error and its step. */
  multi(operations: readonly Operation[]): Promise<OperationResult[]>;
  getAcl(path: string): Promise<{ readonly acl: Acl[]; readonly stat: Stat }>;
  setAcl(path: string, acl: readonly Acl[], aclVersion: number): Promise<Stat>;
  /** Calls back on each event until the returned function is called. */
  onSession(listener: (event: SessionEvent) => void): () => void;
  /** Ends the session: its ephemeral nodes go at once. */
  close(): Promise<void>;
}
