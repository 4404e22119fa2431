import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { createAdmin, createConsumer, createProducer } from '../../../src/client/index.ts';
import { startOurBroker, startOurZooKeeper, temporaryFolder } from '../../support/processes.ts';
import type { OurBroker, OurZooKeeper } from '../../support/processes.ts';
import { eventually } from './wire.ts';

const records = 2000;
const place = { topic: 't', partition: 0 };

describe('a broker killed while a replica moves to another log directory', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const directories = ['d1', 'd2'].map((name) => path.join(folder, name));
  let zookeeper: OurZooKeeper;
  let broker: OurBroker;
  const start = async (): Promise<OurBroker> => startOurBroker({ id: 1, zookeeper: `127.0.0.1:${zookeeper.port}`, folder, properties: { 'log.dirs': directories.join(','), 'replica.fetch.max.bytes': 100_000, 'log.segment.bytes': 300_000 } });

  before(async () => {
    zookeeper = await startOurZooKeeper(folder);
    broker = await start();
  });
  after(async () => {
    await broker?.stop('SIGKILL');
    await zookeeper?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('goes on with the move when it is back, and has every record', async () => {
    const producer = createProducer({ bootstrapServers: `127.0.0.1:${broker.port}`, acks: 'all', lingerMs: 1 });
    let admin = createAdmin({ bootstrapServers: `127.0.0.1:${broker.port}` });
    await admin.createTopics([{ name: 't', partitions: 1, replicationFactor: 1 }]);
    await Promise.all(Array.from({ length: records }, (_, index) => producer.send({ ...place, value: `${index} ${'x'.repeat(1000)}` })));
    await producer.close();
    const places = async (): Promise<string[]> => (await admin.describeLogDirs([1]))[0]!.logDirs.flatMap(({ path: directory, replicas }) => replicas.map(({ isFuture }) => `${path.basename(directory)}${isFuture ? ' (future)' : ''}`)).toSorted();
    const setRate = (value: number): Promise<unknown> => admin.incrementalAlterConfigs([{ type: 'broker', name: '1', changes: [{ name: 'replica.alter.log.dirs.io.max.bytes.per.second', operation: 'set', value: String(value) }] }]);
    const [from] = await places();
    const to = from === 'd1' ? 'd2' : 'd1';
    await setRate(100_000);
    await admin.alterReplicaLogDirs([{ brokerId: 1, ...place, path: path.join(folder, to) }]);
    const copied = (): boolean => fs.readdirSync(path.join(folder, to)).some((name) => name.endsWith('-future') && fs.statSync(path.join(folder, to, name, `${'0'.repeat(20)}.log`)).size > 0);
    await eventually(async () => copied(), true);

    await broker.stop('SIGKILL');
    await admin.close();
    broker = await start();
    admin = createAdmin({ bootstrapServers: `127.0.0.1:${broker.port}` });
    await eventually(places, [from, `${to} (future)`].toSorted());
    await setRate(1_000_000_000);
    await eventually(places, [to]);
    await admin.close();

    const consumer = createConsumer({ bootstrapServers: `127.0.0.1:${broker.port}`, autoOffsetReset: 'earliest' });
    consumer.assign([place]);
    const values: string[] = [];
    while (values.length < records) for (const { value } of await consumer.poll(1000)) values.push(String(value).split(' ')[0]!);
    await consumer.close();
    expect(values).to.deep.equal(Array.from({ length: records }, (_, index) => String(index)));
  });
});
