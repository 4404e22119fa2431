import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import type { Consumer } from '../../src/client/consumer-types.ts';
import { createAdmin, createConsumer, createProducer } from '../../src/client/index.ts';
import { freePort, runTool, startOurZooKeeper, temporaryFolder } from '../support/processes.ts';
import type { OurZooKeeper, ToolRun } from '../support/processes.ts';
import type { RunningJava } from './real-kafka.ts';
import { runJava, startRealKafka } from './real-kafka.ts';

const classes = {
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-configs': 'kafka.admin.ConfigCommand',
} as const;

/** Without traces and log lines. */
const plain = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^(\s+at |\t\.\.\.|Caused by|\[\d{4}-|(java|org|com)[a-z.]*\.[A-Z]\w*: )/.test(line))
    .join('\n')
    .trimEnd();

/** Our consumer in one group with Java's, on one Apache Kafka broker; our tools against Kafka's own, word for word. */
describe('consumer groups with Apache Kafka 3.9.1', function () {
  this.timeout(60_000);
  let folder: string;
  let zookeeper: OurZooKeeper;
  let kafka: RunningJava | undefined;
  let bootstrapServers: string;

  before(async function () {
    this.timeout(120_000);
    folder = temporaryFolder();
    zookeeper = await startOurZooKeeper(folder);
    const port = await freePort();
    bootstrapServers = `127.0.0.1:${port}`;
    kafka = await startRealKafka({ id: 0, port, zookeeper: `127.0.0.1:${zookeeper.port}`, folder: path.join(folder, 'kafka'), properties: { 'auto.create.topics.enable': 'false' } });
    const admin = createAdmin({ bootstrapServers });
    await admin.createTopics([{ name: 'shared', partitions: 4, replicationFactor: 1 }]);
    await admin.close();
    const producer = createProducer({ bootstrapServers });
    await Promise.all(Array.from({ length: 40 }, (_, index) => producer.send({ topic: 'shared', partition: index % 4, value: `v${index}` })));
    await producer.close();
  });

  after(async () => {
    await kafka?.stop('SIGKILL');
    await zookeeper.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** The same arguments to our tool and to Kafka's: the same words and exit code. */
  async function same(tool: keyof typeof classes, args: readonly string[]): Promise<string> {
    const all = ['--bootstrap-server', bootstrapServers, ...args];
    const [ours, theirs] = [await runTool(tool, all), await runJava('3.9.1', [classes[tool], ...all])];
    const seen = (run: ToolRun): object => ({ status: run.status, stdout: plain(run.stdout), stderr: plain(run.stderr) });
    expect(seen(ours)).to.deep.equal(seen(theirs));
    return ours.stdout;
  }

  for (const strategy of ['range', 'cooperative-sticky'] as const) {
    it(`share out a topic between Java's console consumer and ours by ${strategy}`, async () => {
      const group = `with-${strategy}`;
      const java = { range: 'RangeAssignor', 'cooperative-sticky': 'CooperativeStickyAssignor' }[strategy];
      const property = `partition.assignment.strategy=org.apache.kafka.clients.consumer.${java}`;
      const consumer = createConsumer({ bootstrapServers, groupId: group, autoOffsetReset: 'earliest', partitionAssignmentStrategy: [strategy] });
      consumer.subscribe(['shared']);
      let count = 0;
      while (count < 40) count += (await consumer.poll(1000)).length;
      expect(consumer.assignment()).to.have.lengthOf(4);
      const reading = runJava('3.9.1', [classes['kafka-console-consumer'], '--bootstrap-server', bootstrapServers, '--topic', 'shared', '--group', group, '--consumer-property', property, '--timeout-ms', '9000']);
      await pollUntil(consumer, () => consumer.assignment().length === 2);
      const stop = keepPolling(consumer);
      if (strategy === 'range') {
        for (const view of [[], ['--members', '--verbose'], ['--state']]) await same('kafka-consumer-groups', ['--describe', '--group', group, ...view]);
      }
      await stop();
      await pollUntil(consumer, () => consumer.assignment().length === 4);
      expect((await reading).status).to.equal(0);
      await consumer.close();
    });
  }

  it('are listed, reset and deleted as by Kafka itself', async () => {
    await same('kafka-consumer-groups', ['--list', '--state', '--type']);
    await same('kafka-consumer-groups', ['--describe', '--group', 'with-range']);
    await same('kafka-consumer-groups', ['--reset-offsets', '--group', 'with-range', '--topic', 'shared', '--shift-by', '-3', '--export', '--dry-run']);
    await same('kafka-consumer-groups', ['--reset-offsets', '--group', 'with-range', '--all-topics', '--to-offset', '300', '--execute']);
    await same('kafka-consumer-groups', ['--delete-offsets', '--group', 'with-range', '--topic', 'shared:0']);
    await same('kafka-consumer-groups', ['--delete', '--group', 'none']);
  });

  it('leave the configs of topics, brokers, clients and users to kafka-configs, which prints them as Kafka does', async () => {
    const cases = [
      '--alter --topic shared --add-config retention.ms=123456,cleanup.policy=[compact,delete]',
      '--describe --entity-type topics --entity-name shared',
      '--describe --broker 0 --all',
      '--alter --entity-type brokers --entity-name 0 --add-config log.cleaner.threads=-1',
      '--alter --user u2 --add-config SCRAM-SHA-256=[iterations=8192,password=x]',
      '--describe --entity-type users',
    ];
    for (const args of cases) await same('kafka-configs', args.split(' '));
  });
});

async function pollUntil(consumer: Consumer, isDone: () => boolean): Promise<void> {
  for (let polls = 0; !isDone(); polls++) {
    if (polls > 150) throw new Error('the group did not settle within 30 s');
    await consumer.poll(200);
  }
}

/** @returns ends it */
function keepPolling(consumer: Consumer): () => Promise<void> {
  let isOn = true;
  const polling = (async () => {
    while (isOn) await consumer.poll(200);
  })();
  return async () => {
    isOn = false;
    await polling;
  };
}
