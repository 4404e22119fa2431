import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { freePort, runTool, startOurBroker, startOurZooKeeper, temporaryFolder } from '../support/processes.ts';
import type { OurZooKeeper, ToolRun } from '../support/processes.ts';
import { runJava, startRealKafka } from './real-kafka.ts';

const classes = {
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
} as const;
type ToolName = keyof typeof classes;

const ids = [1, 2, 3];
const properties = { 'log.retention.hours': 5, 'auto.leader.rebalance.enable': 'false', 'zookeeper.session.timeout.ms': 6000, 'replica.fetch.max.bytes': 100_000 };

/** Three brokers, of ours or of Apache Kafka. */
interface Cluster {
  readonly bootstrap: string;
  readonly folder: string;
  stop(): Promise<void>;
}

async function startCluster(kind: 'ours' | 'real'): Promise<Cluster> {
  const folder = temporaryFolder();
  const zookeeper: OurZooKeeper = await startOurZooKeeper(folder);
  const brokers = await Promise.all(
    ids.map(async (id) => {
      const port = await freePort();
      const common = { id, port, zookeeper: `127.0.0.1:${zookeeper.port}`, folder: kind === 'ours' ? folder : path.join(folder, `real-${id}`) };
      const all = { ...properties, 'log.dirs': [1, 2].map((number) => path.join(folder, `b${id}-d${number}`)).join(',') };
      const broker = kind === 'ours' ? await startOurBroker({ ...common, properties: all }) : await startRealKafka({ ...common, properties: all });
      return { port, stop: () => broker.stop('SIGKILL') };
    }),
  );
  return {
    bootstrap: brokers.map(({ port }) => `127.0.0.1:${port}`).join(','),
    folder,
    async stop() {
      await Promise.all(brokers.map((broker) => broker.stop()));
      await zookeeper.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Without what differs between two clusters of the same kind. */
function plain(text: string, { folder, bootstrap }: Cluster): string {
  const addresses = bootstrap.split(',');
  return addresses
    .reduce((seen, address, index) => seen.replaceAll(address, `broker-${ids[index]}`), text.replaceAll(folder, 'FOLDER'))
    .replace(/\[\d{4}-\d\d-\d\d [^\]]*\]/g, '[TIME]')
    .replace(/(zookeeper.connect=127.0.0.1):\d+/g, '$1:PORT')
    .split('\n')
    .filter((line) => !/^\t(at|\.\.\.)|^Caused by/.test(line))
    .map((line) => (line.startsWith('{"brokers"') ? plainDirectories(line) : line))
    .join('\n')
    .trimEnd();
}

/** In the order of paths; how much lies there, and is still to be copied, is a matter of the moment. */
function plainDirectories(line: string): string {
  const { brokers } = JSON.parse(line) as { brokers: { logDirs: { logDir: string; partitions: { partition: string; isFuture: boolean; offsetLag: number }[] }[] }[] };
  for (const { logDirs } of brokers) logDirs.sort((one, other) => (one.logDir < other.logDir ? -1 : 1));
  const told = (_name: string, value: unknown): unknown => (typeof value === 'number' && value > 3 ? 'some' : value);
  return JSON.stringify(brokers, told);
}

describe('Apache Kafka 3.9.1\'s own tools see three brokers of ours as three of its own', function () {
  this.timeout(60_000);
  let clusters: readonly [Cluster, Cluster];

  before(async function () {
    this.timeout(120_000);
    clusters = await Promise.all([startCluster('ours'), startCluster('real')]);
    await ours('kafka-topics', '--create --topic t --replica-assignment 1:2,1:2,1:2,1:2');
    // All of it in the last partition, so that a throttle is felt, and not by those that are empty.
    const lines = Array.from({ length: 2000 }, (_, index) => `last:${index} ${'x'.repeat(1000)}\n`).join('');
    const keyed = ['parse.key=true', 'key.separator=:'].flatMap((property) => ['--property', property]);
    await Promise.all(clusters.map(({ bootstrap }) => runTool('kafka-console-producer', ['--bootstrap-server', bootstrap, '--topic', 't', '--producer-property', 'acks=all', ...keyed], { input: lines })));
  });
  after(() => Promise.all(clusters?.map((cluster) => cluster.stop()) ?? []));

  const argumentsOf = (cluster: Cluster, args: string, content?: (cluster: Cluster) => string): string[] => {
    const file = path.join(cluster.folder, 'plan.json');
    if (content !== undefined) fs.writeFileSync(file, content(cluster));
    return ['--bootstrap-server', cluster.bootstrap, ...args.split(' ').map((arg) => (arg === '{file}' ? file : arg))];
  };

  /** Apache Kafka's tool: what it printed, the same for both clusters. */
  async function same(tool: ToolName, args: string, content?: (cluster: Cluster) => string): Promise<string> {
    const [ofOurs, ofTheirs] = await Promise.all(
      clusters.map(async (cluster) => {
        const { status, stdout, stderr } = await runJava('3.9.1', [classes[tool], ...argumentsOf(cluster, args, content)]);
        return { status, stdout: plain(stdout, cluster), stderr: plain(stderr, cluster) };
      }),
    );
    expect(ofOurs).to.deep.equal(ofTheirs);
    return ofOurs!.stdout;
  }

  /** Our tool, which starts sooner, for what is not looked at. */
  function ours(tool: 'kafka-topics' | 'kafka-reassign-partitions', args: string, content?: (cluster: Cluster) => string): Promise<ToolRun[]> {
    return Promise.all(clusters.map((cluster) => runTool(tool, argumentsOf(cluster, args, content))));
  }

  const plan = (...partitions: object[]) => (cluster: Cluster): string => JSON.stringify({ version: 1, partitions }).replaceAll('FOLDER', cluster.folder);

  it('properties of brokers and of their default change, and are refused', async () => {
    await same('kafka-configs', '--entity-type brokers --entity-name 1 --alter --add-config log.segment.bytes=1000000,num.io.threads=9,log.retention.ms=100000');
    await same('kafka-configs', '--entity-type brokers --entity-default --alter --add-config min.insync.replicas=2,log.cleaner.threads=2,unclean.leader.election.enable=true');
    expect(await same('kafka-configs', '--entity-type brokers --entity-name 1 --alter --add-config num.io.threads=99')).to.equal('');
    const described = await same('kafka-configs', '--entity-type brokers --entity-name 1 --describe --all');
    expect(described).to.contain('log.retention.ms=100000 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:log.retention.ms=100000, STATIC_BROKER_CONFIG:log.retention.hours=5, DEFAULT_CONFIG:log.retention.hours=168}');
  });

  it('a throttled reassignment goes on, is asked after and is cancelled', async () => {
    const moves = plan(...[0, 1, 2, 3].map((partition) => ({ topic: 't', partition, replicas: [3, 1] })));
    await same('kafka-reassign-partitions', '--execute --throttle 20000 --reassignment-json-file {file}', moves);
    await onlyTheFullOneMoves();
    expect(await same('kafka-reassign-partitions', '--verify --reassignment-json-file {file}', moves)).to.contain('Reassignment of partition t-3 is still in progress');
    expect(await same('kafka-configs', '--entity-type brokers --describe')).to.contain('follower.replication.throttled.rate=20000');
    expect(await same('kafka-reassign-partitions', '--cancel --reassignment-json-file {file}', moves)).to.contain('Successfully cancelled partition reassignment for: t-');
  });

  it('replicas move to other log directories at the rate that is allowed', async () => {
    const to = (name: string) => plan(...[0, 1, 2, 3].map((partition) => ({ topic: 't', partition, replicas: [1, 2], log_dirs: [`FOLDER/b1-${name}`, `FOLDER/b2-${name}`] })));
    await ours('kafka-reassign-partitions', '--execute --reassignment-json-file {file}', to('d1'));
    await done(to('d1'));
    await same('kafka-reassign-partitions', '--execute --replica-alter-log-dirs-throttle 1000 --reassignment-json-file {file}', to('d2'));
    expect(await same('kafka-log-dirs', '--describe --topic-list t')).to.contain('"isFuture":true');
    await ours('kafka-reassign-partitions', '--execute --additional --replica-alter-log-dirs-throttle 100000000 --reassignment-json-file {file}', to('d2'));
    await done(to('d2'));
    expect(await same('kafka-reassign-partitions', '--verify --reassignment-json-file {file}', to('d2'))).to.contain('completed successfully');
  });

  async function onlyTheFullOneMoves(): Promise<void> {
    for (let isSo = false; !isSo; ) isSo = (await ours('kafka-reassign-partitions', '--list')).every(({ stdout }) => stdout.includes('t-3') && stdout.split('t-').length === 2);
  }

  async function done(moves: (cluster: Cluster) => string): Promise<void> {
    for (let isDone = false; !isDone; ) {
      const runs = await ours('kafka-reassign-partitions', '--verify --preserve-throttles --reassignment-json-file {file}', moves);
      isDone = runs.every(({ stdout }) => stdout.split('completed successfully').length === 9);
    }
  }

  it('records are deleted and leaders elected', async () => {
    await same('kafka-delete-records', '--offset-json-file {file}', plan({ topic: 't', partition: 0, offset: 0 }, { topic: 't', partition: 1, offset: 99999 }));
    await same('kafka-leader-election', '--election-type preferred --all-topic-partitions');
  });
});
