import { expect } from 'chai';
import { createAdmin, createConsumer, createProducer, offsetSpecs } from '../../../src/client/index.ts';
import type { Admin, Producer, ProducerOptions } from '../../../src/client/index.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import type { TestCluster } from '../../../src/testing/index.ts';

/** Transactions of our producer on brokers of ours, over real sockets and files. */
describe('transactions', () => {
  let cluster: TestCluster;
  let admin: Admin;
  const producers: Producer[] = [];

  before(async () => {
    const properties = {
      'num.partitions': 3,
      'default.replication.factor': 3,
      'min.insync.replicas': 2,
      'offsets.topic.num.partitions': 3,
      'offsets.topic.replication.factor': 3,
      'transaction.state.log.num.partitions': 3,
      'transaction.state.log.replication.factor': 3,
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': 100,
    };
    cluster = await startTestCluster({ brokers: 3, properties });
    admin = createAdmin({ bootstrapServers: cluster.bootstrapServers });
  });
  afterEach(async () => {
    await Promise.all(producers.splice(0).map((producer) => producer.close()));
  });
  after(async () => {
    await admin?.close();
    await cluster?.stop();
  });

  function producer(options: Partial<ProducerOptions> = {}): Producer {
    const made = createProducer({ bootstrapServers: cluster.bootstrapServers, retryBackoffMs: 20, ...options });
    producers.push(made);
    return made;
  }

  async function topic(name: string): Promise<string> {
    await admin.createTopics([{ name, partitions: 3, replicationFactor: 3 }]);
    return name;
  }

  const places = (name: string) => [0, 1, 2].map((partition) => ({ topic: name, partition, timestamp: offsetSpecs.latest }));
  const ends = async (name: string, isolationLevel: 'read_committed' | 'read_uncommitted') => (await admin.listOffsets(places(name), { isolationLevel })).map(({ offset }) => offset);

  /** All that a reader sees, by partition, once no transaction is open: markers follow a commit. */
  async function seen(name: string, isolationLevel: 'read_committed' | 'read_uncommitted'): Promise<string[][]> {
    let [stable, all] = [await ends(name, 'read_committed'), await ends(name, 'read_uncommitted')];
    while (String(stable) !== String(all)) [stable, all] = [await ends(name, 'read_committed'), await ends(name, 'read_uncommitted')];
    const consumer = createConsumer({ bootstrapServers: cluster.bootstrapServers, isolationLevel });
    const values: string[][] = [[], [], []];
    consumer.assign(places(name));
    consumer.seekToBeginning();
    const isAtEnd = async (): Promise<boolean> => (await Promise.all(places(name).map((place) => consumer.position(place)))).every((position, partition) => position >= all[partition]!);
    while (!(await isAtEnd())) for (const { partition, value } of await consumer.poll(50)) values[partition]!.push(String(value));
    await consumer.close();
    return values;
  }

  it('show a reader with read_committed all records of one that is committed, and none of one that is aborted', async () => {
    const name = await topic('all-or-none');
    const writer = producer({ transactionalId: 'all-or-none' });
    for (const round of [0, 1, 2, 3]) {
      const done = writer.transaction(async (transaction) => {
        for (const partition of [0, 1, 2]) await transaction.send({ topic: name, partition, value: `${round}` });
        if (round % 2 === 1) throw new Error('as if the work had failed');
      });
      if (round % 2 === 1) expect(await done.then(() => 'committed', (error: Error) => error.message)).to.equal('as if the work had failed');
      else await done;
    }
    expect(await seen(name, 'read_committed')).to.deep.equal([['0', '2'], ['0', '2'], ['0', '2']]);
    expect((await seen(name, 'read_uncommitted')).map((values) => values.length)).to.deep.equal([4, 4, 4]);
  });

  it('commit records that nobody waited for, and abort where one of them failed', async () => {
    const name = await topic('unawaited');
    const writer = producer({ transactionalId: 'unawaited', maxRequestSize: 2000 });
    await writer.transaction((transaction) => {
      for (let n = 0; n < 100; n++) void transaction.send({ topic: name, partition: 0, value: `${n}` });
      return Promise.resolve();
    });
    const failed = writer.transaction((transaction) => {
      void transaction.send({ topic: name, partition: 0, value: 'lost' });
      void transaction.send({ topic: name, partition: 0, value: 'x'.repeat(3000) });
      return Promise.resolve();
    });
    expect(await failed.then(() => 'committed', (error: Error) => error.name)).to.equal('MESSAGE_TOO_LARGE');
    await writer.transaction((transaction) => transaction.send({ topic: name, partition: 0, value: 'after' }));
    expect((await seen(name, 'read_committed'))[0]).to.deep.equal([...Array.from({ length: 100 }, (_, n) => `${n}`), 'after']);
  });

  it('fence the producer that had the transactional id before, for good', async () => {
    const name = await topic('fenced');
    const [older, newer] = [producer({ transactionalId: 'fenced' }), producer({ transactionalId: 'fenced' })];
    const write = (writer: Producer, value: string) => writer.transaction((transaction) => transaction.send({ topic: name, partition: 0, value }));
    await write(older, 'older');
    await write(newer, 'newer');
    const refused = () => write(older, 'zombie').then(() => 'committed', (error: Error) => error.name);
    expect([await refused(), await refused()]).to.deep.equal(['PRODUCER_FENCED', 'PRODUCER_FENCED']);
    await write(newer, 'newer still');
    expect((await seen(name, 'read_committed'))[0]).to.deep.equal(['older', 'newer', 'newer still']);
  });

  it('are aborted when they take longer than their producer said', async () => {
    const name = await topic('slow');
    const writer = producer({ transactionalId: 'slow', transactionTimeoutMs: 300 });
    const result = writer.transaction(async (transaction) => {
      await transaction.send({ topic: name, partition: 0, value: 'late' });
      while ((await admin.describeTransaction('slow')).state === 'Ongoing') await new Promise((resolve) => setTimeout(resolve, 20));
    });
    expect(await result.then(() => 'committed', (error: Error) => error.name)).to.equal('PRODUCER_FENCED');
    expect((await admin.describeTransaction('slow')).state).to.match(/Abort$/);
    expect((await seen(name, 'read_committed'))[0]).to.deep.equal([]);
  });

  it('are listed and described, and producers with them', async () => {
    const name = await topic('described');
    const writer = producer({ transactionalId: 'described' });
    await writer.transaction(async (transaction) => {
      const { offset } = await transaction.send({ topic: name, partition: 2, value: 'x' });
      expect(await admin.describeTransaction('described')).to.deep.include({ state: 'Ongoing', timeoutMs: 60_000, producerEpoch: 0, partitions: [{ topic: name, partition: 2 }] });
      const [state] = await admin.describeProducers({ topic: name, partition: 2 });
      expect(state).to.deep.include({ producerEpoch: 0, lastSequence: 0, coordinatorEpoch: -1, transactionStartOffset: offset });
    });
    const listed = (await admin.listTransactions()).find(({ transactionalId }) => transactionalId === 'described')!;
    expect(listed.state).to.match(/Commit$/);
    expect((await admin.listTransactions({ producerIds: [listed.producerId] })).map(({ transactionalId }) => transactionalId)).to.deep.equal(['described']);
  });

  it('refuse records that are no part of one', async () => {
    const name = await topic('outside');
    const writer = producer({ transactionalId: 'outside' });
    expect(await writer.send({ topic: name, value: 'x' }).then(() => 'sent', (error: Error) => error.name)).to.equal('INVALID_TXN_STATE');
    expect(await producer().transaction(() => Promise.resolve()).then(() => 'committed', (error: Error) => error.name)).to.equal('INVALID_CONFIG');
  });

  it('are completed by the next coordinator when the one before stops', async () => {
    const name = await topic('moved');
    const writer = producer({ transactionalId: 'moved' });
    const write = (value: string) => writer.transaction((transaction) => transaction.send({ topic: name, partition: 0, value }));
    await write('before');
    const { coordinatorId } = await admin.describeTransaction('moved');
    await writer.transaction(async (transaction) => {
      await transaction.send({ topic: name, partition: 0, value: 'during' });
      await cluster.stopBroker(coordinatorId);
    });
    await write('after');
    await cluster.startBroker(coordinatorId);
    expect((await seen(name, 'read_committed'))[0]).to.deep.equal(['before', 'during', 'after']);
  });
});
