import { expect } from 'chai';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { createProducer } from '../../src/client/index.ts';
import { freePort, runCommand, runTool, startOurBroker, startOurZooKeeper, temporaryFolder } from '../support/processes.ts';
import type { OurZooKeeper, ToolRun } from '../support/processes.ts';
import { runJava, startRealKafka } from './real-kafka.ts';
import { kcat } from './requirements.ts';

type Maker = 'ours' | 'Kafka 3.9.1';

interface Running {
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** As kcat prints a record: offset, timestamp, key and value with their lengths (-1 is null), headers. */
const format = '%o %T %K:%k %S:%s %h\n';
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const headers = ['first=1', 'empty=', 'twice=a', 'twice=é'];
const recordsPerTurn = 600;

/** Every ninth record deletes its key; the rest hardly compress, so that segments fill with every codec. */
function valueOf(turn: string, index: number): string {
  if (index % 9 === 8) return '';
  return `${turn} ${index} é ${createHash('sha512').update(`${turn} ${index}`).digest('base64').slice(index % 80)}`;
}

/** A reading without its timestamps, which producers choose. */
const withoutTimestamps = (text: string): string => text.replace(/^(\d+) \d+ /gm, '$1 ');

function expectedReading(turns: readonly string[]): string {
  const lines = turns.flatMap((turn, nth) =>
    Array.from({ length: recordsPerTurn }, (_, index) => {
      const key = `key-${index % 50}`;
      const value = valueOf(turn, index);
      return `${nth * recordsPerTurn + index} ${key.length}:${key} ${value === '' ? -1 : Buffer.byteLength(value)}:${value} ${headers.join(',')}\n`;
    }),
  );
  return lines.join('');
}

/** One broker.id, one ZooKeeper, one log.dirs: two makers hold them in turns. Each step goes on from the one before. */
for (const [first, second] of [['ours', 'Kafka 3.9.1'], ['Kafka 3.9.1', 'ours']] as const) {
  describe(`a data directory begun by ${first}, gone on with by ${second}`, function () {
    this.bail(true);
    let folder: string;
    let zookeeper: OurZooKeeper;
    let logDirectory: string;
    let port: number;
    let running: Running | undefined;
    const turns: string[] = [];
    /** What the last holder of the directory read from each topic. */
    const readings = new Map<string, string>();

    before(async () => {
      folder = temporaryFolder();
      logDirectory = path.join(folder, 'broker-1', 'logs');
      zookeeper = await startOurZooKeeper(folder);
      port = await freePort();
    });
    after(async () => {
      await running?.stop('SIGKILL');
      await zookeeper?.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    });

    async function start(maker: Maker): Promise<void> {
      const common = { id: 1, port, zookeeper: `127.0.0.1:${zookeeper.port}`, properties: { 'log.dirs': logDirectory } };
      running = maker === 'ours' ? await startOurBroker({ ...common, folder }) : await startRealKafka({ ...common, folder: path.join(folder, 'real') });
      if (turns.length > 0) await leadersKnown();
    }

    async function stop(): Promise<void> {
      await running?.stop();
      running = undefined;
    }

    async function run(tool: string, args: readonly string[], input = ''): Promise<string> {
      const { status, stdout, stderr } = await runCommand(tool, ['-b', `127.0.0.1:${port}`, ...args], { input });
      expect(status, stderr).to.equal(0);
      return stdout;
    }

    async function createTopics(): Promise<void> {
      for (const codec of codecs) {
        const created = await runTool('kafka-topics', ['--bootstrap-server', `127.0.0.1:${port}`, '--create', '--topic', `turns-${codec}`, '--partitions', '1', '--replication-factor', '1', '--config', 'segment.bytes=16384', '--config', 'index.interval.bytes=1024']);
        expect(created.status, created.stdout + created.stderr).to.equal(0);
      }
    }

    async function produce(turn: string): Promise<void> {
      const input = Array.from({ length: recordsPerTurn }, (_, index) => `key-${index % 50}|${valueOf(turn, index)}\n`).join('');
      for (const codec of codecs) {
        await run(kcat(), ['-P', '-t', `turns-${codec}`, '-p', '0', '-K', '|', '-Z', '-z', codec, '-X', 'batch.num.messages=20', '-X', 'acks=all', ...headers.flatMap((header) => ['-H', header])], input);
      }
      turns.push(turn);
    }

    const read = (codec: string): Promise<string> => run(kcat(), ['-C', '-t', `turns-${codec}`, '-p', '0', '-o', 'beginning', '-e', '-q', '-f', format]);

    async function expectAllRecords(): Promise<void> {
      for (const codec of codecs) {
        const reading = await read(codec);
        expect(withoutTimestamps(reading), codec).to.equal(expectedReading(turns));
        const before = readings.get(codec) ?? '';
        expect(reading.slice(0, before.length), `${codec}, with timestamps`).to.equal(before);
        readings.set(codec, reading);
      }
    }

    function files(pattern: RegExp): string[] {
      return codecs.flatMap((codec) => {
        const partition = path.join(logDirectory, `turns-${codec}-0`);
        return fs.readdirSync(partition).filter((name) => pattern.test(name)).map((name) => path.join(partition, name));
      });
    }

    /** A broker that has just started may not know its topics yet. */
    async function leadersKnown(): Promise<void> {
      const producer = createProducer({ bootstrapServers: `127.0.0.1:${port}` });
      try {
        for (const codec of codecs) await producer.partitionsOf(`turns-${codec}`);
      } finally {
        await producer.close();
      }
    }

    /** What kafka-dump-log of either maker says about the files that either has written. */
    async function expectSoundFiles(): Promise<void> {
      const logs = files(/\.log$/);
      expect(logs.length, 'segments').to.be.greaterThan(3 * codecs.length);
      const indexes = files(/\.(index|timeindex)$/);
      const deep = ['--deep-iteration', '--files', [...logs, ...indexes].join(',')];
      const sanity = ['--index-sanity-check', '--files', indexes.join(',')];
      const dumps = new Map<string, ToolRun>([
        ['of Kafka', await runJava('3.9.1', ['kafka.tools.DumpLogSegments', ...deep])],
        ['of ours', await runTool('kafka-dump-log', deep)],
      ]);
      for (const [dump, { status, stdout, stderr }] of dumps) {
        expect(status, dump + stderr).to.equal(0);
        expect(stdout + stderr, dump).to.not.match(/Mismatches|out of order|isvalid: false|not found|Non-consecutive|Exception/i);
        expect([...stdout.matchAll(/^\| offset: /gm)], dump).to.have.lengthOf(codecs.length * turns.length * recordsPerTurn);
      }
      const checks = [await runJava('3.9.1', ['kafka.tools.DumpLogSegments', ...sanity]), await runTool('kafka-dump-log', sanity)];
      for (const { status, stdout, stderr } of checks) {
        expect(status, stderr).to.equal(0);
        expect([...stdout.matchAll(/ (passed sanity check|is empty)\.$/gm)], stdout + stderr).to.have.lengthOf(indexes.length);
      }
    }

    it(`${first} writes every codec into several segments`, async () => {
      await start(first);
      await createTopics();
      await produce(`first ${first}`);
      await expectAllRecords();
      await stop();
    });

    it('neither kafka-dump-log finds a fault in them', expectSoundFiles);

    it(`${second} reads every record and appends`, async () => {
      await start(second);
      await expectAllRecords();
      await produce(`second ${second}`);
      await expectAllRecords();
      await stop();
    });

    it('neither kafka-dump-log finds a fault in what both wrote', expectSoundFiles);

    it(`${first} reads the records of both and appends again`, async () => {
      await start(first);
      await expectAllRecords();
      await produce(`third ${first}`);
      await expectAllRecords();
      await stop();
    });

    it('neither kafka-dump-log finds a fault at the end', expectSoundFiles);
  });
}
