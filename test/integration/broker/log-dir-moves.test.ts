import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { createAdmin, createConsumer, createProducer } from '../../../src/client/index.ts';
import type { Admin } from '../../../src/client/index.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import type { TestCluster } from '../../../src/testing/index.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../unit/log/support.ts';
import { createTopics, eventually } from './wire.ts';

describe('moving a replica to another log directory', function () {
  this.timeout(30_000);
  let directories: string[];
  let cluster: TestCluster;
  let admin: Admin;

  beforeEach(async () => {
    const folder = temporaryFolder();
    directories = ['d1', 'd2', 'd3'].map((name) => path.join(folder, name));
    cluster = await startTestCluster({ properties: { 'log.dirs': directories.join(','), 'log.segment.bytes': 300_000, 'replica.fetch.max.bytes': 100_000, 'log.initial.task.delay.ms': 50, 'log.retention.check.interval.ms': 100 } });
    admin = createAdmin({ bootstrapServers: cluster.bootstrapServers });
    await createTopics(cluster, [{ name: 't' }]);
  });
  afterEach(async () => {
    await admin?.close();
    await cluster?.stop();
    removeTemporaryFolders();
  });

  async function produce(from: number, to: number): Promise<void> {
    const producer = createProducer({ bootstrapServers: cluster.bootstrapServers, acks: 'all', lingerMs: 1 });
    await Promise.all(Array.from({ length: to - from }, (_, index) => producer.send({ topic: 't', partition: 0, value: `${from + index} ${'x'.repeat(1000)}` })));
    await producer.close();
  }

  async function consumed(): Promise<string> {
    const consumer = createConsumer({ bootstrapServers: cluster.bootstrapServers, autoOffsetReset: 'earliest' });
    consumer.assign([{ topic: 't', partition: 0 }]);
    const [end] = (await consumer.endOffsets([{ topic: 't', partition: 0 }])).values();
    const numbers: number[] = [];
    for (let next = 0; next < (end?.offset ?? 0); ) for (const { offset, value } of await consumer.poll(1000)) {
      numbers.push(Number(String(value).split(' ')[0]));
      next = offset + 1;
    }
    await consumer.close();
    return `${numbers[0]} to ${numbers.at(-1)}${numbers.every((number, index) => number === numbers[0]! + index) ? '' : ' with gaps'}`;
  }

  const move = async (to: string, topic = 't'): Promise<string> => (await admin.alterReplicaLogDirs([{ brokerId: 1, topic, partition: 0, path: to }]))[0]!.error?.name ?? 'begun';
  /** Where the replica is, and where its copy. */
  async function places(): Promise<string> {
    const [broker] = await admin.describeLogDirs([1]);
    const names = broker!.logDirs.flatMap((directory) => directory.replicas.map(({ isFuture }) => `${path.basename(directory.path)}${isFuture ? ' (future)' : ''}`));
    return names.toSorted().join(', ');
  }
  const home = async (): Promise<number> => directories.findIndex((directory) => fs.existsSync(path.join(directory, 't-0')));
  const setRate = (value: number): Promise<unknown> => admin.incrementalAlterConfigs([{ type: 'broker', name: '1', changes: [{ name: 'replica.alter.log.dirs.io.max.bytes.per.second', operation: 'set', value: String(value) }] }]);

  it('loses nothing while records come, and readers go on', async () => {
    await produce(0, 3000);
    const before = await home();
    const target = (before + 1) % 3;
    const consumer = createConsumer({ bootstrapServers: cluster.bootstrapServers, autoOffsetReset: 'earliest', maxPollRecords: 50 });
    consumer.assign([{ topic: 't', partition: 0 }]);
    await consumer.poll(1000);
    expect(await move(directories[target]!)).to.equal('begun');
    await produce(3000, 5000);
    await eventually(places, `d${target + 1}`);
    await produce(5000, 5100);
    let next = -1;
    while (next < 5099) for (const { offset, value } of await consumer.poll(1000)) {
      expect(String(value).startsWith(`${offset} `)).to.equal(true);
      next = offset;
    }
    await consumer.close();
    expect(await consumed()).to.equal('0 to 5099');
    expect(fs.readdirSync(directories[before]!).filter((name) => name.startsWith('t-0')).every((name) => name.endsWith('-delete'))).to.equal(true);
    await cluster.stopBroker(1);
    await cluster.startBroker(1);
    expect([await places(), await consumed()]).to.deep.equal([`d${target + 1}`, '0 to 5099']);
  });

  it('is held back by its throttle, goes on after a restart, and turns to where it is told', async () => {
    await produce(0, 1500);
    const from = await home();
    const [one, other] = [0, 1, 2].filter((index) => index !== from) as [number, number];
    await setRate(100_000);
    expect(await move(directories[one]!)).to.equal('begun');
    expect(await places()).to.equal([`d${from + 1}`, `d${one + 1} (future)`].toSorted().join(', '));
    await admin.deleteRecords([{ topic: 't', partition: 0, offset: 500 }]);
    await cluster.stopBroker(1);
    await cluster.startBroker(1);
    expect(await places()).to.equal([`d${from + 1}`, `d${one + 1} (future)`].toSorted().join(', '));
    expect(await move(directories[from]!)).to.equal('begun');
    expect(await places()).to.equal(`d${from + 1}`);
    expect(await move(directories[other]!)).to.equal('begun');
    await setRate(1_000_000_000);
    await eventually(places, `d${other + 1}`);
    expect(await consumed()).to.equal('500 to 1499');
  });

  it('is told to a partition that is not here yet, and refused where it cannot be', async () => {
    expect(await move(directories[2]!, 'later')).to.equal('REPLICA_NOT_AVAILABLE');
    await createTopics(cluster, [{ name: 'later' }]);
    expect(fs.existsSync(path.join(directories[2]!, 'later-0'))).to.equal(true);
    expect(await move('/nowhere')).to.equal('LOG_DIR_NOT_FOUND');
    expect(await move(directories[0]!, 'x'.repeat(240))).to.equal('INVALID_TOPIC_EXCEPTION');
  });

  it('is given up when the directory that it goes to fails', async () => {
    await produce(0, 1500);
    const from = await home();
    const target = directories[(from + 1) % 3]!;
    await setRate(100_000);
    await move(target);
    fs.renameSync(target, `${target}-gone`);
    await setRate(1_000_000_000);
    await eventually(places, `d${from + 1}`);
    await produce(1500, 1600);
    expect(await consumed()).to.equal('0 to 1599');
    expect(await move(target)).to.equal('KAFKA_STORAGE_ERROR');
    fs.renameSync(`${target}-gone`, target);
  });

  it('goes with the topic', async () => {
    await produce(0, 500);
    await setRate(1000);
    await move(directories[((await home()) + 1) % 3]!);
    await admin.deleteTopics(['t']);
    await eventually(places, '');
  });
});
