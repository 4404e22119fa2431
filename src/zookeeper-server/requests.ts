import { readAcl, type Acl } from './acl.ts';
import { MalformedJute, type JuteReader } from './jute.ts';
import { operationCodes } from './operations.ts';

export interface CreateRequest {
  readonly kind: 'create';
  readonly type: 1 | 15 | 19 | 21;
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: Acl;
  /** 0 persistent, 1 ephemeral, 2 sequential, 3 both, 4 container, 5 TTL, 6 TTL sequential (CreateMode). */
  readonly flags: number;
  /** -1 where the request has none. */
  readonly ttlMs: number;
}
export interface DeleteRequest { readonly kind: 'delete'; readonly path: string; readonly version: number }
export interface SetDataRequest { readonly kind: 'set-data'; readonly path: string; readonly data: Buffer | null; readonly version: number }
export interface SetAclRequest { readonly kind: 'set-acl'; readonly path: string; readonly acl: Acl; readonly version: number }
export interface CheckRequest { readonly kind: 'check'; readonly path: string; readonly version: number }
export interface GetDataRequest { readonly kind: 'get-data'; readonly path: string; readonly watch: boolean }
export interface GetChildrenRequest { readonly kind: 'get-children'; readonly path: string; readonly watch: boolean; readonly withStat: boolean }

/** A step of a multi that its parser knows but a multi cannot do is `unsupported`. */
export type WriteRequest = CreateRequest | DeleteRequest | SetDataRequest | SetAclRequest | CheckRequest;
export type ReadStep = GetDataRequest | GetChildrenRequest;

export type Request =
  | WriteRequest
  | ReadStep
  | { readonly kind: 'multi'; readonly steps: readonly WriteRequest[] }
  | { readonly kind: 'multi-read'; readonly steps: readonly ReadStep[] }
  | { readonly kind: 'exists'; readonly path: string; readonly watch: boolean }
  | { readonly kind: 'get-acl'; readonly path: string }
  | { readonly kind: 'sync'; readonly path: string | null }
  | { readonly kind: 'ping' }
  | { readonly kind: 'reconfig' }
  | { readonly kind: 'check-watches'; readonly path: string; readonly watcherType: number }
  | { readonly kind: 'remove-watches'; readonly path: string; readonly watcherType: number }
  | { readonly kind: 'add-watch'; readonly path: string; readonly mode: number }
  | {
      readonly kind: 'set-watches';
      readonly sinceZxid: number;
      readonly data: readonly string[];
      readonly exists: readonly string[];
      readonly children: readonly string[];
      readonly persistent: readonly string[];
      readonly recursive: readonly string[];
    }
  | { readonly kind: 'get-ephemerals'; readonly prefix: string | null }
  | { readonly kind: 'get-all-children-number'; readonly path: string }
  | { readonly kind: 'who-am-i' }
  | { readonly kind: 'auth'; readonly scheme: string; readonly auth: Buffer }
  | { readonly kind: 'sasl' }
  | { readonly kind: 'close-session' }
  /** Its body is not what its operation says. A write still takes a zxid for its error (MarshallingError). */
  | { readonly kind: 'malformed'; readonly isWrite: boolean }
  /** No operation of this server: it answers Unimplemented and closes. */
  | { readonly kind: 'unknown'; readonly type: number };

const writeTypes: ReadonlySet<number> = new Set([
  operationCodes.create, operationCodes.create2, operationCodes.createContainer, operationCodes.createTtl, operationCodes.delete,
  operationCodes.setData, operationCodes.setAcl, operationCodes.multi, operationCodes.reconfig,
]);

/** Reads the body of an operation; data fields are views of the reader's bytes. */
export function readRequest(type: number, reader: JuteReader): Request {
  try {
    return readBody(type, reader);
  } catch (error) {
    if (error instanceof MalformedJute) return { kind: 'malformed', isWrite: writeTypes.has(type) };
    throw error;
  }
}

function readBody(type: number, reader: JuteReader): Request {
  const write = readWrite(type, reader);
  if (write !== undefined) return write;
  switch (type) {
    case operationCodes.exists:
      return { kind: 'exists', path: reader.string(), watch: reader.bool() };
    case operationCodes.getData:
      return { kind: 'get-data', path: reader.string(), watch: reader.bool() };
    case operationCodes.getChildren:
    case operationCodes.getChildren2:
      return { kind: 'get-children', path: reader.string(), watch: reader.bool(), withStat: type === operationCodes.getChildren2 };
    case operationCodes.getAcl:
      return { kind: 'get-acl', path: reader.string() };
    case operationCodes.sync:
      return { kind: 'sync', path: reader.nullableString() };
    case operationCodes.ping:
      return { kind: 'ping' };
    case operationCodes.multi:
      return { kind: 'multi', steps: readSteps(reader, (stepType) => readWriteStep(stepType, reader)) };
    case operationCodes.multiRead:
      return { kind: 'multi-read', steps: readSteps(reader, (stepType) => readReadStep(stepType, reader)) };
    case operationCodes.reconfig:
      for (let field = 0; field < 3; field++) reader.nullableString();
      reader.long();
      return { kind: 'reconfig' };
    case operationCodes.getEphemerals:
      return { kind: 'get-ephemerals', prefix: reader.nullableString() };
    case operationCodes.getAllChildrenNumber:
      return { kind: 'get-all-children-number', path: reader.string() };
    case operationCodes.whoAmI:
      return { kind: 'who-am-i' };
    case operationCodes.auth:
      reader.int();
      return { kind: 'auth', scheme: reader.nullableString() ?? '', auth: reader.buffer() ?? Buffer.alloc(0) };
    case operationCodes.sasl:
      return { kind: 'sasl' };
    case operationCodes.closeSession:
      return { kind: 'close-session' };
    default:
      return readWatchRequest(type, reader);
  }
}

function readWatchRequest(type: number, reader: JuteReader): Request {
  switch (type) {
    case operationCodes.checkWatches:
      return { kind: 'check-watches', path: reader.string(), watcherType: reader.int() };
    case operationCodes.removeWatches:
      return { kind: 'remove-watches', path: reader.string(), watcherType: reader.int() };
    case operationCodes.addWatch:
      return { kind: 'add-watch', path: reader.string(), mode: reader.int() };
    case operationCodes.setWatches:
    case operationCodes.setWatches2: {
      const sinceZxid = reader.long();
      const lists = Array.from({ length: type === operationCodes.setWatches ? 3 : 5 }, () => reader.vector((one) => one.string()));
      const [data = [], exists = [], children = [], persistent = [], recursive = []] = lists;
      return { kind: 'set-watches', sinceZxid, data, exists, children, persistent, recursive };
    }
    default:
      return { kind: 'unknown', type };
  }
}

function readWrite(type: number, reader: JuteReader): WriteRequest | undefined {
  switch (type) {
    case operationCodes.create:
    case operationCodes.create2:
    case operationCodes.createContainer:
    case operationCodes.createTtl: {
      const [path, data, acl, flags] = [reader.string(), reader.buffer(), readAcl(reader), reader.int()];
      return { kind: 'create', type, path, data, acl, flags, ttlMs: type === operationCodes.createTtl ? reader.long() : -1 };
    }
    case operationCodes.delete:
      return { kind: 'delete', path: reader.string(), version: reader.int() };
    case operationCodes.setData:
      return { kind: 'set-data', path: reader.string(), data: reader.buffer(), version: reader.int() };
    case operationCodes.setAcl:
      return { kind: 'set-acl', path: reader.string(), acl: readAcl(reader), version: reader.int() };
    case operationCodes.check:
      return { kind: 'check', path: reader.string(), version: reader.int() };
    default:
      return undefined;
  }
}

/** In a multi the flags decide what a create is, more than its type does (MultiOperationRecord, Op.create). */
function readWriteStep(type: number, reader: JuteReader): WriteRequest | undefined {
  const write = type === operationCodes.setAcl ? undefined : readWrite(type, reader);
  if (write?.kind !== 'create') return write;
  const { flags } = write;
  const hasTtl = flags === 5 || flags === 6;
  if (write.type === operationCodes.createTtl) {
    if (hasTtl) return write;
    return { ...write, type: flags === 4 ? operationCodes.createContainer : operationCodes.create, ttlMs: -1 };
  }
  if (hasTtl || flags < 0 || flags > 6) throw new MalformedJute(`flags ${flags} in a multi`);
  return flags === 4 ? { ...write, type: operationCodes.createContainer } : write;
}

function readReadStep(type: number, reader: JuteReader): ReadStep | undefined {
  if (type === operationCodes.getData) return { kind: 'get-data', path: reader.string(), watch: reader.bool() };
  if (type === operationCodes.getChildren) return { kind: 'get-children', path: reader.string(), watch: reader.bool(), withStat: false };
  return undefined;
}

/** Steps, each behind a header (type, done, error), up to the header that says done. */
function readSteps<T>(reader: JuteReader, readStep: (type: number) => T | undefined): T[] {
  const steps: T[] = [];
  for (;;) {
    const type = reader.int();
    const isLast = reader.bool();
    reader.int();
    if (isLast) return steps;
    const step = readStep(type);
    if (step === undefined) throw new MalformedJute(`operation ${type} in a multi`);
    steps.push(step);
  }
}
