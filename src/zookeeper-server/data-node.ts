import type { JuteReader, JuteWriter } from './jute.ts';

/** The stat that clients see. Times are wall clock milliseconds. */
export interface Stat {
  readonly czxid: number;
  readonly mzxid: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly version: number;
  /** Creates plus deletes of children. */
  readonly childrenVersion: number;
  readonly aclVersion: number;
  /** Session id of an ephemeral node; empty for all others, containers and TTL nodes too. */
  readonly owner: string;
  readonly dataLength: number;
  readonly childrenCount: number;
  readonly pzxid: number;
}

/** Owner of a container node: the sign bit alone (EphemeralType.CONTAINER). */
export const containerOwner = '8000000000000000';
const ttlMark = 'ff0000';
/** Five bytes hold it: some 34 years. */
export const ttlMaxMs = 2 ** 40 - 1;

export function ttlOwner(ttlMs: number): string {
  return `${ttlMark}${ttlMs.toString(16).padStart(10, '0')}`;
}

/**
 * The TTL in an owner field, or undefined when the node has none. No session id looks so: its first byte is the server's
 * id, which ZooKeeper keeps below 255 for that reason.
 */
export function ttlOf(owner: string): number | undefined {
  return owner.startsWith(ttlMark) ? Number.parseInt(owner.slice(6), 16) : undefined;
}

const noChildren: ReadonlySet<string> = new Set();

/** One znode. Fields are what snapshots store; `childrenCreated` is ZooKeeper's persisted cversion. */
export class DataNode {
  /** Never changed in place: replies and snapshots may hold it. */
  data: Buffer | null;
  aclIndex: number;
  readonly czxid: number;
  mzxid: number;
  pzxid: number;
  readonly createdMs: number;
  modifiedMs: number;
  version = 0;
  childrenCreated = 0;
  aclVersion = 0;
  /** Session id (16 hexadecimal digits) of an ephemeral node, a mark for containers and TTL nodes, empty for the rest. */
  readonly owner: string;
  #children: Set<string> | undefined = undefined;

  constructor(data: Buffer | null, aclIndex: number, zxid: number, timeMs: number, owner: string) {
    this.data = data;
    this.aclIndex = aclIndex;
    this.czxid = zxid;
    this.mzxid = zxid;
    this.pzxid = zxid;
    this.createdMs = timeMs;
    this.modifiedMs = timeMs;
    this.owner = owner;
  }

  /** Whether a session owns it. */
  get isEphemeral(): boolean {
    return this.owner !== '' && this.owner !== containerOwner && ttlOf(this.owner) === undefined;
  }

  /** Undefined when it has no time to live. */
  get ttlMs(): number | undefined {
    return ttlOf(this.owner);
  }

  get children(): ReadonlySet<string> {
    return this.#children ?? noChildren;
  }

  get childrenCount(): number {
    return this.#children?.size ?? 0;
  }

  addChild(name: string): void {
    (this.#children ??= new Set()).add(name);
  }

  removeChild(name: string): void {
    if (this.#children?.delete(name) === true && this.#children.size === 0) this.#children = undefined;
  }

  stat(): Stat {
    return {
      czxid: this.czxid,
      mzxid: this.mzxid,
      createdMs: this.createdMs,
      modifiedMs: this.modifiedMs,
      version: this.version,
      childrenVersion: (this.childrenCreated * 2 - this.childrenCount) | 0,
      aclVersion: this.aclVersion,
      owner: this.isEphemeral ? this.owner : '',
      dataLength: this.data?.length ?? 0,
      childrenCount: this.childrenCount,
      pzxid: this.pzxid,
    };
  }
}

/** 68 bytes, as in replies. */
export function writeStat(writer: JuteWriter, stat: Stat): void {
  writer.long(stat.czxid);
  writer.long(stat.mzxid);
  writer.long(stat.createdMs);
  writer.long(stat.modifiedMs);
  writer.int(stat.version);
  writer.int(stat.childrenVersion);
  writer.int(stat.aclVersion);
  writer.hexLong(stat.owner);
  writer.int(stat.dataLength);
  writer.int(stat.childrenCount);
  writer.long(stat.pzxid);
}

function ownerOf(hex: string): string {
  return hex === '0000000000000000' ? '' : hex;
}

/** A node as snapshots hold it (DataNode and StatPersisted). */
export function writeNode(writer: JuteWriter, node: DataNode, aclIndex: number): void {
  writer.buffer(node.data);
  writer.long(aclIndex);
  writer.long(node.czxid);
  writer.long(node.mzxid);
  writer.long(node.createdMs);
  writer.long(node.modifiedMs);
  writer.int(node.version);
  writer.int(node.childrenCreated);
  writer.int(node.aclVersion);
  writer.hexLong(node.owner);
  writer.long(node.pzxid);
}

/** @throws MalformedJute */
export function readNode(reader: JuteReader, copy: (data: Buffer | null) => Buffer | null): DataNode {
  const data = copy(reader.buffer());
  const aclIndex = reader.long();
  const czxid = reader.long();
  const mzxid = reader.long();
  const createdMs = reader.long();
  const modifiedMs = reader.long();
  const version = reader.int();
  const childrenCreated = reader.int();
  const aclVersion = reader.int();
  const node = new DataNode(data, aclIndex, czxid, createdMs, ownerOf(reader.hexLong()));
  node.mzxid = mzxid;
  node.modifiedMs = modifiedMs;
  node.version = version;
  node.childrenCreated = childrenCreated;
  node.aclVersion = aclVersion;
  node.pzxid = reader.long();
  return node;
}
