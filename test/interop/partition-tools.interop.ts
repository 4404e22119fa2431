import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { freePort, runTool, startOurZooKeeper, temporaryFolder } from '../support/processes.ts';
import type { OurZooKeeper } from '../support/processes.ts';
import type { RunningJava } from './real-kafka.ts';
import { runJava, startRealKafka } from './real-kafka.ts';

const classes = {
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
} as const;
type ToolName = keyof typeof classes;

/** Without Java's stack traces; Kafka's words for a time that is up depend on what its client waited for at that moment. */
const plain = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^(\t(at|\.\.\.|Suppressed)|Caused by|\[\d{4}-|(java|org|com|joptsimple)[a-z.]*\.[A-Z]\w*: )/.test(line))
    .join('\n')
    .replace(/TimeoutException: .*deleteRecords\(api=METADATA\).*/g, 'TimeoutException: deleteRecords(api=METADATA)')
    .trimEnd();

const plan = (...partitions: object[]): string => JSON.stringify({ version: 1, partitions });

/** The same arguments to our tool and to Apache Kafka's, against one Apache Kafka broker: the same words and exit code. */
describe('tools for partitions against Apache Kafka 3.9.1, word for word as its own', function () {
  this.timeout(60_000);
  let folder: string;
  let zookeeper: OurZooKeeper;
  let kafka: RunningJava | undefined;
  let address: string;

  before(async function () {
    this.timeout(180_000);
    folder = temporaryFolder();
    zookeeper = await startOurZooKeeper(folder);
    const port = await freePort();
    address = `127.0.0.1:${port}`;
    const directories = ['d1', 'd2'].map((name) => path.join(folder, name));
    kafka = await startRealKafka({ id: 0, port, zookeeper: `127.0.0.1:${zookeeper.port}`, folder: path.join(folder, 'kafka'), properties: { 'log.dirs': directories.join(','), 'auto.create.topics.enable': 'false' } });
    for (const topic of ['ra', 'go2']) await runTool('kafka-topics', ['--bootstrap-server', address, '--create', '--topic', topic, '--partitions', '2']);
    await runTool('kafka-console-producer', ['--bootstrap-server', address, '--topic', 'ra'], { input: Array.from({ length: 10 }, (_, index) => `${index}\n`).join('') });
  });

  after(async () => {
    await kafka?.stop('SIGKILL');
    await zookeeper.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  async function same(tool: ToolName, args: readonly string[], content?: string): Promise<string> {
    const file = path.join(folder, 'plan.json');
    if (content !== undefined) fs.writeFileSync(file, content);
    const properties = path.join(folder, 'fast.properties');
    fs.writeFileSync(properties, 'default.api.timeout.ms=3000\nrequest.timeout.ms=2000\n');
    const all = ['--bootstrap-server', address, tool === 'kafka-leader-election' ? '--admin.config' : '--command-config', properties, ...args.map((arg) => (arg === '{file}' ? file : arg))];
    const [ours, theirs] = [await runTool(tool, all), await runJava('3.9.1', [classes[tool], ...all])];
    const seen = (run: typeof ours): object => ({ status: run.status, stdout: plain(run.stdout), stderr: plain(run.stderr) });
    expect(seen(ours)).to.deep.equal(seen(theirs));
    return ours.stdout;
  }

  const cases: readonly (readonly [ToolName, string, string?])[] = [
    ['kafka-delete-records', '--offset-json-file {file}', plan({ topic: 'ra', partition: 0, offset: 9999 }, { topic: 'ra', partition: 1, offset: -1 }, { topic: 'nope', partition: 0, offset: 1 })],
    ['kafka-delete-records', '--offset-json-file {file}', plan({ topic: 'ra', partition: 0, offset: 0 }, { topic: 'ra', partition: 0, offset: 1 })],
    ['kafka-leader-election', '--election-type preferred --path-to-json-file {file}', plan({ topic: 'ra', partition: 0 }, { topic: 'ra', partition: 1 }, { topic: 'go2', partition: 1 })],
    ['kafka-leader-election', '--election-type UNCLEAN --path-to-json-file {file}', plan({ topic: 'ra', partition: 0 }, { topic: 'nope', partition: 1 })],
    ['kafka-leader-election', '--election-type preferred --all-topic-partitions'],
    ['kafka-log-dirs', '--describe'],
    ['kafka-log-dirs', '--describe --topic-list ra --broker-list 0,99'],
    ['kafka-reassign-partitions', '--list'],
    ['kafka-reassign-partitions', '--generate --broker-list 0 --topics-to-move-json-file {file}', '{"topics":[{"topic":"ra"},{"topic":"go2"}]}'],
    ['kafka-reassign-partitions', '--generate --broker-list 5 --topics-to-move-json-file {file}', '{"topics":[{"topic":"ra"}]}'],
    ['kafka-reassign-partitions', '--execute --throttle 2000 --reassignment-json-file {file}', plan({ topic: 'ra', partition: 1, replicas: [0] }, { topic: 'go2', partition: 0, replicas: [0] })],
    ['kafka-reassign-partitions', '--verify --reassignment-json-file {file}', plan({ topic: 'ra', partition: 1, replicas: [0] }, { topic: 'go2', partition: 0, replicas: [0] })],
    ['kafka-reassign-partitions', '--verify --reassignment-json-file {file}', plan({ topic: 'nope', partition: 1, replicas: [0] })],
    ['kafka-reassign-partitions', '--cancel --preserve-throttles --reassignment-json-file {file}', plan({ topic: 'ra', partition: 1, replicas: [0] })],
    ['kafka-reassign-partitions', '--execute --reassignment-json-file {file}', plan({ topic: 'ra', partition: 9, replicas: [0] })],
    ['kafka-reassign-partitions', '--execute --reassignment-json-file {file}', plan({ topic: 'ra', partition: 0, replicas: [77, 5] })],
    ['kafka-reassign-partitions', '--execute --timeout 1000 --reassignment-json-file {file}', plan({ topic: 'ra', partition: 0, replicas: [0], log_dirs: ['/nowhere'] })],
  ];
  for (const [tool, args, content] of cases) {
    it(`${tool} ${args}${content === undefined ? '' : ` < ${content}`}`, async () => {
      await same(tool, args.split(' '), content);
    });
  }

  /** Waits until ra-0 is in that directory alone. */
  async function moved(target: string): Promise<void> {
    const isThere = (directory: string): boolean => fs.readdirSync(path.join(folder, directory)).some((name) => name === 'ra-0' || (name.startsWith('ra-0.') && name.endsWith('-future')));
    while (['d1', 'd2'].some((directory) => isThere(directory) !== (path.join(folder, directory) === target))) await new Promise((resolve) => setTimeout(resolve, 100));
  }

  it('a replica moves to the other log directory', async () => {
    const target = path.join(folder, 'd1');
    for (const directory of [path.join(folder, 'd2'), target]) {
      const args = ['--execute', '--replica-alter-log-dirs-throttle', '1000000', '--reassignment-json-file', '{file}'];
      const out = await same('kafka-reassign-partitions', args, plan({ topic: 'ra', partition: 0, replicas: [0], log_dirs: [directory] }));
      expect(out).to.contain(`Successfully started moving log directory to ${directory} for replica ra-0 with broker 0 \n`);
    }
    await moved(target);
    const out = await same('kafka-reassign-partitions', ['--verify', '--reassignment-json-file', '{file}'], plan({ topic: 'ra', partition: 0, replicas: [0], log_dirs: [target] }));
    expect(out).to.contain('Reassignment of replica ra-0-0 completed successfully.');
  });
});
