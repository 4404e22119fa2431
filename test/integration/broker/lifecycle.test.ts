import { expect } from 'chai';
import net from 'node:net';
import { startBroker } from '../../../src/broker/broker.ts';
import type { Broker } from '../../../src/broker/broker.ts';
import { readBrokerConfiguration } from '../../../src/runtime/config/broker-config.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { createNodeNetwork } from '../../../src/runtime/node-network.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { nodeWorkers } from '../../../src/runtime/node-workers.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import type { LogFields, Logger } from '../../../src/runtime/logger.ts';
import { temporaryDirectory } from '../../../src/runtime/temporary-directory.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import type { TestCluster } from '../../../src/testing/index.ts';
import { connectZooKeeper } from '../../../src/zookeeper/node-client.ts';
import type { ZooKeeper } from '../../../src/zookeeper/zookeeper.ts';
import { controllerOf, createAssigned, createTopics, eventually, leadership } from './wire.ts';

/** Remembers its lines. */
function recordingLogger(lines: string[]): Logger {
  const keep = (event: string, fields?: LogFields): void => void lines.push(`${event} ${JSON.stringify(fields ?? {})}`);
  const logger: Logger = { debug: () => undefined, info: keep, warn: keep, error: keep, with: () => logger };
  return logger;
}

/** Passes bytes on to ZooKeeper until it is paused: then the broker's session runs out while the broker itself is well. */
async function startProxy(target: string): Promise<{ readonly address: string; pause(): void; resume(): void; close(): void }> {
  const [host = '', port = ''] = target.split(':');
  let isPaused = false;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    if (isPaused) {
      client.destroy();
      return;
    }
    const upstream = net.connect(Number(port), host);
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    address: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    pause() {
      isPaused = true;
      drop();
    },
    resume() {
      isPaused = false;
    },
    close() {
      server.close();
      drop();
    },
  };
}

function connectTo(address: string, sessionTimeoutMs: number): Promise<ZooKeeper> {
  return connectZooKeeper({ clock: nodeClock, random: nodeRandom, logger: silentLogger, connectString: address, sessionTimeoutMs, connectionTimeoutMs: 5000 });
}

/** A broker beside those of a cluster, with its own way to ZooKeeper. */
async function startAnother(id: number, folder: string, zookeeper: string, properties: Readonly<Record<string, string>> = {}, logger: Logger = silentLogger, sessionTimeoutMs = 600): Promise<Broker> {
  return startBroker({
    configuration: readBrokerConfiguration({ 'broker.id': String(id), listeners: 'PLAINTEXT://127.0.0.1:0', 'log.dirs': folder, 'zookeeper.connect': zookeeper, ...properties }),
    clock: nodeClock,
    random: nodeRandom,
    disk: nodeDisk,
    workers: nodeWorkers,
    network: createNodeNetwork(),
    logger,
    hostName: '127.0.0.1',
    connectZooKeeper: () => connectTo(zookeeper, sessionTimeoutMs),
  });
}

describe('a broker', () => {
  let cluster: TestCluster;
  let zookeeper: ZooKeeper;
  const folder = temporaryDirectory('ottla-lifecycle-');

  before(async () => {
    cluster = await startTestCluster({ brokers: 1 });
    zookeeper = await connectTo(cluster.zookeeperConnect, 5000);
  });
  after(async () => {
    await zookeeper.close();
    await cluster.stop();
    folder.remove();
  });

  it('waits for the end of its former life, and says so', async () => {
    const former = await connectTo(cluster.zookeeperConnect, 5000);
    await former.create('/brokers/ids/5', Buffer.from('{}'), 'ephemeral');
    const lines: string[] = [];
    const starting = startAnother(5, `${folder.path}/5`, cluster.zookeeperConnect, {}, recordingLogger(lines));
    await eventually(() => lines.filter((line) => line.includes('waiting for its end')).length, 1);
    await former.close();
    const broker = await starting;
    expect(lines.filter((line) => line.includes('waiting for its end'))).to.have.length(1);
    expect(lines.some((line) => line.includes('[KafkaServer id=5] started (kafka.server.KafkaServer)'))).to.equal(true);
    await broker.stop();
    expect(await zookeeper.exists('/brokers/ids/5')).to.equal(undefined);
  });

  it('registers again, with a new epoch, when its session expired under it', async () => {
    const proxy = await startProxy(cluster.zookeeperConnect);
    const broker = await startAnother(6, `${folder.path}/6`, proxy.address);
    try {
      const before = await zookeeper.exists('/brokers/ids/6');
      proxy.pause();
      await eventually(async () => (await zookeeper.exists('/brokers/ids/6')) === undefined, true);
      proxy.resume();
      await eventually(async () => (await zookeeper.exists('/brokers/ids/6')) !== undefined, true);
      const after = await zookeeper.exists('/brokers/ids/6');
      expect(after!.czxid).to.be.greaterThan(before!.czxid);
      expect(after!.ephemeralOwner).not.to.equal(before!.ephemeralOwner);
    } finally {
      proxy.resume();
      await broker.stop();
      proxy.close();
    }
  });

  it('takes an id above reserved.broker.max.id where it has none, and keeps it', async () => {
    const first = await startAnother(-1, `${folder.path}/generated`, cluster.zookeeperConnect, { 'reserved.broker.max.id': '2000' });
    await first.stop();
    const again = await startAnother(-1, `${folder.path}/generated`, cluster.zookeeperConnect, { 'reserved.broker.max.id': '2000' });
    await again.stop();
    expect(first.id).to.be.greaterThan(2000);
    expect(again.id).to.equal(first.id);
  });

  it('refuses data of another cluster or of another broker, in words that help', async () => {
    const other = await startTestCluster({ brokers: 1 });
    const refusal = (start: Promise<Broker>): Promise<string> => start.then(async (broker) => {
      await broker.stop();
      return 'started';
    }, (error: Error) => error.message);
    try {
      expect(await refusal(startAnother(7, `${folder.path}/generated`, other.zookeeperConnect))).to.contain('The broker is trying to join the wrong cluster');
      expect(await refusal(startAnother(7, `${folder.path}/generated`, cluster.zookeeperConnect))).to.contain("Configured broker.id 7 doesn't match stored broker.id");
    } finally {
      await other.stop();
    }
  });
});

describe('a cluster of three', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster({ brokers: 3 });
  });
  after(() => cluster.stop());

  it('spreads partitions and replicas over all brokers', async () => {
    expect(await createTopics(cluster, [{ name: 'spread', numPartitions: 3, replicationFactor: 2 }])).to.deep.equal({ spread: 'NONE' });
    const partitions = await leadership(cluster, 1, 'spread');
    expect(partitions.map((partition) => partition.split('/')[0]).sort()).to.deep.equal(['1', '2', '3']);
    for (const id of [2, 3]) await eventually(() => leadership(cluster, id, 'spread'), partitions);
  });

  it('serves CreateTopics at the controller alone', async () => {
    const other = [1, 2, 3].find((id) => id !== controllerOf(cluster))!;
    expect(await createTopics(cluster, [{ name: 'elsewhere' }], other)).to.deep.equal({ elsewhere: 'NOT_CONTROLLER This is not the correct controller for this cluster.' });
  });

  it('moves leaders away from a broker that stops, and takes it back in sync when it returns', async () => {
    const stopped = [1, 2, 3].find((id) => id !== controllerOf(cluster))!;
    const [next, last] = [1, 2, 3].filter((id) => id !== stopped) as [number, number];
    await createAssigned(cluster, 'moved', [[stopped, next, last]]);
    await cluster.stopBroker(stopped);
    await eventually(() => leadership(cluster, last, 'moved'), [`${next}/${next},${last}`]);
    await cluster.startBroker(stopped);
    await eventually(() => leadership(cluster, last, 'moved'), [`${next}/${next},${last},${stopped}`]);
  });

  it('has another controller, of the next epoch, when the controller stops', async () => {
    const former = controllerOf(cluster);
    const others = [1, 2, 3].filter((id) => id !== former);
    await createAssigned(cluster, 'survives', [[former, ...others]]);
    await cluster.stopBroker(former);
    await eventually(() => others.filter((id) => cluster.brokers.get(id)!.isController).length, 1);
    await eventually(() => leadership(cluster, others[0]!, 'survives'), [`${others[0]}/${others.join(',')}`]);
    expect(await createTopics(cluster, [{ name: 'after-failover', replicationFactor: 2 }])).to.deep.equal({ 'after-failover': 'NONE' });
    await cluster.startBroker(former);
  });

  it('deletes a topic only when the broker of each of its replicas is there', async () => {
    const absent = [1, 2, 3].find((id) => id !== controllerOf(cluster))!;
    const controller = controllerOf(cluster);
    await createAssigned(cluster, 'doomed', [[controller, absent]]);
    await cluster.stopBroker(absent);
    const zookeeper = await connectTo(cluster.zookeeperConnect, 5000);
    try {
      await zookeeper.create('/admin/delete_topics/doomed', undefined);
      await zookeeper.create('/admin/delete_topics/never-there', undefined);
      await eventually(() => zookeeper.children('/admin/delete_topics'), ['doomed']);
      await cluster.startBroker(absent);
      await eventually(() => zookeeper.children('/admin/delete_topics'), []);
      expect(await zookeeper.exists('/brokers/topics/doomed')).to.equal(undefined);
      expect(await zookeeper.exists('/config/topics/doomed')).to.equal(undefined);
      for (const id of [1, 2, 3]) await eventually(() => leadership(cluster, id, 'doomed'), []);
    } finally {
      await zookeeper.close();
    }
  });

  it('stops at once, although the last broker has nobody to hand its leaders to', async () => {
    const startedMs = nodeClock.monotonicMs();
    const other = await startTestCluster({ brokers: 2 });
    await createAssigned(other, 'both', [[1, 2], [2, 1]]);
    await other.stop();
    expect(nodeClock.monotonicMs() - startedMs).to.be.lessThan(4000);
  });
});
