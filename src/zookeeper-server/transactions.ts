import { readAcl, writeAcl, type Acl } from './acl.ts';
import { JuteReader, JuteWriter, MalformedJute } from './jute.ts';
import { operationCodes } from './operations.ts';

/** What a transaction does, with everything already decided: names, owners, versions. Replaying it asks nothing. */
export type Change =
  | {
      readonly kind: 'create';
      /** create 1, create2 15, createContainer 19, createTTL 21: replies differ, nodes by `ephemeral` and `ttlMs`. */
      readonly type: 1 | 15 | 19 | 21;
      readonly path: string;
      readonly data: Buffer | null;
      readonly acl: Acl;
      readonly ephemeral: boolean;
      /** The parent's persisted cversion after this create; -1 means its own plus one (files of old servers). */
      readonly parentChildrenVersion: number;
      /** Only for createTTL; 0 otherwise. */
      readonly ttlMs: number;
    }
  | { readonly kind: 'delete'; readonly type: 2 | 20; readonly path: string }
  | { readonly kind: 'set-data'; readonly type: 5 | 16; readonly path: string; readonly data: Buffer | null; readonly version: number }
  | { readonly kind: 'set-acl'; readonly type: 7; readonly path: string; readonly acl: Acl; readonly aclVersion: number }
  | { readonly kind: 'check'; readonly type: 13; readonly path: string; readonly version: number }
  | { readonly kind: 'create-session'; readonly type: -10; readonly timeoutMs: number }
  /** `paths` is undefined in files of ZooKeeper 3.5 and before: the session's ephemerals are then looked up. */
  | { readonly kind: 'close-session'; readonly type: -11; readonly paths: readonly string[] | undefined }
  | { readonly kind: 'error'; readonly type: -1; readonly code: number }
  | { readonly kind: 'multi'; readonly type: 14; readonly parts: readonly Change[] };

export interface Transaction {
  /** 16 hexadecimal digits. */
  readonly sessionId: string;
  /** The client's own number for the request. */
  readonly cxid: number;
  readonly zxid: number;
  readonly timeMs: number;
  readonly change: Change;
}

export function writeTransaction(writer: JuteWriter, transaction: Transaction): void {
  writer.hexLong(transaction.sessionId);
  writer.int(transaction.cxid);
  writer.long(transaction.zxid);
  writer.long(transaction.timeMs);
  writer.int(transaction.change.type);
  writeChange(writer, transaction.change);
}

/** @throws MalformedJute */
export function readTransaction(bytes: Buffer): Transaction {
  const reader = new JuteReader(bytes);
  const sessionId = reader.hexLong();
  const cxid = reader.int();
  const zxid = reader.long();
  const timeMs = reader.long();
  const type = reader.int();
  return { sessionId, cxid, zxid, timeMs, change: readChange(reader, type) };
}

function writeChange(writer: JuteWriter, change: Change): void {
  switch (change.kind) {
    case 'create':
      writer.string(change.path);
      writer.buffer(change.data);
      writeAcl(writer, change.acl);
      if (change.type === operationCodes.create || change.type === operationCodes.create2) writer.bool(change.ephemeral);
      writer.int(change.parentChildrenVersion);
      if (change.type === operationCodes.createTtl) writer.long(change.ttlMs);
      return;
    case 'delete':
      writer.string(change.path);
      return;
    case 'set-data':
      writer.string(change.path);
      writer.buffer(change.data);
      writer.int(change.version);
      return;
    case 'set-acl':
      writer.string(change.path);
      writeAcl(writer, change.acl);
      writer.int(change.aclVersion);
      return;
    case 'check':
      writer.string(change.path);
      writer.int(change.version);
      return;
    case 'create-session':
      writer.int(change.timeoutMs);
      return;
    case 'close-session':
      if (change.paths !== undefined) writer.vector(change.paths, (one, path) => one.string(path));
      return;
    case 'error':
      writer.int(change.code);
      return;
    case 'multi':
      writer.vector(change.parts, (one, part) => {
        one.int(part.type);
        const start = one.beginFrame();
        writeChange(one, part);
        one.endFrame(start);
      });
      return;
    default:
      return unreachable(change);
  }
}

function unreachable(change: never): never {
  throw new Error(`unknown change ${JSON.stringify(change)}`);
}

function readChange(reader: JuteReader, type: number): Change {
  switch (type) {
    case operationCodes.create:
    case operationCodes.create2:
    case operationCodes.createContainer:
    case operationCodes.createTtl:
      return readCreate(reader, type);
    case operationCodes.delete:
    case operationCodes.deleteContainer:
      return { kind: 'delete', type, path: reader.string() };
    case operationCodes.setData:
    case operationCodes.reconfig:
      return { kind: 'set-data', type, path: reader.string(), data: copyOf(reader.buffer()), version: reader.int() };
    case operationCodes.setAcl:
      return { kind: 'set-acl', type, path: reader.string(), acl: readAcl(reader), aclVersion: reader.int() };
    case operationCodes.check:
      return { kind: 'check', type, path: reader.string(), version: reader.int() };
    case operationCodes.createSession:
      return { kind: 'create-session', type, timeoutMs: reader.int() };
    case operationCodes.closeSession:
      return { kind: 'close-session', type, paths: reader.remaining === 0 ? undefined : reader.vector((one) => one.string()) };
    case operationCodes.error:
      return { kind: 'error', type, code: reader.int() };
    case operationCodes.multi:
      return { kind: 'multi', type, parts: reader.vector(readPart) };
    default:
      throw new MalformedJute(`unknown transaction type ${type}`);
  }
}

function readPart(reader: JuteReader): Change {
  const type = reader.int();
  const body = reader.buffer();
  if (body === null) throw new MalformedJute('a multi part without body');
  return readChange(new JuteReader(body), type);
}

function readCreate(reader: JuteReader, type: 1 | 15 | 19 | 21): Change {
  const path = reader.string();
  const data = copyOf(reader.buffer());
  const acl = readAcl(reader);
  const ephemeral = type === operationCodes.create || type === operationCodes.create2 ? reader.bool() : false;
  // Servers before 3.4 logged no parent version.
  const parentChildrenVersion = reader.remaining >= 4 ? reader.int() : -1;
  const ttlMs = type === operationCodes.createTtl ? reader.long() : 0;
  return { kind: 'create', type, path, data, acl, ephemeral, parentChildrenVersion, ttlMs };
}

/** A znode's data outlives the buffer it came in, and must not keep that alive. */
export function copyOf(data: Buffer | null): Buffer | null {
  if (data === null) return null;
  const copy = Buffer.allocUnsafeSlow(data.length);
  data.copy(copy);
  return copy;
}
