import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { LogError, LogFailure } from '../../../src/log/errors.ts';
import type { LogManager } from '../../../src/log/log-manager.ts';
import type { LogRead, PartitionLog } from '../../../src/log/partition-log.ts';
import { batchSizeBytes, nextOffset, readBatches } from '../../../src/record/batch.ts';
import { buildEndTransactionMarker } from '../../../src/record/control.ts';
import { readRecords } from '../../../src/record/read.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { contentOf, openManager, producerBatch, removeTemporaryFolders, temporaryFolder, TestClock } from '../../unit/log/support.ts';
import type { TestManagerOptions } from '../../unit/log/support.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const client = { origin: 'client' } as const;

function bytesOf({ records }: LogRead): Buffer {
  const bytes = Buffer.alloc(records.length);
  if (records.length > 0) records.file.readSync(bytes, 0, records.length, records.position);
  return bytes;
}

const offsetsOf = (read: LogRead): number[] => [...readRecords(bytesOf(read))].map(({ offset }) => offset);

function kafkaErrorOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    return error.kafkaError;
  }
}

describe('log of a partition', () => {
  let folder: string;
  let clock: TestClock;
  let manager: LogManager;
  let log: PartitionLog;

  const open = async (options: TestManagerOptions = {}): Promise<void> => {
    manager = await openManager([folder], { clock, ...options });
    log = manager.getOrCreate('topic', 0, { isNew: true });
  };
  const append = (count: number, options: Parameters<typeof producerBatch>[1] = {}, epoch = 0): void => {
    log.appendAsLeader(producerBatch(count, options), epoch, client);
    log.writeStaged();
  };

  beforeEach(() => {
    folder = temporaryFolder();
    clock = new TestClock();
  });
  afterEach(async () => {
    await manager.close();
    removeTemporaryFolders();
  });

  it('shows records only once they are written', async () => {
    await open();
    const result = log.appendAsLeader(producerBatch(3), 0, client);
    expect(result).to.deep.include({ firstOffset: 0, lastOffset: 2, isDuplicate: false, logAppendTimeMs: -1, recordCount: 3 });
    expect([log.logEndOffset, log.writtenEndOffset]).to.deep.equal([3, 0]);
    expect(log.read(0, 1000, 'log-end', true).records.length).to.equal(0);
    expect(log.setHighWatermark(3)).to.equal(0);
    log.writeStaged();
    expect(log.stagedBytes).to.equal(0);
    expect(offsetsOf(log.read(0, 1000, 'log-end', true))).to.deep.equal([0, 1, 2]);
    expect(log.read(0, 1000, 'high-watermark', true).records.length).to.equal(0);
    expect(log.setHighWatermark(99)).to.equal(3);
    expect(offsetsOf(log.read(1, 1000, 'high-watermark', true))).to.deep.equal([0, 1, 2]);
  });

  it('writes what several producers staged in one piece', async () => {
    await open();
    for (const count of [2, 1, 3]) log.appendAsLeader(producerBatch(count), 4, client);
    log.writeStaged();
    expect(offsetsOf(log.read(0, 1e6, 'log-end', true))).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(log.endOffsetForEpoch(4)).to.deep.equal({ epoch: 4, endOffset: 6 });
  });

  it('refuses times too far from now by message.timestamp.difference.max.ms, unless before or after say otherwise', async () => {
    const limits = { 'message.timestamp.difference.max.ms': '1000' };
    await open({ topic: { ...limits, 'message.timestamp.after.max.ms': '5000' } });
    const refused = (timestamp: number): string | undefined => kafkaErrorOf(() => append(1, { timestamp }));
    const nowMs = clock.nowMs();
    expect([nowMs - 1001, nowMs - 1000, nowMs + 5000, nowMs + 5001, -1].map(refused)).to.deep.equal(['INVALID_TIMESTAMP', undefined, undefined, 'INVALID_TIMESTAMP', undefined]);
  });

  it('reads at most bytesMax, but the first batch whole when asked for at least one', async () => {
    await open();
    for (let index = 0; index < 4; index++) append(2);
    const [, second] = readBatches(bytesOf(log.read(0, 1e6, 'log-end', true)));
    const size = second!;
    expect(log.read(0, 1, 'log-end', true).records.length).to.equal(size);
    const cut = log.read(0, 1, 'log-end', false);
    expect([cut.records.length, cut.isFirstBatchCut]).to.deep.equal([1, true]);
    const two = log.read(2, size + 5, 'log-end', true);
    expect([two.records.position, two.records.length, two.isFirstBatchCut]).to.deep.equal([size, size + 5, false]);
  });

  it('gives the place where the next read goes on', async () => {
    await open({ topic: { 'segment.bytes': '400' } });
    for (let index = 0; index < 12; index++) append(2);
    let offset = 0;
    let hint: LogRead['next'];
    const seen: number[] = [];
    while (offset < 24) {
      const read = log.read(offset, 1e6, 'log-end', true, hint);
      const bytes = bytesOf(read);
      seen.push(...offsetsOf(read));
      for (const start of readBatches(bytes)) offset = nextOffset(bytes, start);
      hint = read.next;
      expect(hint?.offset).to.equal(offset);
    }
    expect(seen).to.deep.equal(Array.from({ length: 24 }, (_, index) => index));
    append(1);
    expect(offsetsOf(log.read(24, 1e6, 'log-end', true, hint))).to.deep.equal([24]);
  });

  it('does not trust a place from before a cut', async () => {
    await open();
    for (let index = 0; index < 4; index++) append(2, { valueBytes: 50 });
    log.setHighWatermark(8);
    const { next } = log.read(6, 1e6, 'log-end', true);
    log.truncateTo(4);
    append(4, { valueBytes: 7 });
    append(2, { valueBytes: 9 });
    expect(offsetsOf(log.read(8, 1e6, 'log-end', true, next))).to.deep.equal([8, 9]);
  });

  it('refuses offsets outside of it', async () => {
    await open();
    append(5);
    expect(kafkaErrorOf(() => log.read(6, 10, 'log-end', true))).to.equal('OFFSET_OUT_OF_RANGE');
    log.setHighWatermark(5);
    log.incrementLogStartOffset(3);
    expect(kafkaErrorOf(() => log.read(2, 10, 'log-end', true))).to.equal('OFFSET_OUT_OF_RANGE');
    expect(kafkaErrorOf(() => log.incrementLogStartOffset(6))).to.equal('OFFSET_OUT_OF_RANGE');
    expect(offsetsOf(log.read(3, 10, 'log-end', true))).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('counts the bytes that a reader could have', async () => {
    await open({ topic: { 'segment.bytes': '400' } });
    for (let index = 0; index < 6; index++) append(2);
    log.setHighWatermark(8);
    const whole = bytesOf(log.read(4, 1e6, 'log-end', true));
    expect(log.readableBytes(0, 'log-end')).to.equal(log.sizeBytes);
    expect(log.readableBytes(4, 'high-watermark')).to.equal(4 / 2 * batchSizeBytes(whole, 0));
    expect(log.readableBytes(8, 'high-watermark')).to.equal(0);
  });

  describe('rolls', () => {
    const bases = (): number[] => fs.readdirSync(log.directory).filter((name) => name.endsWith('.log')).map((name) => Number(name.slice(0, 20)));

    it('before a batch that would exceed segment.bytes', async () => {
      await open({ topic: { 'segment.bytes': '300' } });
      const size = producerBatch(2).length;
      for (let index = 0; index < 5; index++) append(2);
      expect(Math.floor(300 / size)).to.equal(2);
      expect(bases()).to.deep.equal([0, 4, 8]);
    });

    it('when records are segment.ms younger than the first, by their own time', async () => {
      await open({ topic: { 'segment.ms': '1000' } });
      append(1, { timestamp: 5000 });
      append(1, { timestamp: 6000 });
      append(1, { timestamp: 6001 });
      expect(bases()).to.deep.equal([0, 2]);
    });

    it('by the clock when records have no time', async () => {
      await open({ topic: { 'segment.ms': '1000' } });
      append(1, { timestamp: -1 });
      clock.pass(1001);
      append(1, { timestamp: -1 });
      expect(bases()).to.deep.equal([0, 1]);
    });

    it('when an index is full', async () => {
      await open({ topic: { 'segment.index.bytes': '36', 'index.interval.bytes': '0' } });
      for (let index = 0; index < 6; index++) append(1, { timestamp: 1000 + index });
      expect(bases()).to.deep.equal([0, 3]); // 3 slots for times, the last one kept: two entries, and the batch that had none
    });

    it('when an offset is 2^31 above the base', async () => {
      await open();
      log.truncateFullyAndStartAt(10);
      append(1);
      log.appendAsFollower(producerBatch(1, { baseOffset: 10 + 0x7fff_ffff, leaderEpoch: 0 }));
      log.writeStaged();
      expect(bases()).to.deep.equal([10]);
      log.appendAsFollower(producerBatch(1, { baseOffset: 11 + 0x7fff_ffff, leaderEpoch: 0 }));
      log.writeStaged();
      expect(bases()).to.deep.equal([10, 11 + 0x7fff_ffff]);
      expect(offsetsOf(log.read(11, 1e6, 'log-end', true))).to.deep.equal([10 + 0x7fff_ffff]);
    });

    it('leaving an offset gap to the new base', async () => {
      await open({ topic: { 'segment.bytes': '150' } });
      append(2);
      log.appendAsFollower(producerBatch(2, { baseOffset: 100, leaderEpoch: 0 }));
      log.writeStaged();
      expect(bases()).to.deep.equal([0, 100]);
      expect([50, 100].flatMap((offset) => offsetsOf(log.read(offset, 1e6, 'log-end', true)))).to.deep.equal([100, 101, 100, 101]);
    });
  });

  it('refuses what Kafka refuses', async () => {
    await open({ topic: { 'max.message.bytes': '500', 'segment.bytes': '400' } });
    const damaged = producerBatch(1);
    damaged[damaged.length - 1]! ^= 1;
    expect(kafkaErrorOf(() => log.appendAsLeader(damaged, 0, client))).to.equal('CORRUPT_MESSAGE');
    expect(kafkaErrorOf(() => log.appendAsLeader(producerBatch(1, { valueBytes: 600 }), 0, client))).to.equal('MESSAGE_TOO_LARGE');
    expect(kafkaErrorOf(() => log.appendAsLeader(producerBatch(1, { valueBytes: 360 }), 0, client))).to.equal('RECORD_LIST_TOO_LARGE');
    expect(kafkaErrorOf(() => log.appendAsLeader(producerBatch(1, { baseOffset: 4 }), 0, client))).to.equal('INVALID_RECORD');
    expect(kafkaErrorOf(() => log.appendAsFollower(damaged))).to.equal('CORRUPT_MESSAGE');
    append(3);
    expect(kafkaErrorOf(() => log.appendAsFollower(producerBatch(1, { baseOffset: 2, leaderEpoch: 0 })))).to.equal('OFFSET_OUT_OF_RANGE');
    expect(log.logEndOffset).to.equal(3);
  });

  it('takes replicated batches, and leaves out one that is cut short', async () => {
    await open();
    const first = producerBatch(2, { baseOffset: 0, leaderEpoch: 1 });
    const second = producerBatch(3, { baseOffset: 2, leaderEpoch: 4 });
    const result = log.appendAsFollower(Buffer.concat([first, second, second.subarray(0, 40)]));
    log.writeStaged();
    expect([result.firstOffset, result.lastOffset, log.logEndOffset, log.latestEpoch]).to.deep.equal([0, 4, 5, 4]);
    expect(log.endOffsetForEpoch(1)).to.deep.equal({ epoch: 1, endOffset: 2 });
    expect(log.appendAsFollower(second.subarray(0, 40)).firstOffset).to.equal(-1);
  });

  it('answers a batch sent again with its first offsets, and appends nothing', async () => {
    await open();
    const idempotent = { producerId: 9, producerEpoch: 0, baseSequence: 0 };
    append(2, idempotent);
    append(2, { ...idempotent, baseSequence: 2 });
    const again = log.appendAsLeader(producerBatch(2, idempotent), 0, client);
    expect(again).to.deep.include({ isDuplicate: true, firstOffset: 0, lastOffset: 1, sizeBytes: 0 });
    expect([log.logEndOffset, log.stagedBytes]).to.deep.equal([4, 0]);
    expect(kafkaErrorOf(() => log.appendAsLeader(producerBatch(1, { ...idempotent, baseSequence: 9 }), 0, client))).to.equal('OUT_OF_ORDER_SEQUENCE_NUMBER');
  });

  it('holds read_committed readers back at an open transaction, and names aborted ones', async () => {
    await open();
    const transactional = { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true };
    append(1);
    expect(kafkaErrorOf(() => log.appendAsLeader(producerBatch(2, transactional), 0, client))).to.equal('INVALID_TXN_STATE');
    const verification = log.beginVerification(9, 0, 0);
    log.appendAsLeader(producerBatch(2, transactional), 0, { ...client, verification });
    expect(log.beginVerification(9, 2, 0)).to.equal(undefined);
    log.writeStaged();
    log.setHighWatermark(3);
    expect(log.lastStableOffset).to.equal(1);
    log.appendAsLeader(buildEndTransactionMarker({ type: 'ABORT', producerId: 9, producerEpoch: 0, coordinatorEpoch: 0, timestampMs: 1 }), 0, { origin: 'coordinator' });
    log.writeStaged();
    expect(log.lastStableOffset).to.equal(1);
    log.setHighWatermark(4);
    expect(log.lastStableOffset).to.equal(4);
    expect(log.read(0, 1e6, 'last-stable', true).abortedTransactions).to.deep.equal([{ producerId: 9, firstOffset: 1 }]);
    expect(log.read(0, 1e6, 'high-watermark', true).abortedTransactions).to.equal(undefined);
  });

  it('shows a committed transaction to read_committed readers after a cut above it', async () => {
    await open();
    log.appendAsLeader(producerBatch(2, { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true }), 0, { ...client, verification: log.beginVerification(9, 0, 0) });
    log.appendAsLeader(buildEndTransactionMarker({ type: 'COMMIT', producerId: 9, producerEpoch: 0, coordinatorEpoch: 0, timestampMs: 1 }), 0, { origin: 'coordinator' });
    append(2);
    log.setHighWatermark(3);
    expect(log.lastStableOffset).to.equal(3);
    log.truncateTo(4);
    expect(log.lastStableOffset).to.equal(3);
  });

  it('finds records by time', async () => {
    await open({ topic: { 'segment.bytes': '300' } });
    for (const timestamp of [1000, 3000, 2000, 9000, 5000]) append(2, { timestamp });
    const at = (time: number): number | undefined => log.offsetForTimestamp(time)?.offset;
    expect([0, 1000, 1001, 1002, 3001, 3002, 9001, 9002].map(at)).to.deep.equal([0, 0, 1, 2, 3, 6, 7, undefined]);
    expect(log.offsetOfMaxTimestamp()).to.deep.equal({ offset: 7, timestamp: 9001, leaderEpoch: 0 });
  });

  it('deletes old segments and their snapshots after file.delete.delay.ms, and keeps what readers hold', async () => {
    await open({ topic: { 'segment.bytes': '300', 'retention.bytes': '400', 'retention.ms': '-1', 'file.delete.delay.ms': '1000' } });
    for (let index = 0; index < 8; index++) append(2);
    log.setHighWatermark(16);
    const held = log.read(0, 1e6, 'log-end', true);
    expect(log.deleteOldSegments()).to.equal(2);
    expect(log.logStartOffset).to.equal(8);
    expect([...contentOf(log.directory).keys()].filter((name) => name.endsWith('.deleted'))).to.have.lengthOf(7);
    clock.pass(1000);
    while (fs.readdirSync(log.directory).some((name) => name.endsWith('.deleted'))) await turn();
    expect(offsetsOf(held)).to.deep.equal([0, 1, 2, 3]);
    expect(kafkaErrorOf(() => log.read(0, 1, 'log-end', true))).to.equal('OFFSET_OUT_OF_RANGE');
  });

  it('keeps a new empty segment when all are too old', async () => {
    await open({ topic: { 'retention.ms': '1000' } });
    append(3, { timestamp: 1000 });
    log.setHighWatermark(3);
    expect(log.deleteOldSegments()).to.equal(1);
    expect([log.segmentCount, log.logStartOffset, log.logEndOffset, log.sizeBytes]).to.deep.equal([1, 3, 3, 0]);
    append(1);
    expect(offsetsOf(log.read(3, 100, 'log-end', true))).to.deep.equal([3]);
  });

  it('starts again elsewhere when truncated fully', async () => {
    await open();
    append(3, {}, 2);
    log.setHighWatermark(3);
    log.truncateFullyAndStartAt(100);
    expect([log.logStartOffset, log.logEndOffset, log.highWatermark, log.latestEpoch]).to.deep.equal([100, 100, 100, undefined]);
    append(1, {}, 3);
    expect(offsetsOf(log.read(100, 100, 'log-end', true))).to.deep.equal([100]);
  });

  it('moves the recovery point when flushed, and at once under flush.messages', async () => {
    await open({ topic: { 'flush.messages': '4' } });
    append(3);
    expect(log.recoveryPoint).to.equal(0);
    append(1);
    expect(log.recoveryPoint).to.equal(4);
    append(1);
    await log.flush();
    expect(log.recoveryPoint).to.equal(5);
  });

  it('reserves segment.bytes when asked to, and trims them', async () => {
    await open({ topic: { 'segment.bytes': '1000', preallocate: 'true' } });
    append(1);
    const file = path.join(log.directory, '00000000000000000000.log');
    expect(fs.statSync(file).size).to.equal(1000);
    log.roll();
    expect(fs.statSync(file).size).to.equal(producerBatch(1).length);
    await manager.close();
    expect(fs.statSync(path.join(log.directory, '00000000000000000001.log')).size).to.equal(0);
  });

  describe('that grows fast', () => {
    let file: string;
    const behindEnd = (): number => {
      const stat = nodeDisk.statSync(file)!;
      return stat.allocatedBytes - stat.sizeBytes;
    };

    beforeEach(async function () {
      await open({ topic: { 'max.message.bytes': '2000000', 'retention.ms': '-1' } });
      file = path.join(log.directory, '00000000000000000000.log');
      const probe = nodeDisk.openSync(path.join(folder, 'probe'), 'truncate');
      const hasBlocks = await probe.allocate(0, 1);
      probe.closeSync();
      if (!hasBlocks) this.skip(); // not Linux, or a file system that cannot allocate ahead: there is nothing to see
      for (let index = 0; index < 10; index++) append(1, { valueBytes: 1_000_000 });
      while (behindEnd() < 10_000_000) await turn();
    });

    it('is given blocks behind its end, and its size is what was written', () => {
      expect(fs.statSync(file).size).to.equal(log.sizeBytes);
      append(1);
      expect(offsetsOf(log.read(9, 2_000_000, 'log-end', true))).to.deep.equal([9, 10]);
    });

    it('gives them back when it is rolled', async () => {
      log.roll();
      while (behindEnd() > 100_000) await turn();
      expect(fs.statSync(file).size).to.equal(log.sizeBytes);
    });

    it('gives them back when it is closed', async () => {
      await manager.close();
      expect(behindEnd()).to.be.below(100_000);
    });

    it('gives them back after a kill, and is not younger for it', async () => {
      fs.utimesSync(file, 1_700_000_000, 1_700_000_000);
      (manager as unknown as { abandon(): void }).abandon();
      manager = await openManager([folder], { clock });
      expect(behindEnd()).to.be.below(100_000);
      expect(fs.statSync(file).mtimeMs).to.equal(1_700_000_000_000);
      expect(manager.logOf('topic', 0)!.logEndOffset).to.equal(10);
    });

    it('gives them back when it is idle', async () => {
      clock.pass(2 * 300_000); // log.retention.check.interval.ms, when what is idle is tidied
      while (behindEnd() > 100_000) await turn();
      append(1);
      expect(fs.statSync(file).size).to.equal(log.sizeBytes);
    });
  });

  it('keeps its topic id, and no other', async () => {
    await open();
    log.setTopicId('EkliGNjhRgmwlosESyd-MQ');
    expect(fs.readFileSync(path.join(log.directory, 'partition.metadata'), 'utf8')).to.equal('version: 0\ntopic_id: EkliGNjhRgmwlosESyd-MQ');
    expect(kafkaErrorOf(() => log.setTopicId('AAAAAAAAAAAAAAAAAAAAAA'))).to.equal('INCONSISTENT_TOPIC_ID');
  });

  it('agrees with a plain list, whatever is appended, rolled, cut, flushed and opened again', async function () {
    const command = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 5 }), valueBytes: fc.integer({ min: 0, max: 60 }), write: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('roll' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('start' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('close' as const, 'kill' as const, 'flush' as const, 'retain' as const) }) },
    );
    const topic = { 'segment.bytes': '500', 'index.interval.bytes': '100', 'segment.index.bytes': '120', 'retention.ms': '-1' };
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
        folder = temporaryFolder();
        await open({ topic });
        let model: { first: number; last: number }[] = []; // written batches
        let staged: { first: number; last: number }[] = [];
        let start = 0;
        let end = 0;
        for (const one of commands) {
          if (one.kind === 'append') {
            log.appendAsLeader(producerBatch(one.count, { valueBytes: one.valueBytes }), 0, client);
            staged.push({ first: end, last: end + one.count - 1 });
            end += one.count;
            if (one.write) log.writeStaged();
          } else if (one.kind === 'roll') {
            log.roll();
          } else if (one.kind === 'flush') {
            await log.flush();
          } else if (one.kind === 'retain') {
            log.writeStaged();
            log.setHighWatermark(end);
            log.deleteOldSegments();
          } else if (one.kind === 'cut') {
            const at = start + Math.floor((end - start) * one.at);
            log.truncateTo(at);
            model = [...model, ...staged].filter(({ last }) => last < at);
            staged = [];
            end = at;
          } else if (one.kind === 'start') {
            log.writeStaged();
            log.setHighWatermark(end);
            start = Math.max(start, start + Math.floor((end - start) * one.at));
            log.incrementLogStartOffset(start);
          } else {
            log.writeStaged();
            if (one.kind === 'close') await manager.close();
            else (manager as unknown as { abandon(): void }).abandon();
            await open({ topic });
            if (one.kind === 'kill') start = log.logStartOffset; // the start is checkpointed once a minute
            end = log.logEndOffset;
          }
          while (staged.length > 0 && staged[0]!.last < log.writtenEndOffset) model.push(staged.shift()!);
          expect([log.logStartOffset, log.logEndOffset]).to.deep.equal([start, Math.max(end, start)]);
          end = log.logEndOffset;
          for (let offset = start; offset < log.writtenEndOffset; offset++) {
            const wanted = model.find(({ last }) => last >= offset);
            const [first] = offsetsOf(log.read(offset, 1, 'log-end', true));
            expect(first).to.equal(wanted?.first);
          }
        }
        await manager.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe('log that was killed in an append', () => {
  afterEach(removeTemporaryFolders);

  it('keeps every batch written whole, wherever the last one is torn', async () => {
    const folder = temporaryFolder();
    const manager = await openManager([folder]);
    const log = manager.getOrCreate('topic', 0, { isNew: true });
    const ends: number[] = [];
    for (let index = 0; index < 3; index++) {
      log.appendAsLeader(producerBatch(2, { timestamp: 1000 * index }), 0, client);
      log.writeStaged();
      ends.push(log.sizeBytes);
    }
    const file = path.join(log.directory, '00000000000000000000.log');
    const whole = fs.readFileSync(file);
    (manager as unknown as { abandon(): void }).abandon();
    for (let length = 0; length <= whole.length; length++) {
      const copy = temporaryFolder();
      fs.cpSync(folder, copy, { recursive: true });
      fs.truncateSync(path.join(copy, 'topic-0', path.basename(file)), length);
      const again = await openManager([copy]);
      const found = again.logOf('topic', 0)!;
      const kept = ends.filter((end) => end <= length).length;
      expect([found.logEndOffset, found.sizeBytes]).to.deep.equal([kept * 2, ends[kept - 1] ?? 0]);
      found.appendAsLeader(producerBatch(1, { timestamp: 3000 }), 0, client);
      found.writeStaged();
      expect(offsetsOf(found.read(found.logStartOffset, 1e6, 'log-end', true)).at(-1)).to.equal(kept * 2);
      await again.close();
    }
  });

  it('is recovered in pieces, between which others have the event loop', async () => {
    /** Each look at it finds a slice of time over. */
    class HastyClock extends TestClock {
      #elapsedMs = 0;

      override monotonicMs(): number {
        return (this.#elapsedMs += 1000);
      }
    }
    const folder = temporaryFolder();
    const manager = await openManager([folder]);
    const log = manager.getOrCreate('topic', 0, { isNew: true });
    // Two of them are more than the piece of 1 MiB after which a recovery pauses.
    for (let index = 0; index < 8; index++) log.appendAsLeader(producerBatch(1, { valueBytes: 1_000_000 }), 0, client);
    log.writeStaged();
    (manager as unknown as { abandon(): void }).abandon();
    let turns = 0;
    let isOpen = false;
    const count = (): void => {
      turns++;
      if (!isOpen) setImmediate(count);
    };
    const opening = openManager([folder], { clock: new HastyClock() });
    count();
    const again = await opening;
    isOpen = true;
    expect(again.logOf('topic', 0)!.logEndOffset).to.equal(8);
    expect(turns).to.be.at.least(5);
    await again.close();
  });

  it('is read from its end after a clean stop, and scanned after another', async () => {
    const folder = temporaryFolder();
    const manager = await openManager([folder]);
    const log = manager.getOrCreate('topic', 0, { isNew: true });
    for (let index = 0; index < 3; index++) log.appendAsLeader(producerBatch(2), 0, client);
    await manager.close();
    const file = path.join(log.directory, '00000000000000000000.log');
    const bytes = fs.readFileSync(file);
    bytes[bytes.length / 3 + 70]! ^= 1; // in the second of three batches
    fs.writeFileSync(file, bytes);
    const clean = await openManager([folder]);
    expect(clean.logOf('topic', 0)!.logEndOffset).to.equal(6);
    (clean as unknown as { abandon(): void }).abandon();
    const unclean = await openManager([folder]);
    expect(unclean.logOf('topic', 0)!.logEndOffset).to.equal(2);
    await unclean.close();
  });

  it('reads leader epochs from the log when their file is torn', async () => {
    const folder = temporaryFolder();
    const manager = await openManager([folder]);
    const log = manager.getOrCreate('topic', 0, { isNew: true });
    for (const epoch of [1, 1, 4]) log.appendAsLeader(producerBatch(2), epoch, client);
    await manager.close();
    fs.writeFileSync(path.join(log.directory, 'leader-epoch-checkpoint'), '0\n2');
    const again = await openManager([folder]);
    expect(again.logOf('topic', 0)!.endOffsetForEpoch(1)).to.deep.equal({ epoch: 1, endOffset: 4 });
    await again.close();
    expect(fs.readFileSync(path.join(log.directory, 'leader-epoch-checkpoint'), 'utf8')).to.equal('0\n2\n1 0\n4 4\n');
  });

  it('tells a failure of the disk as KAFKA_STORAGE_ERROR', () => {
    expect(new LogFailure('/data', 'x')).to.include({ kafkaError: 'KAFKA_STORAGE_ERROR', directory: '/data' });
  });
});
