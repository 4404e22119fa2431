import { AclTable, openAcl, openAclIndex, readOnlyAcl, type Acl } from './acl.ts';
import { containerOwner, DataNode, ttlOf, ttlOwner, type Stat } from './data-node.ts';
import { errorCodes, type ErrorCode } from './errors.ts';
import { operationCodes } from './operations.ts';
import { nameOf, parentOf, reservedPaths } from './paths.ts';
import { formatQuota, limitsName, parseQuota, quotaOwner, statsName, statsPath, type QuotaValues } from './quota.ts';
import type { Change, Transaction } from './transactions.ts';

/**
 * Hears what a transaction does to the nodes, in order; the watches hang on it. ACLs are those of the node and of its
 * parent: who may not read a node does not hear of it.
 */
export interface TreeObserver {
  created(path: string, acl: Acl, parent: string, parentAcl: Acl): void;
  deleted(path: string, acl: Acl, parent: string, parentAcl: Acl): void;
  dataChanged(path: string, acl: Acl): void;
}

/** What a change gave, for the reply. `code` is 0 or an error code. */
export interface Result {
  readonly code: 0 | ErrorCode | number;
  readonly path?: string;
  readonly stat?: Stat;
  readonly parts?: readonly Result[];
}

const done: Result = { code: 0 };

/**
 * The znodes, changed by transactions alone. Applying one that is already in (replay over a snapshot that was taken while
 * writes went on) leaves the right state, since transactions hold results and not commands.
 *
 * The map's order is the order of creation, so a parent always comes before its children: snapshots need no walk.
 *
 * @see DataTree in Apache ZooKeeper 3.8
 */
export class DataTree {
  /** By path. The root is there as '' and as '/', which counts twice, as in ZooKeeper. */
  readonly nodes = new Map<string, DataNode>();
  readonly acls = new AclTable();
  /** Paths of the ephemeral nodes of each session. */
  readonly ephemerals = new Map<string, Set<string>>();
  readonly containers = new Set<string>();
  readonly timeLimited = new Set<string>();
  /** Paths that have a quota. */
  readonly quotas = new Set<string>();
  lastZxid = 0;
  /** Bytes of all paths and data. */
  dataBytes = 0;

  /** @param isEmpty true for a tree that a snapshot will fill; else it has what a new server has */
  constructor(isEmpty = false) {
    if (!isEmpty) this.#createReserved();
  }

  #createReserved(): void {
    const root = new DataNode(Buffer.alloc(0), openAclIndex, 0, 0, '');
    this.load('', root);
    for (const path of [reservedPaths.zookeeper, reservedPaths.config, reservedPaths.quota]) {
      this.load(path, new DataNode(Buffer.alloc(0), openAclIndex, 0, 0, ''));
    }
    const config = this.nodes.get(reservedPaths.config)!;
    config.aclIndex = this.acls.use(readOnlyAcl);
    config.aclVersion = -1;
  }

  /**
   * Takes one node of a snapshot over; parents come first.
   *
   * @returns false when its parent is missing
   */
  load(path: string, node: DataNode): boolean {
    if (path === '') {
      this.nodes.set('/', node);
    } else {
      const parent = this.nodes.get(parentOf(path));
      if (parent === undefined) return false;
      parent.addChild(nameOf(path));
      this.#indexOwner(path, node.owner);
    }
    this.nodes.set(path, node);
    this.acls.useIndex(node.aclIndex);
    this.dataBytes += path.length + (node.data?.length ?? 0);
    return true;
  }

  /** After the last `load`: counts quotas, drops unused ACLs, and gives trees of ZooKeeper before 3.5 their config node. */
  loaded(): void {
    const before = this.nodes.get(reservedPaths.config);
    if (before === undefined && this.nodes.has(reservedPaths.zookeeper)) {
      const config = new DataNode(Buffer.alloc(0), this.acls.use(readOnlyAcl), 0, 0, '');
      config.aclVersion = -1;
      this.load(reservedPaths.config, config);
      this.acls.release(config.aclIndex);
    }
    for (const path of this.nodes.keys()) {
      if (path.startsWith(`${reservedPaths.quota}/`) && nameOf(path) === limitsName) {
        const limited = parentOf(path).slice(reservedPaths.quota.length);
        this.quotas.add(limited);
        this.#countQuota(limited);
      }
    }
    this.acls.purge();
  }

  get ephemeralsCount(): number {
    let count = 0;
    for (const paths of this.ephemerals.values()) count += paths.size;
    return count;
  }

  acl(node: DataNode): Acl {
    return node.aclIndex === openAclIndex ? openAcl : this.acls.get(node.aclIndex);
  }

  /** Nodes below a path. */
  descendantsCount(path: string): number {
    if (path === '/') return this.nodes.size - 2;
    const prefix = `${path}/`;
    let count = 0;
    for (const other of this.nodes.keys()) if (other.startsWith(prefix)) count++;
    return count;
  }

  apply(transaction: Transaction, observer?: TreeObserver): Result {
    const result = this.#change(transaction.change, transaction, observer);
    if (transaction.zxid > this.lastZxid) this.lastZxid = transaction.zxid;
    return result;
  }

  #change(change: Change, transaction: Transaction, observer: TreeObserver | undefined): Result {
    switch (change.kind) {
      case 'create':
        return this.#create(change, transaction, observer);
      case 'delete':
        return this.#delete(change.path, transaction.zxid, observer);
      case 'set-data':
        return this.#setData(change.path, change.data, change.version, transaction, observer);
      case 'set-acl':
        return this.#setAcl(change.path, change.acl, change.aclVersion);
      case 'close-session':
        this.#closeSession(transaction.sessionId, change.paths, transaction.zxid, observer);
        return done;
      case 'error':
        return { code: change.code };
      case 'check':
      case 'create-session':
        return done;
      case 'multi':
        return this.#multi(change.parts, transaction, observer);
      default:
        return unreachable(change);
    }
  }

  #multi(parts: readonly Change[], transaction: Transaction, observer: TreeObserver | undefined): Result {
    const failed = parts.findIndex((part) => part.kind === 'error');
    if (failed === -1) return { code: 0, parts: parts.map((part) => this.#change(part, transaction, observer)) };
    const results = parts.map((part, index): Result => {
      if (part.kind === 'error') return { code: part.code };
      return { code: index < failed ? 0 : errorCodes.RUNTIME_INCONSISTENCY };
    });
    return { code: results[failed]!.code, parts: results };
  }

  #create(change: Change & { kind: 'create' }, { sessionId, zxid, timeMs }: Transaction, observer: TreeObserver | undefined): Result {
    const { path, data } = change;
    const parentPath = parentOf(path);
    const parent = this.nodes.get(parentPath);
    if (parent === undefined) return { code: errorCodes.NO_NODE, path };
    const childrenCreated = change.parentChildrenVersion === -1 ? (parent.childrenCreated + 1) | 0 : change.parentChildrenVersion;
    const exists = this.nodes.has(path);
    if (childrenCreated > parent.childrenCreated) {
      parent.childrenCreated = childrenCreated;
      parent.pzxid = zxid;
    }
    if (exists) return { code: errorCodes.NODE_EXISTS, path }; // only in a replay: the snapshot had it already
    const node = new DataNode(data, this.acls.use(change.acl), zxid, timeMs, ownerFor(change, sessionId));
    parent.addChild(nameOf(path));
    this.nodes.set(path, node);
    this.dataBytes += path.length + (data?.length ?? 0);
    this.#indexOwner(path, node.owner);
    const stat = node.stat(); // as made: a quota's statistics are counted anew at once
    if (parentPath.startsWith(reservedPaths.quota)) this.#quotaNodeCreated(parentPath, nameOf(path));
    this.#addToQuota(path, 1, data?.length ?? 0);
    observer?.created(path, change.acl, parentPath === '' ? '/' : parentPath, this.acl(parent));
    return { code: 0, path, stat };
  }

  #indexOwner(path: string, owner: string): void {
    if (owner === '') return;
    if (owner === containerOwner) {
      this.containers.add(path);
    } else if (ttlOf(owner) !== undefined) {
      this.timeLimited.add(path);
    } else {
      let paths = this.ephemerals.get(owner);
      if (paths === undefined) this.ephemerals.set(owner, (paths = new Set()));
      paths.add(path);
    }
  }

  #delete(path: string, zxid: number, observer: TreeObserver | undefined): Result {
    const parentPath = parentOf(path);
    const parent = this.nodes.get(parentPath);
    if (parent === undefined) return { code: errorCodes.NO_NODE, path };
    const name = nameOf(path);
    parent.removeChild(name);
    if (zxid > parent.pzxid) parent.pzxid = zxid;
    const node = this.nodes.get(path);
    if (node === undefined) return { code: errorCodes.NO_NODE, path };
    this.nodes.delete(path);
    const acl = this.acl(node);
    this.acls.release(node.aclIndex);
    this.dataBytes -= path.length + (node.data?.length ?? 0);
    this.#dropOwner(path, node.owner);
    if (name === limitsName && parentPath.startsWith(reservedPaths.zookeeper)) {
      this.quotas.delete(parentPath.slice(reservedPaths.quota.length));
    }
    this.#addToQuota(path, -1, -(node.data?.length ?? 0));
    observer?.deleted(path, acl, parentPath === '' ? '/' : parentPath, this.acl(parent));
    return { code: 0, path };
  }

  #dropOwner(path: string, owner: string): void {
    if (owner === '') return;
    this.containers.delete(path);
    this.timeLimited.delete(path);
    const paths = this.ephemerals.get(owner);
    if (paths === undefined) return;
    paths.delete(path);
    if (paths.size === 0) this.ephemerals.delete(owner);
  }

  #setData(path: string, data: Buffer | null, version: number, transaction: Transaction, observer: TreeObserver | undefined): Result {
    const node = this.nodes.get(path);
    if (node === undefined) return { code: errorCodes.NO_NODE, path };
    const bytesAdded = (data?.length ?? 0) - (node.data?.length ?? 0);
    node.data = data;
    node.modifiedMs = transaction.timeMs;
    node.mzxid = transaction.zxid;
    node.version = version;
    this.dataBytes += bytesAdded;
    this.#addToQuota(path, 0, bytesAdded);
    observer?.dataChanged(path, this.acl(node));
    return { code: 0, path, stat: node.stat() };
  }

  #setAcl(path: string, acl: Acl, aclVersion: number): Result {
    const node = this.nodes.get(path);
    if (node === undefined) return { code: errorCodes.NO_NODE, path };
    const index = this.acls.use(acl);
    this.acls.release(node.aclIndex);
    node.aclIndex = index;
    node.aclVersion = aclVersion;
    return { code: 0, path, stat: node.stat() };
  }

  #closeSession(sessionId: string, paths: readonly string[] | undefined, zxid: number, observer: TreeObserver | undefined): void {
    for (const path of paths ?? []) this.#delete(path, zxid, observer);
    // What is left was in a snapshot newer than the transaction, or the transaction is of ZooKeeper 3.5 and names none.
    for (const path of this.ephemerals.get(sessionId) ?? []) this.#delete(path, zxid, observer);
    this.ephemerals.delete(sessionId);
  }

  #quotaNodeCreated(quotaPath: string, name: string): void {
    const limited = quotaPath.slice(reservedPaths.quota.length);
    if (name === limitsName) this.quotas.add(limited);
    if (name === statsName) this.#countQuota(limited);
  }

  #countQuota(limited: string): void {
    const stats = this.nodes.get(statsPath(limited));
    if (stats === undefined) return;
    let count = 0;
    let bytes = 0;
    const prefix = `${limited}/`;
    for (const [path, node] of this.nodes) {
      if (path === '/' || (path !== limited && !path.startsWith(prefix))) continue;
      count++;
      bytes += node.data?.length ?? 0;
    }
    this.#setQuotaStats(stats, new Map([['count', count], ['bytes', bytes]]));
  }

  #addToQuota(path: string, count: number, bytes: number): void {
    const limited = quotaOwner(this.quotas, path);
    if (limited === undefined) return;
    const stats = this.nodes.get(statsPath(limited));
    const values = parseQuota(stats?.data ?? null);
    if (stats === undefined || values === undefined) return;
    const changed = new Map(values);
    changed.set('count', (values.get('count') ?? -1) + count);
    changed.set('bytes', (values.get('bytes') ?? -1) + bytes);
    this.#setQuotaStats(stats, changed);
  }

  #setQuotaStats(stats: DataNode, values: QuotaValues): void {
    const data = formatQuota(values);
    this.dataBytes += data.length - (stats.data?.length ?? 0);
    stats.data = data;
  }
}

function ownerFor(change: Change & { kind: 'create' }, sessionId: string): string {
  if (change.type === operationCodes.createContainer) return containerOwner;
  if (change.type === operationCodes.createTtl) return ttlOwner(change.ttlMs);
  return change.ephemeral ? sessionId : '';
}

function unreachable(change: never): never {
  throw new Error(`unknown change ${JSON.stringify(change)}`);
}
