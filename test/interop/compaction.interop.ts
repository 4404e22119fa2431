import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { createProducer } from '../../src/client/index.ts';
import * as batch from '../../src/record/batch.ts';
import { initialiseCodecs } from '../../src/record/initialise-codecs.ts';
import { readBatchRecords } from '../../src/record/read.ts';
import { freePort, runCommand, runTool, startOurBroker, startOurZooKeeper, temporaryFolder } from '../support/processes.ts';
import type { OurZooKeeper } from '../support/processes.ts';
import { runJava, startRealKafka } from './real-kafka.ts';
import { kcat } from './requirements.ts';

/*
 * A log that Apache Kafka wrote is compacted twice, from two copies: by Kafka's cleaner and by ours. Then Kafka opens ours.
 */
type Maker = 'ours' | 'Kafka 3.9.1';

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const keys = 40;
const format = '%o %T %K:%k %S:%s %h\n';
const cleaner = { 'log.cleaner.backoff.ms': 100, 'log.cleaner.min.cleanable.ratio': 0.01, 'log.initial.task.delay.ms': 100 };

interface Batch {
  readonly position: string;
  readonly header: string;
  readonly records: unknown;
}

/** Without checksum, sizes, and the delete horizon, whose time is that of the pass. */
function batchesOf(file: string): Batch[] {
  const bytes = fs.readFileSync(file);
  return [...batch.readBatches(bytes)].map((start) => {
    const horizon = batch.hasDeleteHorizon(bytes, start) ? 'horizon' : String(batch.baseTimestamp(bytes, start));
    return {
      position: `${batch.baseOffset(bytes, start)} ${batch.lastOffset(bytes, start)} ${batch.leaderEpoch(bytes, start)}`,
      header: `${batch.attributes(bytes, start)} ${horizon} ${bytes.toString('hex', start + 35, start + 61)}`,
      records: readBatchRecords(bytes, start),
    };
  });
}

describe('a log compacted by Apache Kafka and by ours', function () {
  this.bail(true);
  let folder: string;
  let zookeeper: OurZooKeeper;
  let port: number;
  let running: { stop(signal?: NodeJS.Signals): Promise<void> } | undefined;
  const directoryOf = (name: string): string => path.join(folder, name);

  before(async () => {
    await initialiseCodecs();
    folder = temporaryFolder();
    zookeeper = await startOurZooKeeper(folder);
    port = await freePort();
  });
  after(async () => {
    await running?.stop('SIGKILL');
    await zookeeper?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  async function start(maker: Maker, logs: string, properties: Readonly<Record<string, string | number>>): Promise<void> {
    const common = { id: 1, port, zookeeper: `127.0.0.1:${zookeeper.port}`, properties: { 'log.dirs': directoryOf(logs), ...properties } };
    running = maker === 'ours' ? await startOurBroker({ ...common, folder }) : await startRealKafka({ ...common, folder: path.join(folder, 'real') });
    if (logs !== 'written') await leadersKnown();
  }
  /** A broker that has just started may not know its topics yet. */
  async function leadersKnown(): Promise<void> {
    const producer = createProducer({ bootstrapServers: `127.0.0.1:${port}` });
    try {
      for (const codec of codecs) await producer.partitionsOf(`keys-${codec}`);
    } finally {
      await producer.close();
    }
  }
  async function stop(): Promise<void> {
    await running?.stop();
    running = undefined;
  }
  async function produce(codec: string, options: readonly string[], lines: readonly string[]): Promise<void> {
    const args = ['-b', `127.0.0.1:${port}`, '-P', '-t', `keys-${codec}`, '-p', '0', '-K', '|', '-Z', '-z', codec, '-H', 'h=é', '-X', 'acks=all', ...options];
    const { status, stderr } = await runCommand(kcat(), args, { input: lines.map((line) => `${line}\n`).join('') });
    expect(status, stderr).to.equal(0);
  }
  async function read(codec: string): Promise<string> {
    const { status, stdout, stderr } = await runCommand(kcat(), ['-b', `127.0.0.1:${port}`, '-C', '-t', `keys-${codec}`, '-p', '0', '-o', 'beginning', '-e', '-q', '-f', format]);
    expect(status, stderr).to.equal(0);
    return stdout;
  }
  const readAll = (): Promise<string[]> => Promise.all(codecs.map(read));
  const checkpointOf = (logs: string): string[] => {
    const file = path.join(directoryOf(logs), 'cleaner-offset-checkpoint');
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith('keys-')).toSorted() : [];
  };
  async function cleaned(logs: string): Promise<void> {
    for (const deadline = Date.now() + 60_000; checkpointOf(logs).length < codecs.length; ) {
      if (Date.now() > deadline) throw new Error(`not cleaned: ${checkpointOf(logs).join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** What kafka-dump-log finds wrong with the files: of an empty batch that has a time index entry it says the same of Kafka's. */
  async function complaintsOf(logs: string): Promise<string[]> {
    const partitions = codecs.map((codec) => path.join(directoryOf(logs), `keys-${codec}-0`));
    const files = partitions.flatMap((partition) => fs.readdirSync(partition).filter((name) => /\.(log|index|timeindex)$/.test(name)).map((name) => path.join(partition, name)));
    const { status, stdout, stderr } = await runJava('3.9.1', ['kafka.tools.DumpLogSegments', '--deep-iteration', '--files', files.join(',')]);
    expect(status, stderr).to.equal(0);
    const lines = `${stdout}${stderr}`.replaceAll(directoryOf(logs), '').split('\n');
    return lines.filter((line) => /mismatch|Found|Index (timestamp|offset)|Exception/.test(line)).toSorted();
  }

  it('begins with what Apache Kafka wrote without cleaning', async () => {
    await start('Kafka 3.9.1', 'written', { 'log.cleaner.enable': 'false' });
    for (const codec of codecs) {
      const topic = ['--bootstrap-server', `127.0.0.1:${port}`, '--create', '--topic', `keys-${codec}`, '--partitions', '1', '--replication-factor', '1'];
      const properties = ['cleanup.policy=compact', 'segment.bytes=20000', 'index.interval.bytes=1000'].flatMap((property) => ['--config', property]);
      const { status, stdout, stderr } = await runTool('kafka-topics', [...topic, ...properties]);
      expect(status, stdout + stderr).to.equal(0);
      for (let round = 0; round < 6; round++) {
        const isTombstone = (index: number): boolean => (index + round) % 11 === 0;
        const lines = Array.from({ length: 150 }, (_, index) => `key-${(index * 7 + round) % keys}|${isTombstone(index) ? '' : `round ${round} value ${index} ${'é'.repeat(index % 60)}`}`);
        await produce(codec, ['-X', `batch.num.messages=${round + 5}`, '-X', `enable.idempotence=${round % 2 === 0}`], lines);
      }
    }
    await stop();
    for (const copy of ['theirs', 'ours']) fs.cpSync(directoryOf('written'), directoryOf(copy), { recursive: true });
  });

  let readings: readonly string[];

  it('is cleaned as far, and holds the same batches in the same segments', async () => {
    await start('Kafka 3.9.1', 'theirs', cleaner);
    await cleaned('theirs');
    readings = await readAll();
    await stop();
    await start('ours', 'ours', cleaner);
    await cleaned('ours');
    expect(await readAll()).to.deep.equal(readings);
    await stop();
    expect(checkpointOf('ours')).to.deep.equal(checkpointOf('theirs'));
    for (const codec of codecs) {
      const segmentsOf = (logs: string): string[] => fs.readdirSync(path.join(directoryOf(logs), `keys-${codec}-0`)).filter((name) => name.endsWith('.log')).toSorted();
      expect(segmentsOf('ours'), codec).to.deep.equal(segmentsOf('theirs'));
      const sizeOf = (logs: string): number => segmentsOf(logs).reduce((sum, name) => sum + fs.statSync(path.join(directoryOf(logs), `keys-${codec}-0`, name)).size, 0);
      expect(sizeOf('ours'), codec).to.be.lessThan(sizeOf('written'));
      for (const name of segmentsOf('ours')) {
        const [ours, theirs] = (['ours', 'theirs'] as const).map((logs) => batchesOf(path.join(directoryOf(logs), `keys-${codec}-0`, name)));
        expect(ours, `${codec} ${name}`).to.deep.equal(theirs);
      }
    }
  });

  it('is read by Apache Kafka as its own, indexes included', async () => {
    await start('Kafka 3.9.1', 'ours', { 'log.cleaner.enable': 'false' });
    expect(await readAll()).to.deep.equal(readings);
    await stop();
    expect(await complaintsOf('ours')).to.deep.equal(await complaintsOf('theirs'));
  });
});
