import type { ACL, Exception, Stat as PackageStat, TransactionResult, TransactionStep } from 'node-zookeeper-client';
import { ZooKeeperError } from './zookeeper.ts';
import type { Acl, CreateMode, Operation, OperationResult, Stat, WatchEvent, ZooKeeperErrorName } from './zookeeper.ts';

/** Values of node-zookeeper-client and of the `ZooKeeper` interface, one into the other. */
type Package = typeof import('node-zookeeper-client');

const createFlags: Readonly<Record<CreateMode, number>> = { persistent: 0, ephemeral: 1, 'persistent-sequential': 2, 'ephemeral-sequential': 3 };
const openAcl: readonly Acl[] = [{ scheme: 'world', id: 'anyone', permissions: 31 }];
const noSession = '0000000000000000';
const rolledBack = -2;

const errorNames: ReadonlyMap<number, ZooKeeperErrorName> = new Map([
  [-2, 'ROLLED_BACK'], [-4, 'CONNECTION_LOSS'], [-7, 'OPERATION_TIMEOUT'], [-8, 'BAD_ARGUMENTS'], [-101, 'NO_NODE'], [-102, 'NO_AUTH'],
  [-103, 'BAD_VERSION'], [-108, 'NO_CHILDREN_FOR_EPHEMERALS'], [-110, 'NODE_EXISTS'], [-111, 'NOT_EMPTY'], [-112, 'SESSION_EXPIRED'],
  [-114, 'INVALID_ACL'], [-115, 'AUTH_FAILED'],
]);

const watchKinds: ReadonlyMap<number, WatchEvent['kind']> = new Map([[1, 'created'], [2, 'deleted'], [3, 'data-changed'], [4, 'children-changed']]);

export function createFlagsOf(mode: CreateMode = 'persistent'): number {
  return createFlags[mode];
}

export function packageAcls(zookeeper: Package, acl: readonly Acl[] = openAcl): ACL[] {
  return acl.map(({ scheme, id, permissions }) => new zookeeper.ACL(permissions, new zookeeper.Id(scheme, id)));
}

export function aclsOf(acls: readonly ACL[]): Acl[] {
  return acls.map(({ permission, id }) => ({ scheme: id.scheme, id: id.id, permissions: permission }));
}

export function statOf(stat: PackageStat): Stat {
  const owner = stat.ephemeralOwner.toString('hex');
  return {
    czxid: longOf(stat.czxid),
    mzxid: longOf(stat.mzxid),
    pzxid: longOf(stat.pzxid),
    createdMs: longOf(stat.ctime),
    modifiedMs: longOf(stat.mtime),
    version: stat.version,
    childrenVersion: stat.cversion,
    aclVersion: stat.aversion,
    ephemeralOwner: owner === noSession ? undefined : owner,
    dataLength: stat.dataLength,
    childrenCount: stat.numChildren,
  };
}

export function errorOf(exception: Exception, path: string, failedStep?: number): ZooKeeperError {
  return errorOfCode(exception.code, path, failedStep, exception);
}

/** The package takes Buffers only; nothing is copied. */
export function bufferOf(data: Uint8Array): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

export function watchKindOf(type: number): WatchEvent['kind'] | undefined {
  return watchKinds.get(type);
}

/**
 * Steps as Transaction.commit sends them.
 *
 * @param transaction its check, setData and remove turn version 0 into -1, "any" (`version || -1`): the version is put in afterwards
 */
export function addSteps(
  zookeeper: Package,
  transaction: import('node-zookeeper-client').Transaction,
  operations: readonly Operation[],
  fullPath: (path: string) => string,
): void {
  for (const operation of operations) {
    const path = fullPath(operation.path);
    switch (operation.kind) {
      case 'create':
        transaction.create(path, operation.data === undefined ? undefined : bufferOf(operation.data), packageAcls(zookeeper, operation.acl), createFlagsOf(operation.mode));
        continue;
      case 'set':
        transaction.setData(path, bufferOf(operation.data), operation.version);
        break;
      case 'delete':
        transaction.remove(path, operation.version);
        break;
      case 'check':
        transaction.check(path, operation.version);
        break;
      default:
        throw new TypeError(`unknown step ${JSON.stringify(operation satisfies never)}`);
    }
    (transaction.ops.at(-1) as TransactionStep).version = operation.version;
  }
}

/** Steps before the one that failed answer 0, those after it -2: the first other code is the reason. */
export function multiErrorOf(exception: Exception, results: readonly TransactionResult[] | undefined, operations: readonly Operation[]): ZooKeeperError {
  const codes = (results ?? []).map((result) => result.err ?? 0);
  const first = codes.findIndex((code) => code !== 0 && code !== rolledBack);
  const failed = first >= 0 ? first : codes.findIndex((code) => code !== 0);
  if (failed < 0) return errorOf(exception, operations[0]?.path ?? '/');
  return errorOfCode(codes[failed] as number, operations[failed]?.path ?? '/', failed, exception);
}

export function multiResultOf(result: TransactionResult, relativePath: (path: string) => string): OperationResult {
  return {
    ...(result.path === undefined ? {} : { createdPath: relativePath(result.path) }),
    ...(result.stat === undefined ? {} : { stat: statOf(result.stat) }),
  };
}

function errorOfCode(code: number, path: string, failedStep: number | undefined, cause: Exception): ZooKeeperError {
  return new ZooKeeperError(errorNames.get(code) ?? 'SYSTEM_ERROR', path, { cause, ...(failedStep === undefined ? {} : { failedStep }) });
}

/** @throws RangeError beyond 2^53 - 1: a zxid gets there after two million leader elections or never */
function longOf(bytes: Buffer): number {
  const value = Number(bytes.readBigInt64BE());
  if (!Number.isSafeInteger(value)) throw new RangeError(`ZooKeeper sent the number 0x${bytes.toString('hex')}, which is beyond 2^53`);
  return value;
}
