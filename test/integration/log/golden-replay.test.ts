import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { PartitionLog } from '../../../src/log/partition-log.ts';
import * as batch from '../../../src/record/batch.ts';
import { initialiseCodecs } from '../../../src/record/initialise-codecs.ts';
import { goldenLogs, goldenPartitions } from '../../golden/logs.ts';
import { openManager, removeTemporaryFolders, temporaryFolder } from '../../unit/log/support.ts';

interface Replayed {
  /** Base offset and bytes, ascending. */
  readonly segments: readonly { readonly baseOffset: number; readonly bytes: Buffer }[];
  readonly files: ReadonlyMap<string, Buffer>;
}

function filesOf(directory: string): ReadonlyMap<string, Buffer> {
  return new Map([...goldenLogs()].filter(([name]) => path.posix.dirname(name) === directory).map(([name, bytes]) => [path.posix.basename(name), bytes]));
}

function goldenSegments(directory: string): Replayed {
  const files = filesOf(directory);
  const segments = [...files].filter(([name]) => name.endsWith('.log')).map(([name, bytes]) => ({ baseOffset: Number(name.slice(0, 20)), bytes: Buffer.from(bytes) }));
  return { segments: segments.sort((one, other) => one.baseOffset - other.baseOffset), files };
}

/** Topics that were made with a small index.interval.bytes, to judge by their indexes. */
const isDense = (directory: string): boolean => /\/(segments|segments-gaps|txn-segments|torn-(?!txn)\w+|compact-[a-z-]+)-0$/.test(directory);

async function replay(directory: string, append: (log: PartitionLog, records: Buffer) => void): Promise<{ golden: Replayed; ours: string }> {
  const golden = goldenSegments(directory);
  const folder = temporaryFolder();
  const [topic, partition] = [path.posix.basename(directory).replace(/-\d+$/, ''), Number(/\d+$/.exec(directory)![0])];
  const manager = await openManager([folder], { broker: { 'log.index.size.max.bytes': '4096' }, topic: isDense(directory) ? { 'index.interval.bytes': '120' } : {} });
  const log = manager.getOrCreate(topic, partition, { isNew: true });
  for (const [index, { baseOffset, bytes }] of golden.segments.entries()) {
    if (index === 0) log.truncateFullyAndStartAt(baseOffset);
    else if (log.writtenEndOffset === baseOffset) log.roll();
    for (const start of batch.readBatches(bytes)) append(log, bytes.subarray(start, start + batch.batchSizeBytes(bytes, start)));
    log.writeStaged();
  }
  await manager.close();
  return { golden, ours: path.join(folder, path.posix.basename(directory)) };
}

function expectSameFiles(directory: string, golden: Replayed, ours: string, isWanted: (name: string) => boolean): void {
  for (const [name, bytes] of golden.files) {
    if (isWanted(name)) expect(fs.readFileSync(path.join(ours, name)).toString('hex'), `${directory}/${name}`).to.equal(bytes.toString('hex'));
  }
}

describe('log files written from the batches of a real broker', () => {
  before(() => initialiseCodecs());
  afterEach(removeTemporaryFolders);

  const clean = goldenPartitions().filter((directory) => directory.startsWith('kafka-3.9.1/clean/') && goldenSegments(directory).segments.some(({ bytes }) => bytes.length > 0));

  it('are equal to the byte, replicated batch by batch', async () => {
    expect(clean.length).to.be.greaterThan(40);
    for (const directory of clean) {
      const { golden, ours } = await replay(directory, (log, records) => log.appendAsFollower(records));
      expectSameFiles(directory, golden, ours, (name) => /\.(log|index|timeindex|txnindex)$/.test(name));
    }
  });

  it('have equal snapshots, where the broker was not restarted between', async () => {
    for (const name of ['segments-0', 'segments-gaps-0', 'txn-segments-0', 'txn-0', 'txn-open-0', 'idempotent-0', 'v2-java-none-0', 'torn-txn-0']) {
      const directory = `kafka-3.9.1/clean/${name}`;
      const { golden, ours } = await replay(directory, (log, records) => log.appendAsFollower(records));
      expectSameFiles(directory, golden, ours, (file) => file.endsWith('.snapshot') || file === 'leader-epoch-checkpoint');
    }
  });

  it('are equal to the byte, produced to a leader', async () => {
    for (const name of ['v2-java-none-0', 'v2-java-gzip-0', 'v2-java-snappy-0', 'v2-java-lz4-0', 'v2-java-zstd-0', 'v2-kcat-none-0', 'segments-0', 'segments-gaps-0']) {
      const directory = `kafka-3.9.1/clean/${name}`;
      const { golden, ours } = await replay(directory, (log, records) => {
        const epoch = batch.leaderEpoch(records, 0);
        batch.setBaseOffset(records, 0, 0);
        batch.setLeaderEpoch(records, 0, -1);
        log.appendAsLeader(records, epoch, { origin: 'client' });
      });
      expectSameFiles(directory, golden, ours, (file) => /\.(log|index|timeindex|snapshot)$/.test(file) || file === 'leader-epoch-checkpoint');
    }
  });
});
