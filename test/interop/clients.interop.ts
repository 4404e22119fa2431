import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { startOurBroker, startOurZooKeeper, runCommand, temporaryFolder } from '../support/processes.ts';
import type { OurBroker, OurZooKeeper } from '../support/processes.ts';
import { runJava } from './real-kafka.ts';
import { kcat, nodeClients, python } from './requirements.ts';

/** Unmodified clients of other makers against one broker of ours. */
describe('clients of other makers', () => {
  let folder: string;
  let zookeeper: OurZooKeeper;
  let broker: OurBroker;
  let bootstrap: string;

  before(async () => {
    folder = temporaryFolder();
    zookeeper = await startOurZooKeeper(folder);
    broker = await startOurBroker({
      id: 1,
      zookeeper: `127.0.0.1:${zookeeper.port}`,
      folder,
      properties: { 'message.max.bytes': 12_000_000, 'replica.fetch.max.bytes': 12_000_000, 'num.partitions': 1 },
    });
    bootstrap = `127.0.0.1:${broker.port}`;
  });
  after(async () => {
    await broker?.stop();
    await zookeeper?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const lines = (count: number): string => Array.from({ length: count }, (_, index) => `key-${index % 7}:value ${index} ${'é'.repeat(index % 20)}`).join('\n') + '\n';
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

  describe('kcat', () => {
    const consume = async (topic: string, count: number, ...more: string[]): Promise<string> => {
      const { stdout, stderr, status } = await runCommand(kcat(), ['-C', '-b', bootstrap, '-t', topic, '-o', 'beginning', '-c', String(count), '-e', '-q', '-f', '%k:%s\n', ...more]);
      expect(status, stderr).to.equal(0);
      return stdout;
    };

    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      it(`writes and reads ${codec}`, async () => {
        const text = lines(1000);
        const produced = await runCommand(kcat(), ['-P', '-b', bootstrap, '-t', `kcat-${codec}`, '-K', ':', '-z', codec], { input: text });
        expect(produced.status, produced.stderr).to.equal(0);
        expect(await consume(`kcat-${codec}`, 1000)).to.equal(text);
      });
    }

    it('moves a million records', async () => {
      const text = Array.from({ length: 1_000_000 }, (_, index) => `k:${index}`).join('\n') + '\n';
      const produced = await runCommand(kcat(), ['-P', '-b', bootstrap, '-t', 'kcat-million', '-K', ':', '-z', 'lz4'], { input: text });
      expect(produced.status, produced.stderr).to.equal(0);
      expect(digest(await consume('kcat-million', 1_000_000))).to.equal(digest(text));
    });

    it('moves records of ten megabytes', async () => {
      const file = path.join(folder, 'large');
      fs.writeFileSync(file, Buffer.alloc(10_000_000, 'a'));
      const produced = await runCommand(kcat(), ['-P', '-b', bootstrap, '-t', 'kcat-large', '-X', 'message.max.bytes=11000000', file]);
      expect(produced.status, produced.stderr).to.equal(0);
      const large = ['-X', 'fetch.message.max.bytes=12000000', '-X', 'message.max.bytes=12000000', '-X', 'receive.message.max.bytes=120000000'];
      expect((await consume('kcat-large', 1, ...large)).length).to.equal(10_000_000 + ':\n'.length);
    });

    it('lists brokers, topics and partitions', async () => {
      const { stdout, status } = await runCommand(kcat(), ['-L', '-b', bootstrap]);
      expect(status).to.equal(0);
      expect(stdout).to.include(`broker 1 at 127.0.0.1:${broker.port} (controller)`);
      expect(stdout).to.match(/topic "kcat-none" with 1 partitions:\n\s+partition 0, leader 1, replicas: 1, isrs: 1/);
    });
  });

  describe('Python', () => {
    for (const script of ['kafka_python_round_trip.py', 'confluent_kafka_round_trip.py']) {
      it(`${script} passes`, async () => {
        const { stdout, stderr, status } = await runCommand(python(), [path.join(import.meta.dirname, 'scripts', script), bootstrap]);
        expect(status, stdout + stderr).to.equal(0);
        expect(stdout.trim().split('\n').at(-1)).to.equal('ok');
      });
    }
  });

  it('kafkajs creates topics, describes them and produces', async () => {
    const { Kafka, logLevel } = nodeClients()('kafkajs') as KafkaJs;
    const kafka = new Kafka({ clientId: 'interop', brokers: [bootstrap], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    expect(await admin.createTopics({ topics: [{ topic: 'kafkajs', numPartitions: 3 }], waitForLeaders: true })).to.equal(true);
    const producer = kafka.producer();
    await producer.connect();
    const messages = Array.from({ length: 300 }, (_, index) => ({ key: String(index), value: `value ${index}`, headers: { h: 'x' } }));
    await producer.send({ topic: 'kafkajs', messages, acks: -1 });
    const offsets = await admin.fetchTopicOffsets('kafkajs');
    expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).to.equal(300);
    expect((await admin.describeCluster()).brokers.map(({ nodeId }) => nodeId)).to.deep.equal([1]);
    await producer.disconnect();
    await admin.disconnect();
  });

  describe('Kafka\'s own tools', () => {
    it('of 3.9.1 create, describe and list topics', async () => {
      const tool = 'org.apache.kafka.tools.TopicCommand';
      const created = await runJava('3.9.1', [tool, '--bootstrap-server', bootstrap, '--create', '--topic', 'java', '--partitions', '2', '--replication-factor', '1', '--config', 'max.message.bytes=64000']);
      expect(created.stdout).to.equal('Created topic java.\n');
      const { stdout } = await runJava('3.9.1', [tool, '--bootstrap-server', bootstrap, '--describe', '--topic', 'java']);
      expect(stdout).to.match(/^Topic: java\tTopicId: \S{22}\tPartitionCount: 2\tReplicationFactor: 1\tConfigs: max\.message\.bytes=64000\n\tTopic: java\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1/);
      expect((await runJava('3.9.1', [tool, '--bootstrap-server', bootstrap, '--list'])).stdout.split('\n')).to.include('java');
    });

    it('of 2.4.1 create and describe topics through ZooKeeper', async () => {
      const tool = 'kafka.admin.TopicCommand';
      const through = ['--zookeeper', `127.0.0.1:${zookeeper.port}`];
      const created = await runJava('2.4.1', [tool, ...through, '--create', '--topic', 'java24', '--partitions', '1', '--replication-factor', '1']);
      expect(created.stdout).to.include('Created topic java24.');
      const produced = await runCommand(kcat(), ['-P', '-b', bootstrap, '-t', 'java24'], { input: 'one\n' });
      expect(produced.status, produced.stderr).to.equal(0);
      const { stdout } = await runJava('2.4.1', [tool, ...through, '--describe', '--topic', 'java24']);
      expect(stdout).to.include('Topic: java24\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1');
    });

    it('of 3.9.1 produce, consume a partition, and tell offsets', async () => {
      const text = lines(5000);
      const produced = await runJava('3.9.1', ['kafka.tools.ConsoleProducer', '--bootstrap-server', bootstrap, '--topic', 'java-console', '--compression-codec', 'zstd'], { input: text });
      expect(produced.status, produced.stderr).to.equal(0);
      const consumed = await runJava('3.9.1', ['org.apache.kafka.tools.consumer.ConsoleConsumer', '--bootstrap-server', bootstrap, '--topic', 'java-console', '--partition', '0', '--offset', 'earliest', '--max-messages', '5000']);
      expect(digest(consumed.stdout)).to.equal(digest(text));
      expect(consumed.stderr).to.include('Processed a total of 5000 messages');
      const offsets = await runJava('3.9.1', ['org.apache.kafka.tools.GetOffsetShell', '--bootstrap-server', bootstrap, '--topic', 'java-console']);
      expect(offsets.stdout).to.equal('java-console:0:5000\n');
    });

    it('of 3.9.1 find no fault in the files', async () => {
      const file = path.join(broker.logDirectory, 'java-console-0/00000000000000000000.log');
      const { stdout, status } = await runJava('3.9.1', ['kafka.tools.DumpLogSegments', '--files', file, '--deep-iteration']);
      expect(status).to.equal(0);
      expect(stdout).to.include('isvalid: true').and.not.to.include('isvalid: false');
    });
  });
});

/** What is used of kafkajs. */
interface KafkaJs {
  readonly logLevel: { readonly NOTHING: number };
  readonly Kafka: new (options: { clientId: string; brokers: string[]; logLevel: number }) => {
    admin(): {
      connect(): Promise<void>;
      disconnect(): Promise<void>;
      createTopics(options: { topics: { topic: string; numPartitions: number }[]; waitForLeaders: boolean }): Promise<boolean>;
      fetchTopicOffsets(topic: string): Promise<{ high: string }[]>;
      describeCluster(): Promise<{ brokers: { nodeId: number }[] }>;
    };
    producer(): {
      connect(): Promise<void>;
      disconnect(): Promise<void>;
      send(options: { topic: string; acks: number; messages: { key: string; value: string; headers: Record<string, string> }[] }): Promise<unknown>;
    };
  };
}
