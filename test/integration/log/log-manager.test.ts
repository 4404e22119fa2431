import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { LogError } from '../../../src/log/errors.ts';
import type { LogManager } from '../../../src/log/log-manager.ts';
import { InconsistentBrokerMetadata, readMetaProperties, writeMetaProperties } from '../../../src/log/meta-properties.ts';
import type { PartitionLog } from '../../../src/log/partition-log.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { contentOf, failingDisk, openManager, producerBatch, removeTemporaryFolders, temporaryFolder, TestClock } from '../../unit/log/support.ts';

const client = { origin: 'client' } as const;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function append(log: PartitionLog, count = 1): void {
  log.appendAsLeader(producerBatch(count), 0, client);
  log.writeStaged();
}

async function rejection(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => Promise.reject(new Error('nothing was thrown')),
    (error: Error) => error,
  );
}

describe('log manager', () => {
  let first: string;
  let second: string;
  let clock: TestClock;
  let manager: LogManager | undefined;

  beforeEach(() => {
    first = temporaryFolder();
    second = temporaryFolder();
    clock = new TestClock();
  });
  afterEach(async () => {
    await manager?.close();
    manager = undefined;
    removeTemporaryFolders();
  });

  it('puts a new log where the fewest are, or where it is told to', async () => {
    manager = await openManager([first, second], { clock });
    for (const topic of ['a', 'b', 'c']) manager.getOrCreate(topic, 0, { isNew: true });
    manager.getOrCreate('d', 0, { isNew: true, preferredDirectory: first });
    expect([...manager.logs()].map((log) => [log.topic, log.logDirectory === first])).to.deep.equal([['a', true], ['b', false], ['c', true], ['d', true]]);
    expect(manager.getOrCreate('e', 0, { isNew: true }).logDirectory).to.equal(second);
  });

  it('finds everything again after a clean stop, with its checkpoints', async () => {
    manager = await openManager([first, second], { clock });
    for (const topic of ['a', 'b']) {
      const log = manager.getOrCreate(topic, 3, { isNew: true, topicId: 'EkliGNjhRgmwlosESyd-MQ' });
      append(log, 5);
      log.setHighWatermark(4);
      log.incrementLogStartOffset(2);
    }
    await manager.close();
    expect(contentOf(first).get('log-start-offset-checkpoint')?.toString()).to.equal('0\n1\na 3 2\n');
    expect(contentOf(second).get('recovery-point-offset-checkpoint')?.toString()).to.equal('0\n1\nb 3 5\n');
    manager = await openManager([first, second], { clock });
    const log = manager.logOf('b', 3)!;
    expect([log.logStartOffset, log.highWatermark, log.logEndOffset, log.recoveryPoint, log.topicId]).to.deep.equal([2, 4, 5, 5, 'EkliGNjhRgmwlosESyd-MQ']);
    expect(manager.readHighWatermark('b', 3)).to.equal(4);
    expect(fs.existsSync(path.join(first, '.kafka_cleanshutdown'))).to.equal(false);
  });

  it('keeps what was written when the process is killed', async () => {
    manager = await openManager([first], { clock });
    const log = manager.getOrCreate('a', 0, { isNew: true });
    append(log, 3);
    log.setHighWatermark(3);
    await manager.checkpointHighWatermarks();
    const killed = temporaryFolder();
    fs.cpSync(first, killed, { recursive: true });
    fs.rmSync(path.join(killed, '.lock'));
    const again = await openManager([killed], { clock });
    expect([again.logOf('a', 0)!.logEndOffset, again.logOf('a', 0)!.highWatermark]).to.deep.equal([3, 3]);
    await again.close();
  });

  it('takes a deleted log away at once, and its bytes after file.delete.delay.ms', async () => {
    manager = await openManager([first], { clock, topic: { 'file.delete.delay.ms': '500' } });
    const log = manager.getOrCreate('a', 0, { isNew: true });
    append(log, 3);
    log.setHighWatermark(3);
    const held = log.read(0, 1000, 'log-end', true).records;
    manager.deleteLog('a', 0);
    expect(manager.logOf('a', 0)).to.equal(undefined);
    expect(fs.readdirSync(first).filter((name) => /^a-0\.[0-9a-f]{32}-delete$/.test(name))).to.have.lengthOf(1);
    const anew = manager.getOrCreate('a', 0, { isNew: true });
    expect([anew.logEndOffset, anew.highWatermark]).to.deep.equal([0, 0]);
    clock.pass(500);
    while (fs.readdirSync(first).some((name) => name.endsWith('-delete'))) await turn();
    expect(held.file.readSync(Buffer.alloc(10), 0, 10, 0)).to.equal(10);
    await turn();
    expect(contentOf(first).get('recovery-point-offset-checkpoint')?.toString()).to.equal('0\n1\na 0 0\n');
  });

  it('forgets the offsets of a deleted log before one of its name is made again', async () => {
    manager = await openManager([first], { clock, broker: { 'log.initial.task.delay.ms': '0', 'log.flush.offset.checkpoint.interval.ms': '10' } });
    const log = manager.getOrCreate('a', 0, { isNew: true });
    append(log, 3);
    await log.flush();
    clock.pass(10);
    const recoveryPoints = (): string | undefined => contentOf(first).get('recovery-point-offset-checkpoint')?.toString();
    while (recoveryPoints() !== '0\n1\na 0 3\n') await turn();
    manager.deleteLog('a', 0);
    manager.getOrCreate('a', 0, { isNew: true });
    expect(recoveryPoints()).to.equal('0\n0\n');
  });

  it('removes folders that an earlier run left to be deleted', async () => {
    fs.mkdirSync(path.join(first, 'a-0.123e4567e89b12d3a456426614174000-delete'));
    manager = await openManager([first], { clock, broker: { 'log.segment.delete.delay.ms': '10' } });
    expect([...manager.logs()]).to.deep.equal([]);
    clock.pass(10);
    while (fs.readdirSync(first).some((name) => name.endsWith('-delete'))) await turn();
  });

  it('refuses a directory in use, a stranger\'s folder and a log that is there twice', async () => {
    manager = await openManager([first], { clock });
    expect((await rejection(openManager([first, second], { clock }))).message).to.match(/Failed to acquire lock on file \.lock in/);
    fs.mkdirSync(path.join(second, 'lost+found'));
    expect(await rejection(openManager([second], { clock }))).to.be.instanceOf(LogError).with.property('message').that.matches(/is not in the form of topic-partition/);
    fs.rmdirSync(path.join(second, 'lost+found'));
    const third = temporaryFolder();
    for (const folder of [second, third]) fs.mkdirSync(path.join(folder, 'a-0'));
    expect((await rejection(openManager([second, third], { clock }))).message).to.match(/Duplicate log directories/);
  });

  for (const code of ['EIO', 'ENOSPC', 'EMFILE']) {
    it(`takes a directory offline when it answers ${code}, and goes on with the other`, async () => {
      let broken = false;
      const operation = code === 'EMFILE' ? 'openSync' : 'writeSync';
      const disk = failingDisk((called, file) => (broken && called === operation && file.startsWith(first) ? code : undefined));
      manager = await openManager([first, second], { clock, disk });
      const one = manager.getOrCreate('a', 0, { isNew: true });
      const other = manager.getOrCreate('b', 0, { isNew: true });
      const third = manager.getOrCreate('c', 0, { isNew: true });
      if (code === 'EMFILE') one.assignEpochStart(0, 0);
      else append(one, 2);
      const failed: [string, string[]][] = [];
      manager.onDirectoryFailure((directory, _, logs) => failed.push([directory, logs.map(({ topic }) => topic)]));
      broken = true;
      one.appendAsLeader(producerBatch(3), 0, client);
      expect(() => one.writeStaged()).to.throw(LogError).with.property('kafkaError', 'KAFKA_STORAGE_ERROR');
      expect([one.isOffline, third.isOffline, other.isOffline, one.logEndOffset]).to.deep.equal([true, true, false, code === 'EMFILE' ? 0 : 2]);
      await turn();
      expect(failed).to.deep.equal([[first, ['a', 'c']]]);
      expect([manager.liveDirectories, manager.offlineDirectories]).to.deep.equal([[second], [first]]);
      expect(() => third.read(0, 1, 'log-end', true)).to.throw(LogError).with.property('kafkaError', 'KAFKA_STORAGE_ERROR');
      append(other, 1);
      expect(() => manager!.getOrCreate('a', 0, { isNew: false })).to.throw(LogError).with.property('kafkaError', 'KAFKA_STORAGE_ERROR');
      expect(manager.getOrCreate('d', 0, { isNew: true }).logDirectory).to.equal(second);
      await manager.close();
      expect([first, second].map((folder) => fs.existsSync(path.join(folder, '.kafka_cleanshutdown')))).to.deep.equal([false, true]);
    });
  }

  it('starts without a directory that cannot be read, and tells later listeners', async () => {
    const disk = failingDisk((called, file) => (called === 'listSync' && file === first ? 'EIO' : undefined));
    manager = await openManager([first, second], { clock, disk });
    const failed: string[] = [];
    manager.onDirectoryFailure((directory) => failed.push(directory));
    await turn();
    expect([manager.liveDirectories, failed]).to.deep.equal([[second], [first]]);
    expect(await rejection(openManager([first], { clock, disk }))).to.have.property('kafkaError', 'KAFKA_STORAGE_ERROR');
  });

  it('deletes by retention in the background, and flushes by flush.ms', async () => {
    manager = await openManager([first], {
      clock,
      broker: { 'log.initial.task.delay.ms': '10', 'log.retention.check.interval.ms': '1000', 'log.flush.scheduler.interval.ms': '100', 'log.flush.offset.checkpoint.interval.ms': '200' },
      topic: { 'retention.ms': '2000', 'flush.ms': '50', 'segment.bytes': '200' },
    });
    const log = manager.getOrCreate('a', 0, { isNew: true });
    for (let index = 0; index < 4; index++) {
      log.appendAsLeader(producerBatch(1, { timestamp: clock.nowMs() }), 0, client);
      log.writeStaged();
    }
    log.setHighWatermark(4);
    clock.pass(300);
    while (log.recoveryPoint < 4) await turn(); // the disk takes its time
    clock.pass(200);
    while (contentOf(first).get('recovery-point-offset-checkpoint')?.toString() !== '0\n1\na 0 4\n') await turn();
    clock.pass(3000);
    expect([log.logStartOffset, log.segmentCount]).to.deep.equal([4, 1]);
  });

  it('leaves no timer and no open file behind', async () => {
    manager = await openManager([first], { clock });
    const log = manager.getOrCreate('a', 0, { isNew: true });
    append(log);
    log.truncateFullyAndStartAt(7);
    await manager.close();
    expect(clock.timerCount).to.equal(0);
    const open = fs.readdirSync('/proc/self/fd').map((fd) => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    });
    expect(open.filter((file) => file.startsWith(first))).to.deep.equal([]);
  });

  it('costs an idle partition little memory', async function () {
    if (typeof globalThis.gc !== 'function') {
      const result = spawnSync(process.execPath, ['--expose-gc', '--import', 'tsx', path.join(import.meta.dirname, 'idle-memory.ts')], { encoding: 'utf8' });
      expect(result.stderr + result.stdout).to.match(/^\d+\n$/);
      expect(Number(result.stdout)).to.be.lessThan(8192);
    }
  });
});

describe('meta.properties', () => {
  let folders: string[];
  beforeEach(() => (folders = [temporaryFolder(), temporaryFolder()]));
  afterEach(removeTemporaryFolders);

  it('are written as Kafka writes them, and read back', () => {
    writeMetaProperties(nodeDisk, new TestClock(Date.UTC(2026, 10, 21, 2, 56, 3)), folders, 1, 'RfPllr14RdyvncGqqZDvPQ');
    expect(fs.readFileSync(path.join(folders[0]!, 'meta.properties'), 'utf8')).to.equal('#\n#Sat Nov 21 02:56:03 UTC 2026\nbroker.id=1\nversion=0\ncluster.id=RfPllr14RdyvncGqqZDvPQ\n');
    expect(readMetaProperties(nodeDisk, folders)).to.deep.equal({ common: { brokerId: 1, clusterId: 'RfPllr14RdyvncGqqZDvPQ' }, missing: [], failed: new Map() });
  });

  it('are missing in a new directory', () => {
    expect(readMetaProperties(nodeDisk, folders)).to.deep.equal({ common: { brokerId: undefined, clusterId: undefined }, missing: folders, failed: new Map() });
  });

  for (const [name, text] of [['another broker', 'version=0\nbroker.id=2\ncluster.id=x\n'], ['another cluster', 'version=0\nbroker.id=1\ncluster.id=y\n'], ['a later version', 'version=1\nnode.id=1\n']] as const) {
    it(`of ${name} are refused`, () => {
      writeMetaProperties(nodeDisk, new TestClock(), folders.slice(0, 1), 1, 'x');
      fs.writeFileSync(path.join(folders[1]!, 'meta.properties'), text);
      expect(() => readMetaProperties(nodeDisk, folders)).to.throw(InconsistentBrokerMetadata);
    });
  }
});
