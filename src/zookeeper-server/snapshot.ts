import type { Disk } from '../runtime/disk.ts';
import { readAcl, writeAcl } from './acl.ts';
import { adler32 } from './checksum.ts';
import { readNode, writeNode } from './data-node.ts';
import { DataTree } from './data-tree.ts';
import { JuteReader, JuteWriter, MalformedJute } from './jute.ts';
import { copyOf } from './transactions.ts';

/**
 * Snapshots: `snapshot.<zxid>`, as Apache ZooKeeper writes and reads them.
 *
 *     'ZKSN' | int 2 | long -1 | sessions | ACL table | nodes, parents first | "/" | long adler32 of all before | "/"
 *
 * A snapshot may be taken while writes go on. It then holds all up to the zxid of its name and some of what came later;
 * the log from that zxid on puts the rest right, since transactions may be applied twice. ZooKeeper 3.6 and later add a
 * digest of the tree after that, and go without it where it is not there.
 */
const magic = 0x5a4b534e;
const snapshotVersion = 2;
const chunkBytes = 64 * 1024;

export function snapshotName(zxid: number): string {
  return `snapshot.${zxid.toString(16)}`;
}

export interface State {
  readonly tree: DataTree;
  /** Timeouts in milliseconds by session id. */
  readonly sessions: Map<string, number>;
}

/**
 * The bytes of a snapshot in pieces of some 64 KiB; the tree may change between two pieces. Nodes made meanwhile are left
 * to the log, since their ACL may be missing in the table, which is written first.
 */
export function* encodeSnapshot({ tree, sessions }: State): Generator<Buffer> {
  const zxid = tree.lastZxid;
  const writer = new JuteWriter();
  let checksum = 1;
  const take = (): Buffer => {
    const bytes = writer.take();
    checksum = adler32(bytes, 0, bytes.length, checksum);
    return bytes;
  };
  writer.int(magic);
  writer.int(snapshotVersion);
  writer.long(-1);
  writer.vector([...sessions], (one, [sessionId, timeoutMs]) => {
    one.hexLong(sessionId);
    one.int(timeoutMs);
  });
  const acls = tree.acls.entries();
  const known = new Set(acls.map(({ index }) => index));
  writer.vector([...acls], (one, { index, acl }) => {
    one.long(index);
    writeAcl(one, acl);
  });
  for (const [path, node] of tree.nodes) {
    if (path === '/' || node.czxid > zxid) continue;
    writer.string(path);
    writeNode(writer, node, known.has(node.aclIndex) ? node.aclIndex : -1);
    if (writer.length >= chunkBytes) yield take();
  }
  writer.string('/');
  yield take();
  writer.long(checksum);
  writer.string('/');
  yield writer.take();
}

const sealBytes = 5;

/** Whether a file ends as a whole snapshot does; told without reading it. */
export function isWholeSnapshot(disk: Disk, path: string): boolean {
  const file = disk.openSync(path, 'read');
  try {
    const size = file.sizeSync();
    if (size < 10) return false;
    const seal = Buffer.alloc(sealBytes);
    file.readSync(seal, 0, sealBytes, size - sealBytes);
    return seal.readInt32BE(0) === 1 && seal[4] === 0x2f;
  } finally {
    file.closeSync();
  }
}

/**
 * @param zxid the name's
 * @throws MalformedJute when the bytes are not a whole snapshot, or their checksum is wrong
 */
export function decodeSnapshot(bytes: Buffer, zxid: number): State {
  const reader = new JuteReader(bytes);
  if (reader.int() !== magic) throw new MalformedJute('not a ZooKeeper snapshot');
  reader.int();
  reader.long();
  const sessions = new Map(reader.vector((one) => [one.hexLong(), one.int()] as const));
  const tree = new DataTree(true);
  for (const [index, acl] of reader.vector((one) => [one.long(), readAcl(one)] as const)) tree.acls.load(index, acl);
  const copy = copyTogether();
  for (let path = reader.string(); path !== '/'; path = reader.string()) {
    if (!tree.load(path, readNode(reader, copy))) throw new MalformedJute(`no parent of ${path} in the snapshot`);
  }
  const end = reader.position;
  if (reader.long() !== adler32(bytes, 0, end)) throw new MalformedJute('the checksum of the snapshot is wrong');
  if (tree.nodes.get('') === undefined) throw new MalformedJute('a snapshot without root');
  tree.loaded();
  tree.lastZxid = zxid;
  return { tree, sessions };
}

const slabBytes = 64 * 1024;

/** Copies small data of many nodes into shared slabs: an allocation for each would be half the time of a load. */
function copyTogether(): (data: Buffer | null) => Buffer | null {
  let slab = Buffer.alloc(0);
  let used = 0;
  return (data) => {
    if (data === null || data.length * 16 > slabBytes) return copyOf(data);
    if (used + data.length > slab.length) {
      slab = Buffer.allocUnsafeSlow(slabBytes);
      used = 0;
    }
    const copied = data.copy(slab, used);
    used += copied;
    return slab.subarray(used - copied, used);
  };
}
