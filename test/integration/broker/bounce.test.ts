import { expect } from 'chai';
import fs from 'node:fs';
import { createAdmin } from '../../../src/client/index.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { connectZooKeeper } from '../../../src/zookeeper/node-client.ts';
import { brokerIdPath, partitionStatePath } from '../../../src/zookeeper/paths.ts';
import { decodePartitionState } from '../../../src/zookeeper/znodes/partition-state.ts';
import type { ZooKeeper } from '../../../src/zookeeper/zookeeper.ts';
import { freePort, startOurBroker, startOurZooKeeper, temporaryFolder } from '../../support/processes.ts';
import type { OurBroker, OurZooKeeper } from '../../support/processes.ts';
import { eventually } from './wire.ts';

describe('a broker that was killed and is back before the controller looks', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const brokers = new Map<number, OurBroker>();
  let server: OurZooKeeper;
  let zookeeper: ZooKeeper;
  let killedPort: number;

  async function start(id: number, port: number, sessionTimeoutMs: number): Promise<void> {
    brokers.set(id, await startOurBroker({ id, zookeeper: `127.0.0.1:${server.port}`, folder, port, properties: { 'zookeeper.session.timeout.ms': sessionTimeoutMs, 'auto.leader.rebalance.enable': 'false' } }));
  }

  before(async () => {
    server = await startOurZooKeeper(folder);
    zookeeper = await connectZooKeeper({ connectString: `127.0.0.1:${server.port}`, sessionTimeoutMs: 10_000, connectionTimeoutMs: 10_000, clock: nodeClock, random: nodeRandom, logger: silentLogger });
    killedPort = await freePort();
    await start(1, await freePort(), 10_000); // the controller, whose session outlives the pause
    await start(2, killedPort, 1000);
  });
  after(async () => {
    await zookeeper?.close();
    await Promise.all(Array.from(brokers.values(), (broker) => broker.stop('SIGKILL')));
    await server?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('has lost what it led: the others lead in a new epoch, and it follows', async () => {
    const admin = createAdmin({ bootstrapServers: `127.0.0.1:${brokers.get(1)!.port}` });
    await admin.createTopics([{ name: 'led', assignments: [[2, 1]] }, { name: 'alone', assignments: [[2]] }]);
    await admin.close();
    const stateOf = async (topic: string): Promise<object> => {
      const { leader, leaderEpoch, isr } = decodePartitionState((await zookeeper.get(partitionStatePath(topic, 0))).data);
      return { leader, leaderEpoch, isr };
    };
    await eventually(() => stateOf('led'), { leader: 2, leaderEpoch: 0, isr: [2, 1] });
    const isRegistered = async (): Promise<boolean> => (await zookeeper.find(brokerIdPath(2))) !== undefined;

    brokers.get(1)!.process.kill('SIGSTOP');
    await brokers.get(2)!.stop('SIGKILL');
    await eventually(isRegistered, false);
    const started = start(2, killedPort, 1000);
    await eventually(isRegistered, true);
    brokers.get(1)!.process.kill('SIGCONT');
    await started;

    await eventually(() => stateOf('led'), { leader: 1, leaderEpoch: 1, isr: [1, 2] });
    // Nobody else can lead it: one epoch without a leader, one with its own again.
    await eventually(() => stateOf('alone'), { leader: 2, leaderEpoch: 2, isr: [2] });
    expect(brokers.get(1)!.output()).to.contain('brokers changed');
  });
});
