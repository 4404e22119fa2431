import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import type { TestCluster } from '../../../src/testing/index.ts';
import { connectZooKeeper } from '../../../src/zookeeper/node-client.ts';
import { encodeConfig } from '../../../src/zookeeper/znodes/config.ts';
import { encodeTopic } from '../../../src/zookeeper/znodes/topic.ts';
import type { ZooKeeper } from '../../../src/zookeeper/zookeeper.ts';
import { createAssigned, eventually, leadership } from './wire.ts';

/** By path: data, version, whether it is ephemeral. */
type Tree = Readonly<Record<string, readonly [string | null, number, boolean]>>;

/** Recorded from three Kafka 3.9.1 brokers; access control and delegation tokens, which they had on, are left out. */
const golden = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'golden-znodes.json'), 'utf8')) as Readonly<Record<string, Tree>>;

export function openZooKeeper(cluster: TestCluster): Promise<ZooKeeper> {
  return connectZooKeeper({ clock: nodeClock, random: nodeRandom, logger: silentLogger, connectString: cluster.zookeeperConnect, sessionTimeoutMs: 5000, connectionTimeoutMs: 5000 });
}

async function readTree(zookeeper: ZooKeeper, root: string): Promise<Tree> {
  const tree: Record<string, readonly [string | null, number, boolean]> = {};
  const visit = async (node: string): Promise<void> => {
    const { data, stat } = await zookeeper.get(node);
    if (node !== '/') tree[node] = [data.length === 0 ? null : data.toString(), stat.version, stat.ephemeralOwner !== undefined];
    for (const name of await zookeeper.children(node)) if (name !== 'zookeeper') await visit(node === '/' ? `/${name}` : `${node}/${name}`);
  };
  await visit(root);
  return tree;
}

/** What differs from one cluster to the next is masked: times, ids, addresses, who won the race. Key order stays. */
function masked(tree: Tree): Tree {
  const mask = (node: string, data: string | null): string | null => {
    if (data === null) return null;
    if (node.startsWith('/brokers/ids/')) return Object.keys(JSON.parse(data) as object).filter((key) => key !== 'rack').join(' ');
    return data.replace(/("id"|"topic_id"):"[\w-]{22}"/, '$1:"…"').replace(/"timestamp":"\d+"/, '"timestamp":"…"').replace(/"brokerid":\d/, '"brokerid":N');
  };
  return Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)).map(([node, [data, version, isEphemeral]]) => [node, [mask(node, data), version, isEphemeral]]));
}

describe('what brokers keep in ZooKeeper', () => {
  let cluster: TestCluster;
  let zookeeper: ZooKeeper;

  before(async () => {
    cluster = await startTestCluster({ brokers: 3 });
    zookeeper = await openZooKeeper(cluster);
  });
  after(async () => {
    await zookeeper.close();
    await cluster.stop();
  });

  it('is, after three have started, what Apache Kafka 3.9.1 keeps', async () => {
    expect(masked(await readTree(zookeeper, '/'))).to.deep.equal(masked(golden['started']!));
  });

  it('is, after topics were created, what Apache Kafka 3.9.1 keeps', async () => {
    await createAssigned(cluster, 't1', [[2, 1, 3], [3, 2, 1]]);
    await createAssigned(cluster, 't2', [[1, 2], [2, 3], [3, 1]], { 'min.insync.replicas': '2', 'retention.ms': '86400000' });
    const topics = { ...(await readTree(zookeeper, '/brokers/topics')), ...(await readTree(zookeeper, '/config/topics')) };
    delete (topics as Record<string, unknown>)['/brokers/topics'];
    delete (topics as Record<string, unknown>)['/config/topics'];
    expect(masked(topics)).to.deep.equal(masked({ ...golden['created t1'], ...golden['created t2'] }));
  });

  it('becomes a topic when a tool writes it: leaders, and an id', async () => {
    const partitions = new Map([[0, { replicas: [1, 2, 3], addingReplicas: [], removingReplicas: [] }]]);
    await zookeeper.create('/config/topics/tz', encodeConfig({ 'retention.ms': '1000' }));
    await zookeeper.create('/brokers/topics/tz', encodeTopic({ version: 2, topicId: undefined, partitions }));
    for (const id of [1, 2, 3]) await eventually(() => leadership(cluster, id, 'tz'), ['1/1,2,3']);
    expect((await zookeeper.get('/brokers/topics/tz')).data.toString()).to.match(/"topic_id":"[\w-]{22}".*"version":3/);
    const state = (await zookeeper.get('/brokers/topics/tz/partitions/0/state')).data.toString();
    expect(JSON.parse(state)).to.deep.equal({ controller_epoch: 1, leader: 1, version: 1, leader_epoch: 0, isr: [1, 2, 3] });
  });

  it('makes no broker stumble when it makes no sense', async () => {
    await zookeeper.create('/brokers/topics/broken', Buffer.from('{"partitions":'));
    await zookeeper.create('/brokers/ids/77', Buffer.from('[]'));
    await createAssigned(cluster, 'after-the-broken', [[1]]);
    await zookeeper.delete('/brokers/topics/broken', -1);
    await zookeeper.delete('/brokers/ids/77', -1);
  });

  it('hands leadership to the preferred replica when an old tool asks for it', async () => {
    await createAssigned(cluster, 'preferred', [[3, 2]]);
    await cluster.stopBroker(3);
    await eventually(() => leadership(cluster, 1, 'preferred'), ['2/2']);
    await cluster.startBroker(3);
    await eventually(() => leadership(cluster, 1, 'preferred'), ['2/2,3']);
    await zookeeper.create('/admin/preferred_replica_election', Buffer.from('{"version":1,"partitions":[{"topic":"preferred","partition":0},{"topic":"nowhere","partition":1}]}'));
    await eventually(() => leadership(cluster, 1, 'preferred'), ['3/2,3']);
    await eventually(() => zookeeper.exists('/admin/preferred_replica_election'), undefined);
  });
});

describe('what brokers of inter.broker.protocol.version 2.4 keep in ZooKeeper', () => {
  it('has no topic ids and no features', async () => {
    const cluster = await startTestCluster({ brokers: 1, properties: { 'inter.broker.protocol.version': '2.4' } });
    const zookeeper = await openZooKeeper(cluster);
    try {
      await createAssigned(cluster, 't1', [[1]]);
      const text = async (node: string): Promise<string> => (await zookeeper.get(node)).data.toString();
      expect(await text('/brokers/topics/t1')).to.equal('{"partitions":{"0":[1]},"adding_replicas":{},"removing_replicas":{},"version":3}');
      expect(await text('/feature')).to.equal('{"features":{},"version":1,"status":0}');
      expect(Object.keys(JSON.parse(await text('/brokers/ids/1')) as object)).to.deep.equal(['listener_security_protocol_map', 'endpoints', 'jmx_port', 'host', 'timestamp', 'port', 'version']);
      expect(await leadership(cluster, 1, 't1')).to.deep.equal(['1/1']);
    } finally {
      await zookeeper.close();
      await cluster.stop();
    }
  });
});
