import { expect } from 'chai';
import path from 'node:path';
import { createAdmin, createProducer } from '../../src/client/index.ts';
import type { Admin, Producer } from '../../src/client/index.ts';
import { partitionFor } from '../../src/coordinator/partition-for.ts';
import { copierClients, recordsDone, startCopier, startWordCount } from './applications.ts';
import type { Application } from './applications.ts';
import { committedIn } from './committed-records.ts';
import { createMixedCluster } from './mixed-cluster.ts';
import type { MixedCluster } from './mixed-cluster.ts';

const partitions = 3;
const ids = [1, 2, 3];
const transactionPartitions = 3;
const properties = {
  'num.partitions': partitions,
  'offsets.topic.num.partitions': 3,
  'offsets.topic.replication.factor': 3,
  'transaction.state.log.num.partitions': transactionPartitions,
  'transaction.state.log.replication.factor': 3,
  'transaction.state.log.min.isr': 2,
};
const count = Number(process.env['EXACTLY_ONCE_RECORDS'] ?? 100_000);
const slowMs = 300_000;

const wordsOf = (number: number): string => `w${number % 97} w${(number * number) % 89}`;
const recordOf = (number: number): string => `${number} ${wordsOf(number)}`;

function shuffled<T>(items: readonly T[]): T[] {
  return items.map((item) => ({ item, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ item }) => item);
}

describe(`${count} records through applications that read, work and write with exactly-once, on three brokers of ours`, function () {
  this.timeout(2 * slowMs);
  this.bail(true);
  let cluster: MixedCluster;
  let admin: Admin;
  let producer: Producer;
  const applications: Application[] = [];

  before(async () => {
    cluster = await createMixedCluster({ zookeeper: 'embedded', ids, properties });
    await Promise.all(ids.map((id) => cluster.start(id, 'ours')));
    admin = createAdmin({ bootstrapServers: cluster.bootstrap });
    producer = createProducer({ bootstrapServers: cluster.bootstrap });
    const topics = ['in', 'counts', ...copierClients.map((client) => `out-${client}`)];
    const outcomes = await admin.createTopics(topics.map((name) => ({ name, partitions, replicationFactor: 3 })));
    expect(outcomes.map(({ error }) => error?.message)).to.deep.equal(topics.map(() => undefined));
    for (const topic of topics) await inSync(topic);
    for (const client of copierClients) applications.push(startCopier(client, cluster.bootstrap, 'in', `out-${client}`));
    applications.push(startWordCount(cluster.bootstrap, 'in', 'counts', path.join(cluster.folder, 'streams')));
  });
  after(async () => {
    await Promise.all(applications.map((application) => application.stop()));
    await producer?.close(1000);
    await admin?.close();
    await cluster?.close();
  });

  const inSync = (topic: string): Promise<void> =>
    cluster.eventually(`all replicas of ${topic} are in sync`, async () => {
      const states = await Promise.all(Array.from({ length: partitions }, (_, partition) => cluster.stateOf(topic, partition)));
      return states.every(({ isr }) => isr.length === ids.length);
    }, slowMs);

  const done = (application: Application): Promise<number> => recordsDone(admin, application, 'in');

  async function fill(from: number, to: number): Promise<void> {
    await Promise.all(Array.from({ length: to - from }, (_, index) => producer.send({ topic: 'in', partition: (from + index) % partitions, key: String(from + index), value: wordsOf(from + index) })));
  }

  /** Each application has got on since; more than that nobody can be sure of on a slow machine. */
  const gotOn = (before: readonly number[]): Promise<void> =>
    cluster.eventually(() => `each application gets on: ${applications.map(({ name, tail }) => `\n== ${name}\n${tail()}`).join('')}`, async () => {
      const now = await Promise.all(applications.map(done));
      return now.every((records, index) => records > before[index]!);
    }, slowMs);

  async function killBroker(id: number): Promise<void> {
    await cluster.stop(id, 'SIGKILL');
    await cluster.start(id, 'ours');
    for (const topic of ['in', '__transaction_state', '__consumer_offsets']) await inSync(topic);
  }

  const coordinatorOf = async (transactionalId: string): Promise<number> => (await cluster.stateOf('__transaction_state', partitionFor(transactionalId, transactionPartitions))).leader;

  it('get to the end while brokers, a coordinator and they themselves are killed', async () => {
    const startedMs = performance.now();
    const copier = shuffled(applications.slice(0, copierClients.length))[0]!;
    const kills = shuffled<[string, () => Promise<void>]>([
      ...ids.map((id): [string, () => Promise<void>] => [`broker ${id}`, () => killBroker(id)]),
      [`coordinator of ${copier.name}`, async () => killBroker(await coordinatorOf(copier.group))],
      ...applications.map((application): [string, () => Promise<void>] => [application.name, () => application.restart()]),
    ]);
    for (const [index, [name, kill]] of kills.entries()) {
      const before = await Promise.all(applications.map(done));
      const filled = fill(Math.floor((count * index) / kills.length), Math.floor((count * (index + 1)) / kills.length));
      await gotOn(before);
      await kill();
      await filled;
      process.stdout.write(`      ${((performance.now() - startedMs) / 1000).toFixed(1)} s: killed ${name}\n`);
    }
    for (const application of applications) {
      await cluster.eventually(() => `${application.name} is done: ${application.tail()}`, async () => (await done(application)) === count, slowMs);
      const { name, committed, aborted, lastWords } = application;
      process.stdout.write(`      ${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${name} is done, committed ${committed}, aborted ${aborted}, ended by itself ${lastWords.length} times\n${lastWords.map((words) => `        ${words}\n`).join('')}`);
    }
  });

  for (const [index, client] of copierClients.entries()) {
    it(`${client}'s copy equals the input`, async () => {
      for (let partition = 0; partition < partitions; partition++) {
        const expected = Array.from({ length: count }, (_, number) => number).filter((number) => number % partitions === partition).map(recordOf);
        let found: string[] | undefined;
        // The last transaction may still wait for its markers.
        await cluster.eventually(`all of out-${client}-${partition} is stable`, async () => {
          found = await committedIn(cluster, applications[index]!.output, partition);
          return found !== undefined && found.length >= expected.length;
        });
        expect(found!.length).to.equal(expected.length);
        expect(found!.findIndex((record, at) => record !== expected[at])).to.equal(-1);
      }
    });
  }

  it('Kafka Streams has counted each word as often as it was there', async () => {
    const expected = new Map<string, number>();
    for (let number = 0; number < count; number++) for (const word of wordsOf(number).split(' ')) expected.set(word, (expected.get(word) ?? 0) + 1);
    const counted = new Map<string, number>();
    await cluster.eventually('the last counts are there', async () => {
      const all = await Promise.all(Array.from({ length: partitions }, (_, partition) => committedIn(cluster, 'counts', partition)));
      counted.clear();
      for (const line of all.flatMap((lines) => lines ?? [])) {
        const [word, number] = line.split(' ') as [string, string];
        expect(Number(number), `counts of ${word} rise`).to.be.greaterThan(counted.get(word) ?? 0);
        counted.set(word, Number(number));
      }
      return [...expected].every(([word, number]) => (counted.get(word) ?? 0) >= number);
    });
    expect(new Map([...counted].sort())).to.deep.equal(new Map([...expected].sort()));
  });
});
