import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { LogManager } from '../../src/log/log-manager.ts';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import { buildBatch } from '../../src/record/build.ts';
import { nextOffset, readBatches } from '../../src/record/batch.ts';
import { initialiseCodecs } from '../../src/record/initialise-codecs.ts';
import { readRecords } from '../../src/record/read.ts';
import { nodeClock } from '../../src/runtime/node-clock.ts';
import { openManager } from '../unit/log/support.ts';
import { fourLetterWord, freePort, runJava, startRealKafka, startRealZooKeeper } from './real-kafka.ts';
import type { RunningJava } from './real-kafka.ts';

function valuesOf(log: PartitionLog): string[] {
  const values: string[] = [];
  for (let offset = log.logStartOffset; offset < log.writtenEndOffset; ) {
    const { records } = log.read(offset, 64 * 1024, 'log-end', true);
    const bytes = Buffer.alloc(records.length);
    records.file.readSync(bytes, 0, records.length, records.position);
    for (const record of readRecords(bytes)) if (record.offset >= offset) values.push(record.value!.toString());
    for (const start of readBatches(bytes)) offset = nextOffset(bytes, start);
  }
  return values;
}

const topic = { 'segment.bytes': '20000', 'retention.ms': '-1' };
const open = (folder: string): Promise<LogManager> => openManager([folder], { clock: nodeClock, topic });

function append(log: PartitionLog, values: readonly string[], codec: 'none' | 'gzip' | 'snappy' | 'lz4'): void {
  for (let from = 0; from < values.length; from += 10) {
    const records = values.slice(from, from + 10).map((value) => ({ key: null, value: Buffer.from(value), timestamp: Date.now() }));
    log.appendAsLeader(buildBatch({ codec }, records), 0, { origin: 'client' });
    log.writeStaged();
  }
}

const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${name} ${index} ${'.'.repeat(index % 90)}`);

/** Each step goes on from the one before. */
describe('one log directory, in turns ours and of Apache Kafka 3.9.1', function () {
  this.timeout(240_000);
  this.bail(true);
  let home: string;
  let folder: string;
  let port: number;
  let zookeeperPort: number;
  let zookeeper: RunningJava;
  let kafka: RunningJava | undefined;
  const expected: string[] = [];

  const startKafka = async (): Promise<void> => {
    kafka = await startRealKafka({ id: 1, port, zookeeper: `127.0.0.1:${zookeeperPort}`, folder: path.join(home, 'kafka'), properties: { 'log.dirs': folder, 'log.segment.bytes': 20_000, 'log.retention.ms': -1 } });
  };
  /** A broker cannot register while the session of its killed predecessor lasts (ten seconds at most here). */
  const sessionEnd = async (): Promise<void> => {
    const deadline = performance.now() + 30_000;
    while ((await fourLetterWord(zookeeperPort, 'dump')).includes('/brokers/ids/1')) {
      if (performance.now() > deadline) throw new Error('the session of the killed broker does not end');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const stopKafka = async (signal: NodeJS.Signals): Promise<void> => {
    await kafka?.stop(signal);
    kafka = undefined;
  };
  const consumed = async (): Promise<string[]> => {
    const consumer = ['--bootstrap-server', `127.0.0.1:${port}`, '--topic', 'shared', '--partition', '0', '--offset', 'earliest', '--max-messages', String(expected.length), '--timeout-ms', '30000'];
    const run = await runJava('3.9.1', ['org.apache.kafka.tools.consumer.ConsoleConsumer', ...consumer]);
    return run.stdout.split('\n').slice(0, -1);
  };
  const produce = async (values: readonly string[]): Promise<void> => {
    const run = await runJava('3.9.1', ['kafka.tools.ConsoleProducer', '--bootstrap-server', `127.0.0.1:${port}`, '--topic', 'shared'], { input: values.map((value) => `${value}\n`).join('') });
    expect(run.status, run.stderr).to.equal(0);
    expected.push(...values);
  };

  before(async () => {
    await initialiseCodecs();
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-interop-'));
    folder = path.join(home, 'logs');
    [port, zookeeperPort] = [await freePort(), await freePort()];
    zookeeper = await startRealZooKeeper({ port: zookeeperPort, folder: path.join(home, 'zookeeper') });
  });
  after(async () => {
    await kafka?.stop('SIGKILL');
    await zookeeper?.stop('SIGKILL');
    fs.rmSync(home, { recursive: true, force: true });
  });

  it('written by ours, is read to the last record by Kafka', async () => {
    const manager = await open(folder);
    const log = manager.getOrCreate('shared', 0, { isNew: true });
    for (const codec of ['none', 'gzip', 'snappy', 'lz4'] as const) {
      const values = numbered(`ours ${codec}`, 400);
      append(log, values, codec);
      expected.push(...values);
    }
    expect(log.segmentCount).to.be.greaterThan(2);
    await manager.close();
    await startKafka();
    const created = await runJava('3.9.1', ['org.apache.kafka.tools.TopicCommand', '--bootstrap-server', `127.0.0.1:${port}`, '--create', '--topic', 'shared', '--replica-assignment', '1']);
    expect(created.status, created.stderr + created.stdout).to.equal(0);
    expect(await consumed()).to.deep.equal(expected);
  });

  it('written on and stopped by Kafka, is read to the last record by ours', async () => {
    await produce(numbered('kafka', 500));
    await stopKafka('SIGTERM');
    const manager = await open(folder);
    const log = manager.logOf('shared', 0)!;
    expect(valuesOf(log)).to.deep.equal(expected);
    expect(log.topicId).to.match(/^[\w-]{22}$/);
    const values = numbered('ours again', 300);
    append(log, values, 'none');
    expected.push(...values);
    await manager.close();
  });

  it('written on by ours, has no fault that kafka-dump-log finds', async () => {
    const files = fs.readdirSync(path.join(folder, 'shared-0')).filter((name) => /\.(log|index|timeindex)$/.test(name)).map((name) => path.join(folder, 'shared-0', name));
    const { status, stdout, stderr } = await runJava('3.9.1', ['kafka.tools.DumpLogSegments', '--deep-iteration', '--files', files.join(',')]);
    expect(status, stderr).to.equal(0);
    expect(stdout).to.not.match(/Mismatches|out of order|isvalid: false|not found|Non-consecutive/i);
    expect([...stdout.matchAll(/^\| offset: /gm)]).to.have.lengthOf(expected.length);
  });

  it('written on and killed by the way, is recovered by the other', async () => {
    await startKafka();
    expect(await consumed()).to.deep.equal(expected);
    await produce(numbered('kafka before the kill', 300));
    await stopKafka('SIGKILL');
    const manager = await open(folder);
    const log = manager.logOf('shared', 0)!;
    expect(valuesOf(log)).to.deep.equal(expected);
    const values = numbered('ours before the kill', 300);
    append(log, values, 'lz4');
    expected.push(...values);
    const killed = path.join(home, 'killed');
    fs.cpSync(folder, killed, { recursive: true }); // what a kill -9 of our process would leave
    await manager.close();
    fs.rmSync(path.join(killed, '.lock'));
    fs.rmSync(folder, { recursive: true });
    fs.renameSync(killed, folder);
    await sessionEnd();
    await startKafka();
    expect(await consumed()).to.deep.equal(expected);
    await stopKafka('SIGTERM');
  });
});
