import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { LogManager } from '../../../src/log/log-manager.ts';
import type { PartitionLog, ReadLimit } from '../../../src/log/partition-log.ts';
import { lastOffset, nextOffset, readBatches } from '../../../src/record/batch.ts';
import { initialiseCodecs } from '../../../src/record/initialise-codecs.ts';
import { readRecords } from '../../../src/record/read.ts';
import type { DecodedRecord } from '../../../src/record/read.ts';
import { extractGoldenLogs, goldenLog, goldenLogs } from '../../golden/logs.ts';
import { contentOf, openManager, removeTemporaryFolders, temporaryFolder } from '../../unit/log/support.ts';

interface ConsumerView {
  readonly beginningOffset: number;
  readonly endOffset: number;
  readonly records: readonly { readonly offset: number; readonly timestamp: number; readonly leaderEpoch?: number }[];
}
interface Consumer {
  readonly readUncommitted: ConsumerView;
  readonly readCommitted?: ConsumerView;
  readonly offsetsForTimes?: Readonly<Record<string, [number, number] | null>>;
}

/** All records from the log's start on, read in pieces of `bytesMax`. */
function readAll(log: PartitionLog, upTo: ReadLimit, bytesMax: number): DecodedRecord[] {
  const records: DecodedRecord[] = [];
  let offset = log.logStartOffset;
  for (;;) {
    const { records: slice } = log.read(offset, bytesMax, upTo, true);
    if (slice.length === 0) return records;
    const bytes = Buffer.alloc(slice.length);
    slice.file.readSync(bytes, 0, slice.length, slice.position);
    for (const record of readRecords(bytes)) if (record.offset >= offset) records.push(record);
    for (const start of readBatches(bytes)) offset = nextOffset(bytes, start);
  }
}

const partitionOf = (log: PartitionLog): string => `${log.topic}-${log.partition}`;

/** Names that only say when, or in which order of a hash map, they were written. */
const isComparable = (name: string): boolean => !/(checkpoint|\.lock|\.json|dump.*\.txt|cleanshutdown)$/.test(name) || name.endsWith('leader-epoch-checkpoint');

/**
 * A real broker changes these too when it starts: an epoch that wrote nothing is dropped, and so are snapshots below the
 * log's start and those between segments, but the newest.
 */
const isDroppedAtStart = (name: string): boolean =>
  /^(__consumer_offsets-1|epochs2-0)\/leader-epoch-checkpoint$/.test(name) || /^(epochs2-0\/0{18}(03|09)|delete-records-0\/0{18}07)\.snapshot$/.test(name);

const trees = ['kafka-3.9.1/clean', 'kafka-2.4.1/clean', 'kafka-3.9.1/compacted', 'kafka-3.9.1/epochs/broker-2'];

describe('log directory of a real broker', function () {
  before(() => initialiseCodecs());
  after(removeTemporaryFolders);

  for (const tree of trees) {
    describe(tree, () => {
      let folder: string;
      let manager: LogManager;
      before(async () => {
        folder = temporaryFolder();
        extractGoldenLogs(tree, folder);
        fs.writeFileSync(path.join(folder, '.kafka_cleanshutdown'), ''); // the cleaned and two-broker trees are copies without it
        manager = await openManager([folder], { broker: { 'log.index.size.max.bytes': '4096' }, topic: { 'retention.ms': '-1' } });
      });

      const consumerOf = (log: PartitionLog): Consumer | undefined => {
        const file = goldenLogs().get(`${tree.replace('/broker-2', '')}/${partitionOf(log)}/consumer.json`);
        return file === undefined ? undefined : (JSON.parse(file.toString()) as Consumer);
      };

      it('opens, and every log gives what a consumer got', () => {
        let compared = 0;
        for (const log of manager.logs()) {
          log.setHighWatermark(log.logEndOffset);
          const consumer = consumerOf(log);
          if (consumer === undefined) continue;
          expect([log.logStartOffset, log.logEndOffset], partitionOf(log)).to.deep.equal([consumer.readUncommitted.beginningOffset, consumer.readUncommitted.endOffset]);
          for (const bytesMax of [1, 700, 1_000_000]) {
            const offsets = readAll(log, 'high-watermark', bytesMax).map(({ offset, timestamp }) => [offset, timestamp]);
            const wanted = consumer.readUncommitted.records.map(({ offset, timestamp }) => [offset, timestamp]);
            expect(offsets.filter(([offset]) => wanted.some(([one]) => one === offset)), partitionOf(log)).to.deep.equal(wanted);
          }
          compared++;
        }
        expect(compared).to.be.greaterThan(0);
      });

      it('ends read_committed reads where a real broker does', () => {
        for (const log of manager.logs()) {
          const committed = consumerOf(log)?.readCommitted;
          if (committed !== undefined) expect(log.lastStableOffset, partitionOf(log)).to.equal(committed.endOffset);
        }
      });

      it('finds offsets by time as ListOffsets answered', () => {
        for (const log of manager.logs()) {
          for (const [time, answer] of Object.entries(consumerOf(log)?.offsetsForTimes ?? {})) {
            const found = log.offsetForTimestamp(Number(time));
            expect(found === undefined ? null : [found.offset, found.timestamp], `${partitionOf(log)} at ${time}`).to.deep.equal(answer);
          }
        }
      });

      it('finds the batch of every offset', () => {
        for (const log of manager.logs()) {
          for (let offset = log.logStartOffset; offset < log.logEndOffset; offset++) {
            const { records } = log.read(offset, 1, 'log-end', true);
            if (records.length === 0) continue;
            const bytes = Buffer.alloc(records.length);
            records.file.readSync(bytes, 0, records.length, records.position);
            expect(lastOffset(bytes, 0), partitionOf(log)).to.be.at.least(offset);
            const [, second] = readBatches(bytes);
            expect(second, `${partitionOf(log)}: one batch is enough`).to.equal(undefined);
          }
        }
      });

      it('is left as it was, to the byte, by a clean stop', async () => {
        await manager.close();
        const left = contentOf(folder);
        expect(left.get('.kafka_cleanshutdown')?.toString()).to.equal('{"version":0,"brokerEpoch":-1}');
        const wanted = [...goldenLogs()].filter(([name]) => name.startsWith(`${tree}/`)).map(([name, bytes]) => [name.slice(tree.length + 1), bytes] as const);
        for (const [name, bytes] of wanted) {
          if (isComparable(name) && !isDroppedAtStart(name)) expect(left.get(name)?.toString('hex'), name).to.equal(bytes.toString('hex'));
        }
        const names = new Set(wanted.map(([name]) => name));
        expect([...left.keys()].filter((name) => isComparable(name) && !names.has(name))).to.deep.equal([]);
      });
    });
  }

  it('has its checkpoints written again with the same offsets', async () => {
    const folder = temporaryFolder();
    extractGoldenLogs('kafka-3.9.1/clean', folder);
    const manager = await openManager([folder]);
    await manager.close();
    for (const name of ['recovery-point-offset-checkpoint', 'replication-offset-checkpoint', 'log-start-offset-checkpoint']) {
      const sorted = (text: string): string[] => text.split('\n').sort();
      expect(sorted(fs.readFileSync(path.join(folder, name), 'utf8')), name).to.deep.equal(sorted(goldenLog(`kafka-3.9.1/clean/${name}`).toString()));
    }
  });
});

/** Files made large in advance are compared without their zeros at the end. */
function trimmed(name: string, bytes: Buffer): string {
  if (!/\.(time)?index(\.deleted)?$/.test(name)) return bytes.toString('hex');
  const entryBytes = name.includes('timeindex') ? 12 : 8;
  let end = bytes.length - (bytes.length % entryBytes);
  while (end > 0 && bytes.subarray(end - entryBytes, end).every((byte) => byte === 0)) end -= entryBytes;
  return bytes.toString('hex', 0, end);
}

describe('log directory of a real broker that was killed', () => {
  const before = 'kafka-3.9.1/crash/before';
  const after = 'kafka-3.9.1/crash/after';
  let folder: string;
  let manager: LogManager;

  beforeEach(async () => {
    await initialiseCodecs();
    folder = temporaryFolder();
    extractGoldenLogs(before, folder);
    manager = await openManager([folder], { broker: { 'log.index.size.max.bytes': '4096' }, topic: (topic) => ({ 'retention.ms': '-1', ...(topic === 'torn-txn' ? {} : { 'index.interval.bytes': '120' }) }) });
  });
  afterEach(async () => {
    await manager.close();
    removeTemporaryFolders();
  });

  it('is cut and rebuilt exactly as the real broker did', () => {
    const left = contentOf(folder);
    let compared = 0;
    for (const [name, bytes] of goldenLogs()) {
      const file = name.slice(after.length + 1);
      if (!name.startsWith(`${after}/torn`) || name.endsWith('.json')) continue;
      expect(left.has(file), file).to.equal(true);
      expect(trimmed(file, left.get(file)!), file).to.equal(trimmed(file, bytes));
      compared++;
    }
    expect(compared).to.be.greaterThan(50);
    const wanted = new Set([...goldenLogs().keys()].filter((name) => name.startsWith(`${after}/`)).map((name) => name.slice(after.length + 1)));
    expect([...left.keys()].filter((name) => name.startsWith('torn') && !name.endsWith('.json') && !wanted.has(name))).to.deep.equal([]);
  });

  it('gives consumers what they got from the real broker afterwards', () => {
    for (const log of manager.logs()) {
      const consumer = JSON.parse(goldenLog(`${after}/${partitionOf(log)}/consumer.json`).toString()) as Consumer;
      log.setHighWatermark(log.logEndOffset);
      expect(log.logEndOffset, partitionOf(log)).to.equal(consumer.readUncommitted.endOffset);
      const offsets = readAll(log, 'high-watermark', 1000).map(({ offset }) => offset);
      for (const { offset } of consumer.readUncommitted.records) expect(offsets).to.include(offset);
    }
  });
});
