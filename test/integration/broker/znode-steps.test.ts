import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { createAdmin } from '../../../src/client/index.ts';
import type { Admin } from '../../../src/client/index.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { connectZooKeeper } from '../../../src/zookeeper/node-client.ts';
import { controllerPath } from '../../../src/zookeeper/paths.ts';
import { decodeController } from '../../../src/zookeeper/znodes/controller.ts';
import type { ZooKeeper } from '../../../src/zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../../../src/zookeeper/zookeeper.ts';
import { freePort, startOurBroker, startOurZooKeeper, temporaryFolder } from '../../support/processes.ts';
import type { OurBroker, OurZooKeeper } from '../../support/processes.ts';
import { eventually } from './wire.ts';

/** By path: data and version. */
type Nodes = Readonly<Record<string, readonly [string | null, number]>>;

/** Topics and /admin after each step of a cluster of three Kafka 3.9.1 brokers. */
const golden = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'golden-steps.json'), 'utf8')) as Readonly<Record<string, Nodes>>;

/** What is chance: topic ids, and how often the race for /controller was run. */
const withoutIds = (data: string | null): string | null => data?.replace(/"topic_id":"[\w-]{22}"/, '"topic_id":"…"').replace(/"controller_epoch":\d+/, '"controller_epoch":N') ?? null;

/** Where t3-0 was reassigned, the recording had asked a second time on the way, which took an epoch and a version more. */
function asAskedOnce(node: string, [data, version]: readonly [string | null, number]): readonly [string | null, number] {
  const masked = withoutIds(data);
  const epoch = node === '/brokers/topics/t3/partitions/0/state' ? Number(/"leader_epoch":(\d+)/.exec(data ?? '')![1]) : 0;
  if (epoch < 4) return [masked, version];
  return [masked!.replace(/"leader_epoch":\d+/, `"leader_epoch":${epoch - 1}`), version - 1];
}

describe('what brokers keep in ZooKeeper, step by step as Apache Kafka 3.9.1', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const ids = [1, 2, 3];
  const ports = new Map<number, number>();
  const brokers = new Map<number, OurBroker>();
  let server: OurZooKeeper;
  let zookeeper: ZooKeeper;
  let admin: Admin;

  async function start(id: number): Promise<void> {
    brokers.set(id, await startOurBroker({ id, zookeeper: `127.0.0.1:${server.port}`, folder, port: ports.get(id)!, properties: { 'zookeeper.session.timeout.ms': 3000, 'auto.leader.rebalance.enable': 'false' } }));
  }

  /** A node may go between two looks. */
  const namesBelow = (node: string): Promise<string[]> =>
    zookeeper.children(node).catch((error: unknown) => {
      if (error instanceof ZooKeeperError && error.name === 'NO_NODE') return [];
      throw error;
    });

  async function readNodes(): Promise<Nodes> {
    const nodes: Record<string, readonly [string | null, number]> = {};
    const visit = async (node: string): Promise<void> => {
      const found = await zookeeper.find(node);
      if (found === undefined) return;
      nodes[node] = [found.data.length === 0 ? null : withoutIds(found.data.toString()), found.stat.version];
      for (const name of await namesBelow(node)) await visit(`${node}/${name}`);
    };
    for (const root of ['/brokers/topics', '/admin']) for (const name of await namesBelow(root)) await visit(`${root}/${name}`);
    return Object.fromEntries(Object.entries(nodes).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  const expectStep = (step: string): Promise<void> => eventually(readNodes, Object.fromEntries(Object.entries(golden[step]!).map(([node, found]) => [node, asAskedOnce(node, found)])));

  const controllerId = async (): Promise<number | undefined> => {
    const found = await zookeeper.find(controllerPath);
    return found === undefined ? undefined : decodeController(found.data).brokerId;
  };

  /** The recording goes on to kill the others: of those who race, only this one is awake. */
  async function makeController(id: number): Promise<void> {
    if ((await controllerId()) === id) return;
    const others = Array.from(brokers.values()).filter((broker) => broker.id !== id);
    for (const other of others) other.process.kill('SIGSTOP');
    await zookeeper.delete(controllerPath, -1);
    await eventually(controllerId, id);
    for (const other of others) other.process.kill('SIGCONT');
  }

  async function create(name: string, assignments: readonly (readonly number[])[]): Promise<void> {
    const [outcome] = await admin.createTopics([{ name, assignments }]);
    expect(outcome?.error).to.equal(undefined);
  }

  before(async () => {
    server = await startOurZooKeeper(folder);
    zookeeper = await connectZooKeeper({ clock: nodeClock, random: nodeRandom, logger: silentLogger, connectString: `127.0.0.1:${server.port}`, sessionTimeoutMs: 5000, connectionTimeoutMs: 5000 });
    for (const id of ids) ports.set(id, await freePort());
    for (const id of ids) await start(id);
    admin = createAdmin({ bootstrapServers: Array.from(ports.values(), (port) => `127.0.0.1:${port}`).join(',') });
  });
  after(async () => {
    await admin.close();
    for (const broker of brokers.values()) await broker.stop('SIGKILL');
    await zookeeper.close();
    await server.stop();
    fs.rmSync(folder, { recursive: true });
  });

  it('topics are created', async () => {
    await create('t1', [[2, 1, 3], [3, 2, 1]]);
    await create('t2', [[1, 2], [2, 3], [3, 1]]);
    await expectStep('03');
  });

  it('a broker is killed, and comes back', async () => {
    await brokers.get(3)!.stop('SIGKILL');
    await expectStep('04');
    await start(3);
    await expectStep('05');
  });

  it('preferred leaders are elected by request', async () => {
    for (const { error } of await admin.electLeaders('preferred')) expect(error?.name ?? 'ELECTION_NOT_NEEDED').to.equal('ELECTION_NOT_NEEDED');
    await expectStep('06');
  });

  it('the controller is killed, and comes back', async () => {
    await brokers.get(1)!.stop('SIGKILL');
    await expectStep('07');
    await start(1);
    await expectStep('08');
    await makeController(2);
  });

  it('a preferred leader is elected by a znode', async () => {
    await zookeeper.create('/admin/preferred_replica_election', Buffer.from('{"version":1,"partitions":[{"topic":"t2","partition":0}]}'));
    await expectStep('09');
  });

  it('replicas are reassigned by request, then by a znode', async () => {
    await create('t3', [[1, 2]]);
    await expectStep('20b');
    await admin.alterPartitionReassignments([{ topic: 't3', partition: 0, replicas: [3, 2] }]);
    await expectStep('23');
    await zookeeper.create('/admin/reassign_partitions', Buffer.from('{"version":1,"partitions":[{"topic":"t3","partition":0,"replicas":[1,3]}]}'));
    await expectStep('25');
  });

  it('partitions are added', async () => {
    await admin.createPartitions([{ topic: 't3', count: 3, assignments: [[2, 3], [3, 1]] }]);
    await expectStep('26');
  });

  it('a topic is deleted while a broker is down, and gone when it is back', async () => {
    await brokers.get(3)!.stop('SIGKILL');
    await expectStep('27');
    await admin.deleteTopics(['t1']);
    await expectStep('28');
    await start(3);
    await expectStep('29');
  });

  it('a broker that was suspended loses its session, and registers again', async () => {
    brokers.get(3)!.process.kill('SIGSTOP');
    await expectStep('32');
    brokers.get(3)!.process.kill('SIGCONT');
    await expectStep('33');
  });
});
