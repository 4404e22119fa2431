import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { openAcl, readOnlyAcl } from '../../../src/zookeeper-server/acl.ts';
import { ZooKeeperCore, type Client } from '../../../src/zookeeper-server/core.ts';
import type { Request } from '../../../src/zookeeper-server/requests.ts';
import { decodeSnapshot, encodeSnapshot, type State } from '../../../src/zookeeper-server/snapshot.ts';
import { numberedFiles, purge, recover, SnapshotFile, StorageError, type StorageOptions } from '../../../src/zookeeper-server/storage.ts';
import { CorruptLog, LogWriter, readLog } from '../../../src/zookeeper-server/transaction-log.ts';
import type { Transaction } from '../../../src/zookeeper-server/transactions.ts';
import { MemoryDisk } from './memory-disk.ts';
import { check, create, remove, setData } from './support.ts';

const directory = 'data/version-2';
const golden = path.join(import.meta.dirname, 'golden/data');

function options(disk: MemoryDisk, more: Partial<StorageOptions> = {}): StorageOptions {
  return { disk, logger: silentLogger, snapshotDirectory: directory, logDirectory: directory, trustEmptySnapshot: false, ...more };
}

/** The data of a real ZooKeeper, in memory. */
function goldenDisk(folder: string): MemoryDisk {
  const disk = new MemoryDisk();
  for (const name of fs.readdirSync(path.join(golden, folder))) disk.files.set(`${directory}/${name}`, fs.readFileSync(path.join(golden, folder, name)));
  return disk;
}

/** Everything about the tree that clients can see, and what snapshots store. */
function visible({ tree, sessions }: State): unknown {
  return {
    zxid: tree.lastZxid,
    sessions: [...sessions].sort(),
    nodes: [...tree.nodes].map(([at, node]) => [at, node.data?.toString('hex') ?? null, tree.acl(node), node.owner, node.childrenCreated, node.stat(), [...node.children].sort()]).sort(),
    ephemerals: [...tree.ephemerals].map(([id, paths]) => [id, [...paths].sort()]).sort(),
    containers: [...tree.containers].sort(),
    timeLimited: [...tree.timeLimited].sort(),
  };
}

/** A core whose transactions go to a log on a disk, and some of everything in it. */
function busyServer(disk: MemoryDisk, preallocateBytes = 0): { core: ZooKeeperCore<Client>; log: LogWriter; client: Client; apply(request: Request): void } {
  const snapshot = new SnapshotFile(disk, directory, new ZooKeeperCore<Client>({ extendedTypes: true, enforceQuota: false, skipAcl: false }, 0));
  while (snapshot.next());
  snapshot.finishSync();
  const core = new ZooKeeperCore<Client>({ extendedTypes: true, enforceQuota: false, skipAcl: false }, 0);
  const log = new LogWriter({ disk, directory, preallocateBytes });
  const opened = core.openSession(4000, 5);
  log.append(opened.transaction);
  const client: Client = { sessionId: opened.reply.sessionId, identities: [] };
  const apply = (request: Request): void => {
    const { transaction } = core.apply(1, request, client, 1_700_000_000_000);
    if (transaction !== undefined) log.append(transaction);
    log.write();
  };
  for (const request of [
    create('/a', { data: 'alpha' }),
    create('/a/null', { data: null }),
    create('/a/e', { mode: 'ephemeral' }),
    create('/a/s-', { mode: 'sequential', acl: readOnlyAcl }),
    create('/c', { mode: 'container' }),
    create('/t', { mode: 'ttl', ttlMs: 86_400_000 }),
    setData('/a', 'beta'),
    setData('/none', 'x'),
    { kind: 'set-acl', path: '/a/null', acl: [{ permissions: 3, scheme: 'ip', id: '10.0.0.0/8' }], version: -1 },
    { kind: 'multi', steps: [check('/a', 1), create('/a/m'), remove('/a/null')] },
    { kind: 'multi', steps: [create('/never'), check('/a', 9)] },
    remove('/a/m'),
  ] as Request[]) apply(request);
  return { core, log, client, apply };
}

describe('data of Apache ZooKeeper 3.8.4', () => {
  it('is opened as it left it: newest snapshot, and both logs', () => {
    const recovered = recover(options(goldenDisk('version-2')));
    const { tree, sessions } = recovered;
    expect(recovered).to.include({ replayed: 8, isSnapshotCurrent: false });
    expect([...sessions]).to.deep.equal([['01000039e6c10000', 20_000]]);
    expect(tree.lastZxid).to.equal(16);
    const data = (at: string): unknown => tree.nodes.get(at)?.data?.toString() ?? tree.nodes.get(at)?.data;
    expect(['/a', '/a/n', '/a/s-0000000002', '/a/m', '/a/e', '/a/c2', '/sec', '/cont', '/ttl', '/a/b'].map(data)).to.deep.equal(['alpha3', null, 'q', 'multi', 'eph', 'ü', 'secret', '', 't', undefined]);
    expect(tree.nodes.get('/a')).to.include({ version: 2, childrenCreated: 6 });
    expect(tree.nodes.get('/a')!.childrenCount).to.equal(5);
    expect(tree.acl(tree.nodes.get('/a/m')!)).to.deep.equal([{ permissions: 1, scheme: 'world', id: 'anyone' }]);
    expect([...tree.containers, ...tree.timeLimited]).to.deep.equal(['/cont', '/ttl']);
    expect(tree.nodes.get('/ttl')!.ttlMs).to.equal(86_400_000);
    expect([...tree.ephemerals.get('01000039e6c10000')!]).to.deep.equal(['/a/e']);
  });

  it('gives the same from its first snapshot and all its logs', () => {
    const disk = goldenDisk('version-2');
    const whole = visible(recover(options(disk)));
    disk.files.delete(`${directory}/snapshot.8`);
    expect(visible(recover(options(disk)))).to.deep.equal(whole);
  });

  it('made by hand without digest is opened too', () => {
    const { tree } = recover(options(goldenDisk('handmade/version-2')));
    expect(tree.lastZxid).to.equal(9);
    expect(tree.nodes.get('/hand')!.stat()).to.include({ version: 2, childrenVersion: 4 });
    expect([...tree.nodes.get('/hand')!.children].sort()).to.deep.equal(['kid', 'm']);
  });

  it('is written again to the byte, digests aside', () => {
    const disk = goldenDisk('version-2');
    const ours = new MemoryDisk();
    for (const name of ['log.1', 'log.9']) {
      const log = new LogWriter({ disk: ours, directory, preallocateBytes: 0 });
      for (const transaction of readLog(disk, `${directory}/${name}`)) log.append(transaction);
      log.write();
      const entries = (on: MemoryDisk): string[] => entryBodies(on.files.get(`${directory}/${name}`)!);
      for (const [index, body] of entries(disk).entries()) {
        const mine = entries(ours)[index]!;
        // Theirs may end in a digest: int version 2, long digest.
        expect([mine, mine + body.slice(-24)], `entry ${index} of ${name}`).to.include(body);
      }
    }
    const snapshot = disk.files.get(`${directory}/snapshot.8`)!;
    const state = decodeSnapshot(snapshot, 8);
    const mine = Buffer.concat([...encodeSnapshot(state)]);
    // Both start with header, sessions and ACL table; nodes are in another order, so lengths are compared.
    expect(mine.length).to.equal(snapshot.length - 33);
  });
});

function entryBodies(file: Buffer): string[] {
  const bodies: string[] = [];
  for (let at = 16; at + 12 < file.length && file.readInt32BE(at + 8) > 0; ) {
    const length = file.readInt32BE(at + 8);
    bodies.push(file.toString('hex', at + 12, at + 12 + length));
    at += 12 + length + 1;
  }
  return bodies;
}

describe('the transaction log', () => {
  it('gives all back after a kill, and the sessions with it', () => {
    const disk = new MemoryDisk();
    const { core } = busyServer(disk);
    expect(visible(recover(options(disk.copy())))).to.deep.equal(visible(core));
  });

  it('does so with its zeros written ahead', () => {
    const disk = new MemoryDisk();
    const { core, log } = busyServer(disk, 8192);
    expect(disk.files.get(`${directory}/log.1`)!.length).to.equal(8192);
    expect(visible(recover(options(disk.copy())))).to.deep.equal(visible(core));
    log.close();
    expect(disk.files.get(`${directory}/log.1`)!.length).to.equal(log.sizeBytes);
  });

  it('cut at any byte gives the transactions that are whole before the cut', () => {
    const disk = new MemoryDisk();
    const { log } = busyServer(disk);
    const file = `${directory}/log.1`;
    const whole = disk.files.get(file)!;
    const all = [...readLog(disk, file)];
    const ends = entryBodies(whole).reduce<number[]>((found, body) => [...found, found.at(-1)! + 13 + body.length / 2], [16]).slice(1);
    expect(ends.at(-1)).to.equal(log.sizeBytes);
    for (let cut = 0; cut <= whole.length; cut++) {
      const kept = ends.filter((end) => end <= cut).length;
      for (const torn of [whole.subarray(0, cut), Buffer.concat([whole.subarray(0, cut), Buffer.alloc(100)])]) {
        disk.files.set(file, torn);
        if (torn.length > whole.length && cut >= 4 && cut < 16 && torn[3] === 0x47) continue;
        if (cut > 0 && cut < 4 && torn.length > cut) continue; // a header cut short before zeros: not a log, told so
        const read = [...readLog(disk, file)];
        expect(read, `cut at ${cut}`).to.deep.equal(all.slice(0, kept));
      }
    }
  });

  it('torn by a crash is left alone, and the next server begins a new file', () => {
    const disk = new MemoryDisk();
    busyServer(disk);
    const file = `${directory}/log.1`;
    disk.files.set(file, disk.files.get(file)!.subarray(0, -3));
    const recovered = recover(options(disk));
    const core = new ZooKeeperCore<Client>({ extendedTypes: true, enforceQuota: false, skipAcl: false }, 0, recovered);
    const log = new LogWriter({ disk, directory, preallocateBytes: 0 });
    log.append(core.openSession(4000, 6).transaction);
    log.write();
    expect(numberedFiles(disk, directory, 'log').map(({ zxid }) => zxid)).to.deep.equal([1, core.tree.lastZxid]);
    expect(visible(recover(options(disk)))).to.deep.equal(visible(core));
  });

  it('with a flipped bit stops the start, and says where', () => {
    const disk = new MemoryDisk();
    busyServer(disk);
    const bytes = disk.files.get(`${directory}/log.1`)!;
    bytes[60]! ^= 1;
    expect(() => recover(options(disk))).to.throw(CorruptLog, /log\.1: the checksum of the transaction at byte \d+ is wrong/);
  });

  it('without any snapshot is no whole history, unless the operator says so', () => {
    const disk = new MemoryDisk();
    const { core } = busyServer(disk);
    disk.files.delete(`${directory}/snapshot.0`);
    expect(() => recover(options(disk))).to.throw(StorageError, /snapshot\.trust\.empty=true/);
    expect(visible(recover(options(disk, { trustEmptySnapshot: true })))).to.deep.equal(visible(core));
  });

  it('takes all that a turn brought in one write', () => {
    const disk = new MemoryDisk();
    const log = new LogWriter({ disk, directory, preallocateBytes: 0 });
    const transactions = Array.from({ length: 100 }, (_, index): Transaction => ({ sessionId: '0100000000000001', cxid: index, zxid: index + 1, timeMs: 5, change: { kind: 'error', type: -1, code: -101 } }));
    for (const transaction of transactions) log.append(transaction);
    expect(disk.files.size).to.equal(0);
    log.write();
    expect([...readLog(disk, `${directory}/log.1`)]).to.deep.equal(transactions);
  });
});

const arbitraryName = fc.stringMatching(/^[a-z]{1,3}$/);
const arbitraryRequest: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ parent: fc.option(arbitraryName, { nil: undefined }), name: arbitraryName, data: fc.option(fc.string({ maxLength: 8 })), mode: fc.constantFrom('persistent', 'ephemeral', 'sequential', 'container') })
    .map(({ parent, name, data, mode }) => create(`${parent === undefined ? '' : `/${parent}`}/${name}`, { data, mode: mode as 'persistent', acl: name.length === 2 ? readOnlyAcl : openAcl })),
  fc.tuple(arbitraryName, fc.string({ maxLength: 8 })).map(([name, data]) => setData(`/${name}`, data)),
  arbitraryName.map((name) => remove(`/${name}`)),
  arbitraryName.map((name): Request => ({ kind: 'set-acl', path: `/${name}`, acl: readOnlyAcl, version: -1 })),
);

describe('a snapshot', () => {
  it('holds all that the tree holds', () => {
    const disk = new MemoryDisk();
    const { core } = busyServer(disk);
    const bytes = Buffer.concat([...encodeSnapshot(core)]);
    expect(visible(decodeSnapshot(bytes, core.tree.lastZxid))).to.deep.equal(visible(core));
  });

  it('taken while writes go on gives with the log what the writes left', () => {
    fc.assert(fc.property(fc.array(arbitraryRequest, { maxLength: 30 }), fc.array(arbitraryRequest, { maxLength: 30 }), fc.nat(30), (before, during, interleave) => {
      const disk = new MemoryDisk();
      const { core, client, apply } = busyServer(disk);
      for (const request of before) apply(request);
      // Large enough to come in several pieces, between which the tree changes.
      for (let index = 0; index < 5; index++) apply(create(`/big${index}`, { data: 'x'.repeat(40_000) }));
      const snapshot = new SnapshotFile(disk, directory, core);
      during.forEach((request, index) => {
        apply(request);
        if (index === interleave) apply(remove('/big3'));
        if (index % 5 === interleave % 5) snapshot.next();
      });
      while (snapshot.next());
      snapshot.finishSync();
      expect(client.sessionId).to.have.length(16);
      expect(visible(recover(options(disk)))).to.deep.equal(visible(core));
    }), { numRuns: 60 });
  });

  it('cut short or damaged is passed over for the one before', () => {
    const disk = new MemoryDisk();
    const { core } = busyServer(disk);
    const wanted = visible(core);
    const bytes = Buffer.concat([...encodeSnapshot(core)]);
    const name = `${directory}/snapshot.${core.tree.lastZxid.toString(16)}`;
    for (let cut = 0; cut < bytes.length; cut += 7) {
      disk.files.set(name, bytes.subarray(0, cut));
      expect(visible(recover(options(disk))), `cut at ${cut}`).to.deep.equal(wanted);
    }
    for (let at = 0; at < bytes.length; at += 11) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x55;
      disk.files.set(name, damaged);
      const state = recover(options(disk));
      if (at < 8 || at > 16) expect(visible(state), `damaged at ${at}`).to.deep.equal(wanted);
    }
  });

  it('that alone is there and damaged stops the start', () => {
    const disk = new MemoryDisk();
    busyServer(disk);
    disk.files.set(`${directory}/snapshot.0`, Buffer.alloc(100));
    expect(() => recover(options(disk))).to.throw(StorageError, /no snapshot in .* is whole/);
  });
});

describe('purge', () => {
  it('keeps the newest snapshots and every log that the oldest kept one needs', () => {
    const disk = new MemoryDisk();
    const whole = Buffer.from('0000000000000000000000012f', 'hex');
    for (const zxid of ['0', 'a', '14', '1e', '28']) disk.files.set(`${directory}/snapshot.${zxid}`, whole);
    for (const zxid of ['1', 'b', '12', '1a', '29']) disk.files.set(`${directory}/log.${zxid}`, Buffer.alloc(0));
    disk.files.set(`${directory}/other.txt`, Buffer.alloc(0));
    expect(purge({ disk, snapshotDirectory: directory, logDirectory: directory }, 3)).to.deep.equal(['snapshot.0', 'snapshot.a', 'log.1', 'log.b'].map((name) => `${directory}/${name}`));
    expect(disk.listSync(directory)).to.deep.equal(['log.12', 'log.1a', 'log.29', 'other.txt', 'snapshot.14', 'snapshot.1e', 'snapshot.28']);
  });
});
