import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { LogManager } from '../../../src/log/log-manager.ts';
import { readOffsetCheckpoint } from '../../../src/log/offset-checkpoint.ts';
import * as batch from '../../../src/record/batch.ts';
import { initialiseCodecs } from '../../../src/record/initialise-codecs.ts';
import { readRecords } from '../../../src/record/read.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { goldenLogs } from '../../golden/logs.ts';
import { openManager, producerBatch, removeTemporaryFolders, temporaryFolder, TestClock } from '../../unit/log/support.ts';

const broker = { 'log.index.size.max.bytes': '4096', 'log.cleaner.backoff.ms': '6723', 'producer.id.expiration.ms': '2147483647' };
const dense = { 'cleanup.policy': 'compact', 'segment.bytes': '700', 'index.interval.bytes': '120', 'min.cleanable.dirty.ratio': '0.01', 'retention.ms': '-1' };
const kept = { ...dense, 'delete.retention.ms': '86400000000' };

function filesOf(folder: string): ReadonlyMap<string, Buffer> {
  return new Map([...goldenLogs()].filter(([name]) => path.posix.dirname(name) === folder).map(([name, bytes]) => [path.posix.basename(name), bytes]));
}

/** A log directory with one partition as a real broker left it after a clean stop. */
function directoryWith(golden: string): string {
  const folder = temporaryFolder();
  const partition = path.join(folder, path.posix.basename(golden));
  fs.mkdirSync(partition);
  for (const [name, bytes] of filesOf(golden)) if (!name.endsWith('.json')) fs.writeFileSync(path.join(partition, name), bytes);
  fs.writeFileSync(path.join(folder, '.kafka_cleanshutdown'), '');
  return folder;
}

async function untilCleaned(folder: string, name: string, offset: number): Promise<void> {
  const checkpoint = path.join(folder, 'cleaner-offset-checkpoint');
  while (readOffsetCheckpoint(nodeDisk, checkpoint).get(name) !== offset) await new Promise((resolve) => setImmediate(resolve));
}

/** Everything but `.deleted` files and snapshots of the log's end. */
function expectSame(golden: ReadonlyMap<string, Buffer>, partition: string, isWanted = (name: string): boolean => /\.(log|index|timeindex|txnindex)$/.test(name)): void {
  const ours = fs.readdirSync(partition).filter(isWanted).toSorted();
  expect(ours).to.deep.equal([...golden.keys()].filter(isWanted).toSorted());
  for (const name of ours) expect(fs.readFileSync(path.join(partition, name)).toString('hex'), name).to.equal(golden.get(name)!.toString('hex'));
}

describe('compaction of logs that a real broker compacted too', () => {
  let manager: LogManager;
  before(() => initialiseCodecs());
  afterEach(async () => {
    await manager.close();
    removeTemporaryFolders();
  });

  async function clean(topic: string, nowMs: number, until: number, properties: Readonly<Record<string, string>>): Promise<{ folder: string; partition: string; clock: TestClock }> {
    const folder = directoryWith(`kafka-3.9.1/clean/${topic}-0`);
    const clock = new TestClock(nowMs);
    manager = await openManager([folder], { clock, broker, topic: properties });
    manager.logOf(topic, 0)!.setHighWatermark(Infinity);
    clock.pass(0);
    await untilCleaned(folder, `${topic}-0`, until);
    return { folder, partition: path.join(folder, `${topic}-0`), clock };
  }

  it('gives the same bytes, with tombstones that get their delete horizon', async () => {
    const { partition } = await clean('compact-keep-tombstones', 1_795_230_063_424, 45, kept);
    expectSame(filesOf('kafka-3.9.1/compacted/compact-keep-tombstones-0'), partition);
  });

  it('gives the same bytes of a log with aborted and committed transactions', async () => {
    const { partition } = await clean('compact-txn', 1_795_230_063_467, 65, kept);
    expectSame(filesOf('kafka-3.9.1/compacted/compact-txn-0'), partition);
  });

  it('gives the same records of a log of gzip batches', async () => {
    const { partition } = await clean('compact-gzip', 1_795_230_063_312, 45, kept);
    const golden = filesOf('kafka-3.9.1/compacted/compact-gzip-0');
    for (const name of fs.readdirSync(partition).filter((file) => file.endsWith('.log'))) {
      const [ours, theirs] = [fs.readFileSync(path.join(partition, name)), golden.get(name)!];
      expect([...readRecords(ours)], name).to.deep.equal([...readRecords(theirs)]);
      const headers = (bytes: Buffer): string[] => [...batch.readBatches(bytes)].map((start) => bytes.toString('hex', start + 21, start + 61));
      expect(headers(ours), name).to.deep.equal(headers(theirs));
    }
  });

  it('gives the same bytes after a second pass, which drops tombstones past their horizon and groups what is left', async () => {
    const topic = 'compact-drop-tombstones';
    const { folder, partition, clock } = await clean(topic, 1_795_230_063_400, 45, { ...dense, 'delete.retention.ms': '0' });
    clock.pass(0);
    const log = manager.logOf(topic, 0)!;
    for (let index = 0; index < 6; index++) {
      const golden = filesOf(`kafka-3.9.1/compacted/${topic}-0`).get(index < 3 ? '00000000000000000060.log' : '00000000000000000063.log')!;
      const [start] = [...batch.readBatches(golden)].slice(index % 3);
      log.appendAsFollower(Buffer.from(golden.subarray(start!, start! + batch.batchSizeBytes(golden, start!))));
      log.writeStaged();
    }
    log.setHighWatermark(Infinity);
    clock.pass(6723);
    await untilCleaned(folder, `${topic}-0`, 63);
    await manager.close();
    expectSame(filesOf(`kafka-3.9.1/compacted/${topic}-0`), partition);
  });

  it('gives the same records of a log of compressed messages v1', async () => {
    const golden = 'kafka-2.4.1/clean/m1-compact-gzip-0';
    const folder = directoryWith(golden);
    const clock = new TestClock();
    manager = await openManager([folder], { clock, broker, topic: { ...kept, 'segment.bytes': '500' } });
    const log = manager.logOf('m1-compact-gzip', 0)!;
    log.setHighWatermark(Infinity);
    clock.pass(0);
    await untilCleaned(folder, 'm1-compact-gzip-0', 40);
    const expected = filesOf('kafka-2.4.1/compacted/m1-compact-gzip-0');
    const records = (read: (name: string) => Buffer): unknown[] => [...expected.keys()].filter((name) => name.endsWith('.log')).map((name) => [name, [...readRecords(read(name))]]);
    expect(records((name) => fs.readFileSync(path.join(folder, 'm1-compact-gzip-0', name)))).to.deep.equal(records((name) => expected.get(name)!));
  });

  it('does not end a partition that has nothing to clean', async () => {
    const folder = temporaryFolder();
    const clock = new TestClock();
    manager = await openManager([folder], { clock, broker, topic: dense });
    const log = manager.getOrCreate('empty', 0, { isNew: true });
    log.appendAsLeader(producerBatch(1, { key: 'a' }), 0, { origin: 'client' });
    log.writeStaged();
    clock.pass(5000);
    expect(fs.existsSync(path.join(folder, 'cleaner-offset-checkpoint'))).to.equal(false);
  });
});
