import { expect } from 'chai';
import { createAdmin, createProducer } from '../../src/client/index.ts';
import type { Admin, Producer, ProducerState, Transaction } from '../../src/client/index.ts';
import { copierClients, recordsDone, startCopier } from './applications.ts';
import type { Application } from './applications.ts';
import { committedIn } from './committed-records.ts';
import { createMixedCluster } from './mixed-cluster.ts';
import type { BrokerKind, MixedCluster } from './mixed-cluster.ts';
import { runJava } from './real-kafka.ts';

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
const slowMs = 120_000;

/** Who takes over whose id and data folder, one after the other: each step from us to Kafka or back. */
const takeovers: readonly (readonly [id: number, kind: BrokerKind])[] = [
  [1, '3.9.1'],
  [2, 'ours'],
  [1, 'ours'],
  [3, '3.9.1'],
];

describe('transactions in a cluster of Apache Kafka and us', function () {
  this.timeout(3 * slowMs);
  this.bail(true);
  let cluster: MixedCluster;
  let admin: Admin;
  let producer: Producer;
  const applications: Application[] = [];
  let produced = 0;

  before(async () => {
    cluster = await createMixedCluster({ zookeeper: 'embedded', ids, properties });
    await Promise.all(ids.map((id) => cluster.start(id, id === 2 ? '3.9.1' : 'ours')));
    admin = createAdmin({ bootstrapServers: cluster.bootstrap });
    producer = createProducer({ bootstrapServers: cluster.bootstrap });
    const copies = ['in', 'java', ...copierClients.map((client) => `by-${client}`)].map((name) => ({ name, partitions, replicationFactor: 3 }));
    // One partition on one broker: whoever has its folder is its leader, and knows of producers what lies there.
    const held = [1, 2].map((id) => ({ name: heldBy(id), assignments: [[id]], configs: { 'min.insync.replicas': '1' } }));
    const outcomes = await admin.createTopics([...copies, ...held]);
    expect(outcomes.filter(({ error }) => error !== undefined)).to.deep.equal([]);
    for (const client of copierClients) applications.push(startCopier(client, cluster.bootstrap, 'in', `by-${client}`, 100));
  });
  after(async () => {
    await Promise.all(applications.map((application) => application.stop()));
    await producer?.close(1000);
    await admin?.close();
    await cluster?.close();
  });

  const heldBy = (id: number): string => `held-by-${id}`;

  async function fill(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, index) => producer.send({ topic: 'in', partition: (produced + index) % partitions, key: String(produced + index), value: 'x' })));
    produced += count;
  }

  async function allCopied(): Promise<void> {
    for (const application of applications) {
      let copied = 0;
      await cluster.eventually(() => `${application.name} copies ${produced} records, ${copied} so far: ${application.tail()}`, async () => (copied = await recordsDone(admin, application, 'in')) === produced, slowMs);
    }
  }

  it('are coordinated by Kafka and led by us, and the other way round, for the clients of four makers', async () => {
    await fill(1500);
    await allCopied();
    const coordinators = new Set<number>();
    for (let partition = 0; partition < 3; partition++) coordinators.add((await cluster.stateOf('__transaction_state', partition)).leader);
    expect(coordinators.size, 'coordinators are of both kinds').to.be.greaterThan(1);
    const sum = (of: 'committed' | 'aborted'): number => applications.reduce((total, application) => total + application[of], 0);
    expect(Math.min(sum('committed'), sum('aborted'))).to.be.greaterThan(0);
  });

  it('go on where either takes over the data folder of the other, an open one too', async () => {
    const holder = createProducer({ bootstrapServers: cluster.bootstrap, transactionalId: 'holder', transactionTimeoutMs: 600_000 });
    const keys = ['first', ...takeovers.map((_, index) => `after ${index}`)];
    await holder.transaction(async (transaction) => {
      for (const id of [1, 2]) await transaction.send({ topic: heldBy(id), partition: 0, key: 'aborted', value: 'x' });
      throw new Error('as if the work had failed');
    }).catch(() => undefined);
    await holder.transaction(async (transaction) => {
      await sendBoth(transaction, 'first');
      for (const [index, [id, kind]] of takeovers.entries()) {
        const before = await producersOfBoth();
        expect(before.flat().filter(({ transactionStartOffset }) => transactionStartOffset === undefined)).to.deep.equal([]);
        await cluster.replace(id, kind);
        await cluster.eventually(`${id} leads again`, async () => (await Promise.all([1, 2].map(async (broker) => (await cluster.stateOf(heldBy(broker), 0)).leader === broker))).every(Boolean));
        await cluster.eventually(`${id} is in sync`, async () => (await Promise.all(['in', '__transaction_state', '__consumer_offsets'].map((topic) => inSync(topic)))).every(Boolean), slowMs);
        // Apache Kafka answers Metadata before its controller has told it of the cluster; librdkafka then forgets its topic for minutes.
        if (kind !== 'ours') await applications.find(({ name }) => name === 'librdkafka')!.restart();
        expect(await producersOfBoth(), `what the brokers know of producers, ${id} being ${kind}`).to.deep.equal(before);
        for (const broker of [1, 2]) expect(await stable(heldBy(broker), 0, 0), 'nothing of an open transaction').to.deep.equal([]);
        await sendBoth(transaction, `after ${index}`);
        await fill(600);
      }
    });
    await holder.close();
    for (const id of [1, 2]) expect(await stable(heldBy(id), 0, keys.length)).to.deep.equal(keys.map((key) => `${key} x`));
  });

  const sendBoth = (transaction: Transaction, key: string): Promise<unknown> => Promise.all([1, 2].map((id) => transaction.send({ topic: heldBy(id), partition: 0, key, value: 'x' })));
  const producersOfBoth = (): Promise<ProducerState[][]> => Promise.all([1, 2].map((id) => admin.describeProducers({ topic: heldBy(id), partition: 0 })));

  async function inSync(topic: string): Promise<boolean> {
    const states = await Promise.all(Array.from({ length: 3 }, (_, partition) => cluster.stateOf(topic, partition)));
    return states.every(({ isr }) => isr.length === ids.length);
  }

  /** Committed records of a partition, once there are as many as that; markers may still be on their way. */
  async function stable(topic: string, partition: number, count: number): Promise<string[]> {
    let found: string[] | undefined;
    await cluster.eventually(`all of ${topic}-${partition} is stable`, async () => {
      found = await committedIn(cluster, topic, partition);
      return found !== undefined && found.length >= count;
    });
    return found!;
  }

  it('have copied each record exactly once', async () => {
    await allCopied();
    for (const { output } of applications) {
      for (let partition = 0; partition < partitions; partition++) {
        const expected = Array.from({ length: produced }, (_, number) => number).filter((number) => number % partitions === partition).map((number) => `${number} x`);
        expect(await stable(output, partition, expected.length), output).to.deep.equal(expected);
      }
    }
  });

  it('of Kafka\'s performance tool are read by its console consumer, and listed alike by both makers\' tools', async () => {
    const main = ['org.apache.kafka.tools.ProducerPerformance', '--topic', 'java', '--num-records', '3000', '--record-size', '50', '--throughput', '-1'];
    const written = await runJava('3.9.1', [...main, '--producer-props', `bootstrap.servers=${cluster.bootstrap}`, '--transactional-id', 'java', '--transaction-duration-ms', '50']);
    expect(written.status, written.stderr).to.equal(0);
    const reader = ['org.apache.kafka.tools.consumer.ConsoleConsumer', '--bootstrap-server', cluster.bootstrap, '--topic', 'java', '--from-beginning', '--isolation-level', 'read_committed', '--max-messages', '3000', '--timeout-ms', '30000'];
    const read = await runJava('3.9.1', reader);
    expect(read.stderr).to.contain('Processed a total of 3000 messages');

    // Nothing may change between the two.
    await Promise.all(applications.map((application) => application.stop()));
    const list = ['--bootstrap-server', cluster.bootstrap, 'list'];
    const ours = (await cluster.tool('kafka-transactions', 'list')).stdout;
    const theirs = (await runJava('3.9.1', ['org.apache.kafka.tools.TransactionsCommand', ...list])).stdout;
    expect(ours.split('\n').toSorted()).to.deep.equal(theirs.split('\n').toSorted());
    expect(ours).to.match(/^java\s/m);
  });
});
