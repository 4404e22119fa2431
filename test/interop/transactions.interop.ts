import { expect } from 'chai';
import path from 'node:path';
import { createProducer } from '../../src/client/index.ts';
import { runCommand } from '../support/processes.ts';
import { createMixedCluster } from './mixed-cluster.ts';
import type { BrokerKind, MixedCluster } from './mixed-cluster.ts';
import { runJava } from './real-kafka.ts';
import { kcat, python } from './requirements.ts';

const partitions = 3;
const ids = [1, 2, 3];
const properties = {
  'num.partitions': partitions,
  'offsets.topic.num.partitions': 3,
  'offsets.topic.replication.factor': 3,
  'transaction.state.log.num.partitions': 3,
  'transaction.state.log.replication.factor': 3,
  'transaction.state.log.min.isr': 2,
};
const copier = path.join(import.meta.dirname, 'scripts/transactional_copier.py');

/** Writes `count` records, `count / partitions` to each partition. */
async function fill(cluster: MixedCluster, topic: string, count: number): Promise<void> {
  const producer = createProducer({ bootstrapServers: cluster.bootstrap });
  await Promise.all(Array.from({ length: count }, (_, n) => producer.send({ topic, partition: n % partitions, key: String(n), value: `${topic} ${n}` })));
  await producer.close();
}

/** librdkafka reads, writes and commits offsets in transactions, some of which it aborts. */
async function copy(cluster: MixedCluster, source: string, target: string): Promise<void> {
  const { status, stdout, stderr } = await runCommand(python(), [copier, cluster.bootstrap, source, target, String(partitions)]);
  expect(status, stdout + stderr).to.equal(0);
  const [committed, aborted] = /committed (\d+) aborted (\d+)/.exec(stdout)!.slice(1).map(Number);
  expect(Math.min(committed!, aborted!), stdout).to.be.greaterThan(0);
}

/** Undefined where the cluster cannot tell now: a leader is away, or a broker does not know the topic yet. */
async function committedIn(cluster: MixedCluster, topic: string, partition: number): Promise<string[] | undefined> {
  const args = ['-C', '-b', cluster.bootstrap, '-t', topic, '-p', String(partition), '-o', 'beginning', '-e', '-q', '-X', 'isolation.level=read_committed'];
  const { status, stdout } = await runCommand(kcat(), args, { timeoutMs: 10_000 });
  return status === 0 ? stdout.split('\n').slice(0, -1) : undefined;
}

async function expectExactCopy(cluster: MixedCluster, source: string, target: string, count: number): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const expected = Array.from({ length: count }, (_, n) => n).filter((n) => n % partitions === partition).map((n) => `${source} ${n}`);
    // The last transaction may still wait for its markers.
    let found: string[] | undefined;
    await cluster.eventually(`all of ${target}-${partition} is stable`, async () => {
      found = await committedIn(cluster, target, partition);
      return found !== undefined && found.length >= expected.length;
    });
    expect(found).to.deep.equal(expected);
  }
}

describe('transactions of librdkafka and of Java clients', function () {
  this.timeout(120_000);
  let cluster: MixedCluster;
  const start = async (kindOf: (id: number) => BrokerKind, topics: readonly string[]): Promise<void> => {
    cluster = await createMixedCluster({ zookeeper: 'embedded', ids, properties });
    for (const id of ids) await cluster.start(id, kindOf(id));
    for (const topic of topics) expect((await cluster.tool('kafka-topics', '--create', '--topic', topic, '--partitions', String(partitions), '--replication-factor', '3')).status).to.equal(0);
  };
  afterEach(() => cluster?.close());

  it('copy each record exactly once, while brokers of ours are killed one after the other', async () => {
    const count = 9000;
    await start(() => 'ours', ['in', 'out']);
    await fill(cluster, 'in', count);
    let isOver = false;
    const copied = copy(cluster, 'in', 'out').finally(() => {
      isOver = true;
    });
    for (const id of ids) {
      await cluster.eventually(`something more is copied before ${id} is killed`, async () => isOver || ((await committedIn(cluster, 'out', 0))?.length ?? 0) >= id * 200);
      if (isOver) break;
      await cluster.stop(id, 'SIGKILL');
      await cluster.start(id, 'ours');
      await cluster.eventually(`${id} is in sync again`, async () => (await cluster.stateOf('out', 0)).isr.length === ids.length);
    }
    await copied;
    await expectExactCopy(cluster, 'in', 'out', count);
  });

  it('are coordinated by Apache Kafka and led by us, and the other way round', async () => {
    const count = 1500;
    const sources = ['a', 'b', 'c', 'd'];
    await start((id) => (id === 2 ? '3.9.1' : 'ours'), [...sources, 'java', ...sources.map((source) => `${source}-copy`)]);
    await Promise.all(sources.map((source) => fill(cluster, source, count)));
    await Promise.all(sources.map((source) => copy(cluster, source, `${source}-copy`)));
    for (const source of sources) await expectExactCopy(cluster, source, `${source}-copy`, count);
    const coordinators = new Set<number>();
    for (let partition = 0; partition < 3; partition++) coordinators.add((await cluster.stateOf('__transaction_state', partition)).leader);
    expect(coordinators.size, 'coordinators are of both kinds').to.be.greaterThan(1);

    const main = ['org.apache.kafka.tools.ProducerPerformance', '--topic', 'java', '--num-records', '3000', '--record-size', '50', '--throughput', '-1'];
    const written = await runJava('3.9.1', [...main, '--producer-props', `bootstrap.servers=${cluster.bootstrap}`, '--transactional-id', 'java', '--transaction-duration-ms', '50']);
    expect(written.status, written.stderr).to.equal(0);
    const reader = ['org.apache.kafka.tools.consumer.ConsoleConsumer', '--bootstrap-server', cluster.bootstrap, '--topic', 'java', '--from-beginning', '--isolation-level', 'read_committed', '--max-messages', '3000', '--timeout-ms', '30000'];
    const read = await runJava('3.9.1', reader);
    expect(read.stderr).to.contain('Processed a total of 3000 messages');

    // Each coordinator's transactions, in the words of either tool.
    const list = ['--bootstrap-server', cluster.bootstrap, 'list'];
    const ours = (await cluster.tool('kafka-transactions', 'list')).stdout;
    const theirs = (await runJava('3.9.1', ['org.apache.kafka.tools.TransactionsCommand', ...list])).stdout;
    expect(ours.split('\n').toSorted()).to.deep.equal(theirs.split('\n').toSorted());
    expect(ours).to.match(/^java\s/m);
  });
});
