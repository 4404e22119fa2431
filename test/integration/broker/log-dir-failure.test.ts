import { expect } from 'chai';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createAdmin, createProducer } from '../../../src/client/index.ts';
import { startOurBroker, startOurZooKeeper, temporaryFolder } from '../../support/processes.ts';
import type { OurBroker, OurZooKeeper } from '../../support/processes.ts';
import { eventually } from './wire.ts';

const topic = 'spread';
const partitions = 4;

describe('a log directory that fails while its broker runs', function () {
  this.timeout(60_000);
  let folder: string;
  let zookeeper: OurZooKeeper;
  let brokers: OurBroker[];
  const directories = (): string[] => ['a', 'b'].map((name) => path.join(folder, name));

  before(async () => {
    folder = temporaryFolder();
    zookeeper = await startOurZooKeeper(folder);
    const properties = { 'log.segment.bytes': 1000 };
    const address = `127.0.0.1:${zookeeper.port}`;
    brokers = [
      await startOurBroker({ id: 1, zookeeper: address, folder, properties: { ...properties, 'log.dirs': directories().join(',') } }),
      await startOurBroker({ id: 2, zookeeper: address, folder, properties }),
    ];
  });
  after(async () => {
    await Promise.all((brokers ?? []).map((broker) => broker.stop('SIGKILL')));
    await zookeeper?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('takes its replicas offline; others lead them, the other directory serves on, and the last failure ends the broker', async () => {
    const bootstrapServers = brokers.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const admin = createAdmin({ bootstrapServers });
    const producer = createProducer({ bootstrapServers, acks: 'all', retryBackoffMs: 20 });
    await admin.createTopics([{ name: topic, assignments: Array.from({ length: partitions }, () => [1, 2]) }]);
    const write = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) {
        await Promise.all(Array.from({ length: partitions }, (_, partition) => producer.send({ topic, partition, value: `${index} ${'.'.repeat(200)}` })));
      }
    };
    await write(3);
    const [gone] = directories() as [string, string];
    const lost = Array.from({ length: partitions }, (_, partition) => partition).filter((partition) => fs.existsSync(path.join(gone, `${topic}-${partition}`)));
    expect(lost).to.have.length(partitions / 2);
    fs.renameSync(gone, `${gone}-gone`);
    await write(10); // rolls a segment in each partition, which needs the folder

    const leaders = async (): Promise<string[]> => (await producer.partitionsOf(topic)).partitions.map(({ partition, leaderId, isr }) => `${partition}: ${leaderId} ${isr.toSorted().join()}`);
    await eventually(async () => leaders(), Array.from({ length: partitions }, (_, partition) => (lost.includes(partition) ? `${partition}: 2 2` : `${partition}: 1 1,2`)));
    const offsets = await admin.listOffsets(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, timestamp: -1 })));
    expect(offsets.map(({ offset }) => offset)).to.deep.equal(Array.from({ length: partitions }, () => 13));
    await producer.close();
    await admin.close();

    const [broker] = brokers as [OurBroker, OurBroker];
    const ended = once(broker.process, 'exit');
    fs.renameSync(directories()[1]!, path.join(folder, 'b-gone'));
    expect((await ended)[0]).to.equal(1);
    expect(broker.output()).to.contain('all log dirs have failed');
  });
});
