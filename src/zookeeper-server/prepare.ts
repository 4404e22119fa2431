import { isPermitted, resolveAcl, type Acl, type Identity } from './acl.ts';
import { containerOwner, ttlMaxMs, ttlOf, ttlOwner } from './data-node.ts';
import type { DataTree } from './data-tree.ts';
import { errorCodes, type ErrorCode } from './errors.ts';
import { operationCodes, permissions } from './operations.ts';
import { isReserved, isValidPath, parentOf, reservedPaths } from './paths.ts';
import { exceedsHardLimit, limitsPath, parseQuota, quotaOwner, statsPath } from './quota.ts';
import { copyOf, type Change } from './transactions.ts';
import type { CheckRequest, CreateRequest, DeleteRequest, SetAclRequest, SetDataRequest, WriteRequest } from './requests.ts';

/** Rules that an operator switches. */
export interface Rules {
  /** TTL nodes may be made (zookeeper.extendedTypesEnabled). */
  readonly extendedTypes: boolean;
  /** Hard limits refuse (zookeeper.enforceQuota). */
  readonly enforceQuota: boolean;
  /** Nobody is refused for an ACL (zookeeper.skipACL). */
  readonly skipAcl: boolean;
}

export interface Author {
  readonly sessionId: string;
  readonly identities: readonly Identity[];
}

/** What a write must know of a node: as it is, or as earlier steps of the same multi will have left it. */
interface Prospect {
  readonly version: number;
  readonly aclVersion: number;
  readonly childrenCreated: number;
  readonly childrenCount: number;
  readonly isEphemeral: boolean;
  readonly acl: Acl;
  readonly dataLength: number;
}

/**
 * Decides writes: a request in, a transaction's change or an error code out; nothing is changed. The steps of a multi
 * share one Preparation, so that each sees what those before it will do.
 *
 * @see PrepRequestProcessor in Apache ZooKeeper 3.8, whose order of checks this keeps
 */
export class Preparation {
  readonly #tree: DataTree;
  readonly #rules: Rules;
  readonly #author: Author;
  /** Null for a node that an earlier step deletes. Undefined while there is only one step. */
  readonly #changed: Map<string, Prospect | null> | undefined;

  constructor(tree: DataTree, rules: Rules, author: Author, isMulti: boolean) {
    this.#tree = tree;
    this.#rules = rules;
    this.#author = author;
    this.#changed = isMulti ? new Map() : undefined;
  }

  prepare(request: WriteRequest): Change | ErrorCode {
    switch (request.kind) {
      case 'create':
        return this.#create(request);
      case 'delete':
        return this.#delete(request);
      case 'set-data':
        return this.#setData(request);
      case 'set-acl':
        return this.#setAcl(request);
      case 'check':
        return this.#check(request);
      default:
        return unreachable(request);
    }
  }

  #find(path: string): Prospect | undefined {
    const changed = this.#changed?.get(path === '/' ? '' : path);
    if (changed !== undefined) return changed ?? undefined;
    const node = this.#tree.nodes.get(path);
    if (node === undefined) return undefined;
    return {
      version: node.version,
      aclVersion: node.aclVersion,
      childrenCreated: node.childrenCreated,
      childrenCount: node.childrenCount,
      isEphemeral: node.isEphemeral,
      acl: this.#tree.acl(node),
      dataLength: node.data?.length ?? 0,
    };
  }

  #will(path: string, prospect: Prospect | null): void {
    this.#changed?.set(path === '/' ? '' : path, prospect);
  }

  #may(permission: number, acl: Acl): boolean {
    return this.#rules.skipAcl || isPermitted(acl, permission, this.#author.identities);
  }

  #create(request: CreateRequest): Change | ErrorCode {
    const { type, flags, ttlMs } = request;
    if (flags < 0 || flags > 6) return errorCodes.BAD_ARGUMENTS;
    const hasTtl = flags >= 5;
    // Apache ZooKeeper takes a createTTL without TTL flags into its log and then fails on it; it must not get that far.
    if (type === operationCodes.createTtl && !hasTtl) return errorCodes.BAD_ARGUMENTS;
    if (hasTtl && !this.#rules.extendedTypes) return errorCodes.UNIMPLEMENTED;
    if (hasTtl ? ttlMs <= 0 || ttlMs > ttlMaxMs : ttlMs >= 0) return errorCodes.BAD_ARGUMENTS;
    if (!request.path.includes('/') || request.path.includes('\0')) return errorCodes.BAD_ARGUMENTS;
    const acl = resolveAcl(request.acl, this.#author.identities);
    if (typeof acl === 'number') return acl;
    const parentPath = parentOf(request.path);
    const parent = this.#find(parentPath);
    if (parent === undefined) return errorCodes.NO_NODE;
    if (!this.#may(permissions.create, parent.acl)) return errorCodes.NO_AUTH;
    const isSequential = flags === 2 || flags === 3 || flags === 6;
    const path = isSequential ? request.path + sequenceSuffix(parent.childrenCreated) : request.path;
    if (!isValidPath(path)) return errorCodes.BAD_ARGUMENTS;
    if (this.#find(path) !== undefined) return errorCodes.NODE_EXISTS;
    if (parent.isEphemeral) return errorCodes.NO_CHILDREN_FOR_EPHEMERALS;
    const dataLength = request.data?.length ?? 0;
    if (!this.#isWithinQuota(path, 1, dataLength)) return errorCodes.QUOTA_EXCEEDED;
    const parentChildrenVersion = (parent.childrenCreated + 1) | 0;
    const ephemeral = flags === 1 || flags === 3;
    this.#will(parentPath, { ...parent, childrenCreated: parentChildrenVersion, childrenCount: parent.childrenCount + 1 });
    const isEphemeral = this.#ownerIsSession(type, ephemeral, ttlMs);
    this.#will(path, { version: 0, aclVersion: 0, childrenCreated: 0, childrenCount: 0, isEphemeral, acl, dataLength });
    return { kind: 'create', type, path, data: copyOf(request.data), acl, ephemeral, parentChildrenVersion, ttlMs: Math.max(ttlMs, 0) };
  }

  /** The transaction's type, not the flags, decides what owns the node that the tree will make. */
  #ownerIsSession(type: number, ephemeral: boolean, ttlMs: number): boolean {
    if (type === operationCodes.createContainer) return false;
    if (type === operationCodes.createTtl) return ttlOf(ttlOwner(ttlMs)) === undefined;
    return ephemeral && this.#author.sessionId !== containerOwner;
  }

  #delete({ path, version }: DeleteRequest): Change | ErrorCode {
    if (!path.includes('/') || path.includes('\0') || isReserved(path)) return errorCodes.BAD_ARGUMENTS;
    const parentPath = parentOf(path);
    const parent = this.#find(parentPath);
    if (parent === undefined) return errorCodes.NO_NODE;
    if (!this.#may(permissions.delete, parent.acl)) return errorCodes.NO_AUTH;
    const node = this.#find(path);
    if (node === undefined) return errorCodes.NO_NODE;
    if (version !== -1 && version !== node.version) return errorCodes.BAD_VERSION;
    if (node.childrenCount > 0) return errorCodes.NOT_EMPTY;
    this.#will(parentPath, { ...parent, childrenCount: parent.childrenCount - 1 });
    this.#will(path, null);
    return { kind: 'delete', type: operationCodes.delete, path };
  }

  #setData({ path, data, version }: SetDataRequest): Change | ErrorCode {
    if (!isValidPath(path)) return errorCodes.BAD_ARGUMENTS;
    const node = this.#find(path);
    if (node === undefined) return errorCodes.NO_NODE;
    if (!this.#may(permissions.write, node.acl)) return errorCodes.NO_AUTH;
    const dataLength = data?.length ?? 0;
    if (!this.#isWithinQuota(path, 0, dataLength - node.dataLength)) return errorCodes.QUOTA_EXCEEDED;
    if (version !== -1 && version !== node.version) return errorCodes.BAD_VERSION;
    const next = (node.version + 1) | 0;
    this.#will(path, { ...node, version: next, dataLength });
    return { kind: 'set-data', type: operationCodes.setData, path, data: copyOf(data), version: next };
  }

  #setAcl({ path, acl, version }: SetAclRequest): Change | ErrorCode {
    if (!isValidPath(path)) return errorCodes.BAD_ARGUMENTS;
    const resolved = resolveAcl(acl, this.#author.identities);
    if (typeof resolved === 'number') return resolved;
    const node = this.#find(path);
    if (node === undefined) return errorCodes.NO_NODE;
    if (!this.#may(permissions.admin, node.acl)) return errorCodes.NO_AUTH;
    if (version !== -1 && version !== node.aclVersion) return errorCodes.BAD_VERSION;
    const next = (node.aclVersion + 1) | 0;
    this.#will(path, { ...node, aclVersion: next, acl: resolved });
    return { kind: 'set-acl', type: operationCodes.setAcl, path, acl: resolved, aclVersion: next };
  }

  #check({ path, version }: CheckRequest): Change | ErrorCode {
    if (!isValidPath(path)) return errorCodes.BAD_ARGUMENTS;
    const node = this.#find(path);
    if (node === undefined) return errorCodes.NO_NODE;
    if (!this.#may(permissions.read, node.acl)) return errorCodes.NO_AUTH;
    if (version !== -1 && version !== node.version) return errorCodes.BAD_VERSION;
    return { kind: 'check', type: operationCodes.check, path, version: (node.version + 1) | 0 };
  }

  #isWithinQuota(path: string, count: number, bytes: number): boolean {
    if (!this.#rules.enforceQuota) return true;
    const limited = quotaOwner(this.#tree.quotas, path);
    if (limited === undefined || path.startsWith(`${reservedPaths.quota}/`)) return true;
    const limits = parseQuota(this.#tree.nodes.get(limitsPath(limited))?.data ?? null);
    const stats = parseQuota(this.#tree.nodes.get(statsPath(limited))?.data ?? null);
    return limits === undefined || stats === undefined || !exceedsHardLimit(limits, stats, { count, bytes });
  }
}

/** Ten digits of the parent's count of creates, deletes not counted. */
export function sequenceSuffix(childrenCreated: number): string {
  const digits = String(Math.abs(childrenCreated));
  return childrenCreated < 0 ? `-${digits.padStart(9, '0')}` : digits.padStart(10, '0');
}

function unreachable(request: never): never {
  throw new Error(`unknown request ${JSON.stringify(request)}`);
}
