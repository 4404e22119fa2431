import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { CleanerLimits, CleanerRequest } from '../../../src/log/cleaner/messages.ts';
import type { DiskPartitionLog } from '../../../src/log/disk-partition-log.ts';
import { openLogManager } from '../../../src/log/disk-log-manager.ts';
import type { LogManager, LogManagerOptions } from '../../../src/log/log-manager.ts';
import { readOffsetCheckpoint } from '../../../src/log/offset-checkpoint.ts';
import type { PartitionLog } from '../../../src/log/partition-log.ts';
import type { Codec } from '../../../src/record/batch.ts';
import { buildBatch } from '../../../src/record/build.ts';
import { initialiseCodecs } from '../../../src/record/initialise-codecs.ts';
import { readRecords } from '../../../src/record/read.ts';
import type { Logger } from '../../../src/runtime/logger.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { nodeWorkers } from '../../../src/runtime/node-workers.ts';
import { WorkCancelled } from '../../../src/runtime/workers.ts';
import type { Workers } from '../../../src/runtime/workers.ts';
import { failingDisk, managerOptions, removeTemporaryFolders, temporaryFolder, TestClock } from '../../unit/log/support.ts';
import type { TestManagerOptions } from '../../unit/log/support.ts';

const compact = { 'cleanup.policy': 'compact', 'segment.bytes': '10000', 'min.cleanable.dirty.ratio': '0.01', 'file.delete.delay.ms': '1000', 'index.interval.bytes': '100' };
const backoffMs = 100;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('log cleaner', () => {
  let folder: string;
  let clock: TestClock;
  let manager: LogManager;
  let lines: string[];
  let topicOf: (name: string) => Readonly<Record<string, string>>;

  const logger: Logger = { ...silentLogger, warn: (event) => void lines.push(event), error: (event) => void lines.push(event), with: () => logger };

  async function open(options: TestManagerOptions = {}): Promise<void> {
    const broker = { 'log.cleaner.backoff.ms': String(backoffMs), 'log.initial.task.delay.ms': '0', 'log.retention.check.interval.ms': '50', ...options.broker };
    manager = await openLogManager({ ...managerOptions([folder], { clock, ...options, broker, topic: (name) => topicOf(name) }), logger });
  }
  const create = (topic: string): DiskPartitionLog => manager.getOrCreate(topic, 0, { isNew: true }) as DiskPartitionLog;
  const checkpointOf = (topic: string): number | undefined => readOffsetCheckpoint(nodeDisk, path.join(folder, 'cleaner-offset-checkpoint')).get(`${topic}-0`);

  /** One batch a key, in a segment of its own; the last stays in the active segment. */
  function write(log: PartitionLog, keys: readonly string[], codec: Codec = 'none'): void {
    for (const key of keys) {
      const records = [{ key: Buffer.from(key), value: Buffer.from(`${key} at ${log.logEndOffset}`), timestamp: clock.nowMs() }];
      if (log.logEndOffset > 0) log.roll();
      log.appendAsLeader(buildBatch({ codec }, records), 0, { origin: 'client' });
    }
    log.writeStaged();
    log.setHighWatermark(log.logEndOffset);
  }
  function bytesOf(log: PartitionLog, from = log.logStartOffset): Buffer {
    const chunks: Buffer[] = [];
    for (let offset = from; offset < log.logEndOffset; ) {
      const { records } = log.read(offset, 1e6, 'log-end', true);
      const bytes = Buffer.alloc(records.length);
      records.file.readSync(bytes, 0, records.length, records.position);
      chunks.push(bytes);
      const last = [...readRecords(bytes)].at(-1);
      if (last === undefined) break;
      offset = last.offset + 1;
    }
    return Buffer.concat(chunks);
  }
  const contentOf = (log: PartitionLog): string[] => [...readRecords(bytesOf(log))].map(({ value }) => String(value));
  async function until(isSo: () => boolean): Promise<void> {
    for (; !isSo(); clock.pass(0)) await turn();
  }
  async function cleaned(topic: string, offset: number): Promise<void> {
    clock.pass(backoffMs);
    await until(() => checkpointOf(topic) === offset);
  }

  before(() => initialiseCodecs());
  beforeEach(() => {
    folder = temporaryFolder();
    clock = new TestClock();
    lines = [];
    topicOf = () => compact;
  });
  afterEach(async () => {
    await manager.close();
    removeTemporaryFolders();
  });

  it('keeps the last record of each key, in few segments, and remembers how far it came', async () => {
    await open();
    const log = create('a');
    write(log, ['x', 'y', 'x', 'z', 'x', 'y', 'end']);
    await cleaned('a', 6);
    expect(contentOf(log)).to.deep.equal(['z at 3', 'x at 4', 'y at 5', 'end at 6']);
    expect([log.logStartOffset, log.logEndOffset, log.segmentCount]).to.deep.equal([0, 7, 2]);
    expect(fs.readFileSync(path.join(folder, 'cleaner-offset-checkpoint'), 'utf8')).to.equal('0\n1\na 0 6\n');
    await manager.close();
    await open();
    expect(contentOf(manager.logOf('a', 0)!)).to.deep.equal(['z at 3', 'x at 4', 'y at 5', 'end at 6']);
  });

  it('goes on from its checkpoint, with keys of the clean part that were written again', async () => {
    await open();
    const log = create('a');
    write(log, ['x', 'y', 'end']);
    await cleaned('a', 2);
    write(log, ['y', 'end']);
    await cleaned('a', 4);
    expect(contentOf(log)).to.deep.equal(['x at 0', 'end at 2', 'y at 3', 'end at 4']);
  });

  it('comes to the end in several passes where the map is too small for all keys', async () => {
    await open({ broker: { 'log.cleaner.dedupe.buffer.size': String((1 << 20) + 1), 'log.cleaner.io.buffer.load.factor': '0.00007' } }); // three keys
    const log = create('a');
    const keys = Array.from({ length: 10 }, (_, index) => `key-${index}`);
    write(log, [...keys, ...keys, 'end']);
    for (let offset = 3; offset <= 20; offset += 3) await cleaned('a', Math.min(offset, 20));
    await cleaned('a', 20);
    expect(contentOf(log)).to.deep.equal([...keys.map((key, index) => `${key} at ${10 + index}`), 'end at 20']);
  });

  it('refuses a map that holds no key', async () => {
    const error = await open({ broker: { 'log.cleaner.dedupe.buffer.size': '24' } }).catch((thrown: unknown) => thrown);
    expect(String(error)).to.contain('log.cleaner.dedupe.buffer.size');
    await open();
  });

  it('leaves what a reader has in its hand readable until long after', async () => {
    await open();
    const log = create('a');
    write(log, ['x', 'x', 'x', 'end']);
    const { records, next } = log.read(1, 1e6, 'log-end', true);
    await cleaned('a', 3);
    clock.pass(2000);
    const bytes = Buffer.alloc(records.length);
    expect(records.file.readSync(bytes, 0, records.length, records.position)).to.equal(records.length);
    expect([...readRecords(bytes)].map(({ value }) => String(value))).to.deep.equal(['x at 1']);
    expect(next).to.include({ offset: 2 });
    const following = log.read(2, 1e6, 'log-end', true, next);
    const later = Buffer.alloc(following.records.length);
    following.records.file.readSync(later, 0, later.length, following.records.position);
    expect([...readRecords(later)].map(({ value }) => String(value))).to.deep.equal(['x at 2']);
    await until(() => fs.readdirSync(log.directory).every((name) => !name.endsWith('.deleted')));
  });

  it('throws away what it found when the log is cut meanwhile', async () => {
    await open();
    const log = create('a');
    write(log, ['x', 'y', 'x', 'y', 'end']);
    clock.pass(backoffMs);
    await turn();
    log.truncateTo(2);
    await turn();
    await until(() => fs.readdirSync(log.directory).every((name) => !name.endsWith('.cleaned')));
    expect(contentOf(log)).to.deep.equal(['x at 0', 'y at 1']);
    write(log, ['x', 'end']);
    await cleaned('a', 3);
    expect(contentOf(log)).to.deep.equal(['y at 1', 'x at 2', 'end at 3']);
  });

  it('takes its checkpoint back when the clean part is cut', async () => {
    await open();
    const log = create('a');
    write(log, ['x', 'y', 'z', 'x', 'end']);
    await cleaned('a', 4);
    log.truncateTo(2);
    expect(checkpointOf('a')).to.equal(log.segments.at(-1)!.baseOffset);
    log.truncateFullyAndStartAt(10);
    write(log, ['x', 'x', 'end']);
    await cleaned('a', 12);
    expect(contentOf(log)).to.deep.equal(['x at 11', 'end at 12']);
  });

  it('forgets a log that is deleted, while it is being cleaned too', async () => {
    await open();
    const log = create('a');
    write(log, ['x', 'x', 'end']);
    clock.pass(backoffMs);
    await turn();
    manager.deleteLog('a', 0);
    const other = create('a');
    write(other, ['y', 'y', 'y', 'end']);
    await until(() => checkpointOf('a') === undefined);
    clock.pass(backoffMs);
    await until(() => checkpointOf('a') === 3);
    expect(contentOf(other)).to.deep.equal(['y at 2', 'end at 3']);
    expect(lines).to.deep.equal([]);
  });

  it('leaves a log alone that it cannot clean, says so once, and goes on with the others', async () => {
    await open();
    const log = create('bad');
    write(log, ['x', 'x', 'end']);
    const file = path.join(log.directory, '00000000000000000000.log');
    const bytes = fs.readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    fs.writeFileSync(file, bytes);
    write(create('good'), ['x', 'x', 'end']);
    await cleaned('good', 2);
    for (let count = 0; count < 5; count++) {
      clock.pass(backoffMs);
      await turn();
    }
    expect(lines).to.deep.equal(['log cannot be cleaned and is left as it is until the next start']);
    expect([checkpointOf('bad'), log.segmentCount]).to.deep.equal([undefined, 3]);
    expect(fs.readdirSync(log.directory).filter((name) => name.endsWith('.cleaned'))).to.deep.equal([]);
  });

  it('takes the directory offline when the disk fails', async () => {
    let isFull = false;
    await open({ disk: failingDisk((operation, file) => (isFull && operation === 'writeSync' && file.endsWith('.cleaned') ? 'ENOSPC' : undefined)) });
    const log = create('a');
    write(log, ['x', 'x', 'end']);
    isFull = true;
    const failed = new Promise<string>((resolve) => manager.onDirectoryFailure((directory) => resolve(directory)));
    clock.pass(backoffMs);
    expect(await failed).to.equal(folder);
    expect(log.isOffline).to.equal(true);
  });

  it('keeps log.cleaner.io.max.bytes.per.second', async () => {
    const batchBytes = 90;
    await open({ broker: { 'log.cleaner.io.max.bytes.per.second': '100', 'log.cleaner.io.buffer.size': '2048' } });
    const log = create('a');
    write(log, Array.from({ length: 40 }, (_, index) => `key-${index % 20}`));
    const startedMs = clock.nowMs();
    while (checkpointOf('a') === undefined) {
      clock.pass(10);
      await turn();
    }
    expect((clock.nowMs() - startedMs) / 1000).to.be.greaterThan((2 * 39 * batchBytes) / 100 * 0.8);
  });

  describe('takes over, while it runs,', () => {
    let options: LogManagerOptions;
    /** What each pass was begun with. */
    let passes: CleanerLimits[];
    /** While true, a pass goes on until it is cancelled. */
    let isHeld: boolean;
    const base = { 'log.cleaner.backoff.ms': String(backoffMs), 'log.initial.task.delay.ms': '0' };

    /** Workers that tell of each pass, and are held up. */
    const watched = (workers: Workers): Workers => ({
      start(module) {
        const worker = workers.start(module);
        let cancelHeld: (() => void) | undefined;
        return {
          ask(request) {
            const asked = request as unknown as CleanerRequest;
            if (asked.kind === 'map') passes.push(asked.limits);
            return isHeld ? new Promise((_, reject) => (cancelHeld = () => reject(new WorkCancelled()))) : worker.ask(request);
          },
          cancel: () => (cancelHeld ?? worker.cancel)(),
          close: () => (cancelHeld ?? worker.close)(),
        };
      },
    });
    const openWith = async (broker: Readonly<Record<string, string>>): Promise<void> => {
      options = { ...managerOptions([folder], { clock, broker: { ...base, ...broker }, topic: (name) => topicOf(name) }), logger };
      manager = await openLogManager({ ...options, workers: watched(options.workers) });
    };
    const change = (broker: Readonly<Record<string, string>>): void => {
      Object.assign(options.config, managerOptions([folder], { broker: { ...base, ...broker } }).config);
      manager.updateConfigs(options.topicConfigOf);
    };
    beforeEach(() => {
      passes = [];
      isHeld = false;
    });

    it('log.cleaner.io.max.bytes.per.second, for what is being cleaned too', async () => {
      isHeld = true;
      await openWith({ 'log.cleaner.io.max.bytes.per.second': '1' });
      write(create('a'), ['x', 'x', 'end']);
      clock.pass(backoffMs);
      await until(() => passes.length === 1);
      isHeld = false;
      change({});
      await until(() => checkpointOf('a') === 2);
      expect(passes.map(({ bytesPerSecondMax }) => bytesPerSecondMax)).to.deep.equal([1, Infinity]);
      expect(lines).to.deep.equal([]);
    });

    it('log.cleaner.threads: as many logs at a time, each with its share', async () => {
      isHeld = true;
      await openWith({});
      for (const topic of ['a', 'b']) write(create(topic), ['x', 'x', 'end']);
      clock.pass(backoffMs);
      clock.pass(backoffMs);
      await until(() => passes.length === 1);
      change({ 'log.cleaner.threads': '2' });
      await until(() => passes.length === 3);
      expect(passes.map(({ mapBytesMax }) => mapBytesMax / 2 ** 20)).to.deep.equal([128, 64, 64]);
    });

    it('nothing where another property changes: what is being cleaned goes on', async () => {
      isHeld = true;
      await openWith({});
      write(create('a'), ['x', 'x', 'end']);
      clock.pass(backoffMs);
      await until(() => passes.length === 1);
      change({ 'log.retention.ms': '5' });
      clock.pass(backoffMs);
      for (let count = 0; count < 20; count++) await turn();
      expect(passes.length).to.equal(1);
    });

    it('log.cleaner.backoff.ms, at once', async () => {
      await openWith({ 'log.cleaner.backoff.ms': '1000000' });
      clock.pass(0);
      write(create('a'), ['x', 'x', 'end']);
      clock.pass(backoffMs);
      expect(passes.length).to.equal(0);
      change({});
      await until(() => checkpointOf('a') === 2);
    });

    it('log.cleaner.io.buffer.load.factor and log.cleaner.dedupe.buffer.size, not when they leave no room for a key', async () => {
      const small = { 'log.cleaner.dedupe.buffer.size': String((1 << 20) + 1) };
      await openWith({});
      change({ ...small, 'log.cleaner.io.buffer.load.factor': '0.00001' });
      expect(lines).to.deep.equal(['log cleaner goes on with its former properties']);
      change({ ...small, 'log.cleaner.io.buffer.load.factor': '0.00007' }); // three keys
      write(create('a'), ['1', '2', '3', '4', '5', '6', 'end']);
      await cleaned('a', 3);
      await cleaned('a', 6);
    });
  });

  it('begins when the policy becomes compact, and stops when it is not any more', async () => {
    topicOf = () => ({ ...compact, 'cleanup.policy': 'delete' });
    await open();
    const log = create('a');
    write(log, ['x', 'x', 'end']);
    clock.pass(backoffMs * 3);
    await turn();
    expect(log.segmentCount).to.equal(3);
    manager.updateTopicConfig('a', { ...log.config, 'cleanup.policy': ['compact'] });
    await cleaned('a', 2);
    expect(contentOf(log)).to.deep.equal(['x at 1', 'end at 2']);
    write(log, ['x', 'end']);
    clock.pass(backoffMs);
    manager.updateTopicConfig('a', { ...log.config, 'cleanup.policy': ['delete'] });
    for (let count = 0; count < 50; count++) await turn();
    expect([checkpointOf('a'), log.segmentCount]).to.deep.equal([2, 4]);
  });

  it('deletes by time too where the policy says both', async () => {
    topicOf = () => ({ ...compact, 'cleanup.policy': 'compact,delete', 'retention.ms': '5000' });
    await open();
    const log = create('a');
    write(log, ['x', 'y', 'end']);
    await cleaned('a', 2);
    clock.pass(6000);
    await until(() => log.logStartOffset === 3);
    expect([log.segmentCount, contentOf(log)]).to.deep.equal([1, []]);
    expect(lines).to.deep.equal([]);
  });

  it('deletes segments below the log start of a log that is only compacted', async () => {
    await open();
    const log = create('a');
    write(log, ['x', 'y', 'z', 'end']);
    log.incrementLogStartOffset(3);
    clock.pass(backoffMs);
    clock.pass(backoffMs);
    await until(() => log.firstSegmentBaseOffset === 3);
  });

  it('does nothing, retention included, where log.cleaner.enable is false', async () => {
    topicOf = () => ({ ...compact, 'cleanup.policy': 'compact,delete', 'retention.ms': '10' });
    await open({ broker: { 'log.cleaner.enable': 'false' } });
    const log = create('a');
    write(log, ['x', 'x', 'end']);
    clock.pass(60_000);
    expect(log.segmentCount).to.equal(3);
  });

  it('cleans in a thread of its own, whatever the codec', async () => {
    const started = await openLogManager({ ...managerOptions([folder], { broker: { 'log.cleaner.backoff.ms': '20' }, topic: compact }), clock: nodeClock, workers: nodeWorkers, logger });
    manager = started;
    const log = create('a');
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) write(log, ['x', codec, 'x'], codec);
    write(log, ['end']);
    while (checkpointOf('a') !== 15) await new Promise((resolve) => nodeClock.setTimer(5, () => resolve(undefined)));
    expect(contentOf(log)).to.deep.equal(['none at 1', 'gzip at 4', 'snappy at 7', 'lz4 at 10', 'zstd at 13', 'x at 14', 'end at 15']);
    expect(lines).to.deep.equal([]);
  });
});
