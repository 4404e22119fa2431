import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { runTool, startOurBroker, startOurZooKeeper, temporaryFolder } from '../support/processes.ts';
import type { OurBroker, OurZooKeeper, ToolRun } from '../support/processes.ts';
import { runJava } from './real-kafka.ts';

const classes = {
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-console-producer': 'kafka.tools.ConsoleProducer',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
} as const;
type ToolName = keyof typeof classes;

/** Without log lines and Java's traces. */
const plain = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^(\t(at|\.\.\.)|Caused by|\[\d{4}-)/.test(line))
    .join('\n');

const internal = (topic: string, formatter: string, count: number): string =>
  `--topic ${topic} --partition 0 --offset earliest --max-messages ${count} --formatter ${formatter}`;
const formatters = 'org.apache.kafka.tools.consumer';

/** The same arguments to our tool and to Apache Kafka's, against one broker of ours: the same words and exit code. */
describe('tools that read offsets, records and configs, word for word as those of Apache Kafka 3.9.1', function () {
  this.timeout(90_000);
  let folder: string;
  let zookeeper: OurZooKeeper;
  let broker: OurBroker;
  let address: string;

  before(async () => {
    folder = temporaryFolder();
    zookeeper = await startOurZooKeeper(folder);
    const properties = { 'offsets.topic.num.partitions': 1, 'transaction.state.log.num.partitions': 1 };
    broker = await startOurBroker({ id: 1, zookeeper: `127.0.0.1:${zookeeper.port}`, folder, properties });
    address = `127.0.0.1:${broker.port}`;
    fs.writeFileSync(path.join(folder, 'formatter.properties'), 'print.offset=true\nprint.partition=true\nkey.separator=|\nline.separator=;\n');
    fs.writeFileSync(path.join(folder, 'admin.properties'), 'client.id=mine\nrequest.timeout.ms=9000\n');
    await must('kafka-topics', ['--create', '--topic', 'plain', '--partitions', '3']);
    await must('kafka-topics', ['--create', '--topic', 'other.topic', '--partitions', '1']);
    const line = ['--property', 'parse.key=true', '--property', 'parse.headers=true', '--property', 'null.marker=NULL'];
    await must('kafka-console-producer', ['--topic', 'other.topic', ...line], 'h1:v1,h2:v2\tk1\tone\nh:NULL\tNULL\ttwo\nNULL\tk3\tNULL\n');
    await must('kafka-console-producer', ['--topic', 'plain'], 'a\nb\nc\nd\n');
    await must('kafka-console-consumer', ['--topic', 'other.topic', '--group', 'readers', '--from-beginning', '--max-messages', '3']);
    const props = ['--producer-props', `bootstrap.servers=${address}`, '--transaction-duration-ms', '1000', '--transactional-id', 'mine'];
    const { status, stderr } = await runTool('kafka-producer-perf-test', ['--topic', 'plain', '--num-records', '3', '--record-size', '4', '--throughput', '-1', ...props]);
    expect(status, stderr).to.equal(0);
  });

  after(async () => {
    await broker?.stop('SIGKILL');
    await zookeeper?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  async function must(tool: string, args: readonly string[], input = ''): Promise<void> {
    const { status, stdout, stderr } = await runTool(tool, ['--bootstrap-server', address, ...args], { input });
    expect(status, stdout + stderr).to.equal(0);
  }

  async function same(tool: ToolName, args: string, input = ''): Promise<ToolRun> {
    const server = tool === 'kafka-configs' ? ['--zookeeper', `127.0.0.1:${zookeeper.port}`] : ['--bootstrap-server', address];
    const all = [...server, ...args.split(' ').map((arg) => arg.replace('{folder}', folder))];
    const [ours, theirs] = await Promise.all([runTool(tool, all, { input }), runJava('3.9.1', [classes[tool], ...all], { input })]);
    const seen = (run: ToolRun): object => ({ status: run.status, stdout: plain(run.stdout), stderr: plain(run.stderr) });
    expect(seen(ours), args).to.deep.equal(seen(theirs));
    return ours;
  }

  const cases: readonly (readonly [ToolName, string, string?])[] = [
    ['kafka-get-offsets', '--exclude-internal-topics --command-config {folder}/admin.properties'],
    ['kafka-get-offsets', '--time earliest'],
    ['kafka-get-offsets', '--topic-partitions plain:1-,other.*:0,:7 --time -1'],
    ['kafka-get-offsets', '--topic plain|other.topic --partitions 0,2 --time max-timestamp'],
    ['kafka-get-offsets', '--topic other.topic --time 1700000000000'],
    ['kafka-get-offsets', '--topic other.topic --time 99999999999999'],
    ['kafka-get-offsets', '--topic other.topic --time earliest-local'],
    ['kafka-get-offsets', '--topic other.topic --time latest-tiered'],
    ['kafka-get-offsets', '--topic plain --topic-partitions plain:0'],
    ['kafka-get-offsets', '--topic nope'],
    ['kafka-get-offsets', '--topic plain --partitions a,b'],
    ['kafka-get-offsets', '--topic plain --time soon'],
    ['kafka-console-consumer', '--topic other.topic --from-beginning --max-messages 3 --property print.key=true --property print.offset=true --property print.partition=true --property print.headers=true --property print.timestamp=true --property null.literal=- --property headers.separator=#'],
    ['kafka-console-consumer', '--topic other.topic --from-beginning --max-messages 3 --formatter-config {folder}/formatter.properties --property print.key=true --property print.value=false'],
    ['kafka-console-consumer', '--topic other.topic --partition 0 --offset 1 --max-messages 1 --formatter kafka.tools.LoggingMessageFormatter'],
    ['kafka-console-consumer', '--topic other.topic --from-beginning --max-messages 2 --formatter kafka.tools.NoOpMessageFormatter'],
    ['kafka-console-consumer', internal('__consumer_offsets', `${formatters}.OffsetsMessageFormatter`, 3)],
    ['kafka-console-consumer', internal('__consumer_offsets', `${formatters}.GroupMetadataMessageFormatter`, 3)],
    ['kafka-console-consumer', internal('__transaction_state', `${formatters}.TransactionLogMessageFormatter`, 4)],
    ['kafka-console-producer', '--topic plain --request-required-acks 1 --producer-property enable.idempotence=true', 'x\n'],
    ['kafka-console-producer', '--topic plain --producer-property enable.idempotence=false --request-required-acks 1 --sync', 'x\n'],
    ['kafka-configs', '--alter --entity-type brokers --entity-name 1 --add-config log.cleaner.threads=2'],
    ['kafka-configs', '--alter --entity-type brokers --entity-name 7 --add-config log.cleaner.threads=2,log.retention.ms=5'],
    ['kafka-configs', '--describe --entity-type brokers --entity-name 7'],
    ['kafka-configs', '--alter --entity-type users --entity-name a@b --entity-type clients --entity-name c --add-config SCRAM-SHA-256=[password=x]'],
    ['kafka-configs', '--alter --entity-type users --entity-name a@b --add-config consumer_byte_rate=1 --delete-config x,y'],
  ];
  for (const [tool, args, input] of cases) {
    it(`${tool} ${args.replaceAll(formatters, '…')}`, async () => {
      await same(tool, args, input);
    });
  }
});
