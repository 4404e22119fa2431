import { expect } from 'chai';
import { createAdmin, createProducer } from '../../../src/client/index.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import { createAssigned, eventually, leadership } from './wire.ts';

type Side = 'leader' | 'follower';

const kilobytes = 1024;
const size = 1000 * kilobytes;
const rate = 250 * kilobytes;

/** Four seconds' worth, less what the first window lets through at once; without a throttle it is a fraction of a second. */
const slowMs = 2500;

describe('a throttled reassignment', function () {
  this.timeout(30_000);

  it('keeps the rate of leader or follower, and ends at once when the throttle is lifted', async () => {
    const cluster = await startTestCluster({ brokers: 2, properties: { 'replica.fetch.max.bytes': 100 * kilobytes } });
    const admin = createAdmin({ bootstrapServers: cluster.bootstrapServers });
    const setRate = (side: Side, value: number): Promise<unknown> =>
      Promise.all(['1', '2'].map((name) => admin.incrementalAlterConfigs([{ type: 'broker', name, changes: [{ name: `${side}.replication.throttled.rate`, operation: 'set', value: String(value) }] }])));
    const fill = async (topic: string): Promise<void> => {
      const producer = createProducer({ bootstrapServers: cluster.bootstrapServers });
      for (const partition of [0, 1]) for (let sent = 0; sent < size; sent += 50 * kilobytes) await producer.send({ topic, partition, value: Buffer.alloc(50 * kilobytes) });
      await producer.close();
    };
    const timeToMove = async (topic: string, partition: number, to: number): Promise<number> => {
      const startMs = nodeClock.monotonicMs();
      await admin.alterPartitionReassignments([{ topic, partition, replicas: [to] }]);
      await eventually(async () => (await leadership(cluster, to, topic))[partition], `${to}/${to}`);
      return nodeClock.monotonicMs() - startMs;
    };

    async function check(side: Side): Promise<void> {
      await createAssigned(cluster, side, [[1], [1]], { [`${side}.replication.throttled.replicas`]: '0:1,0:2' });
      await fill(side);
      await setRate(side, rate);
      expect(await timeToMove(side, 1, 2)).to.be.below(slowMs); // not in the list
      expect(await timeToMove(side, 0, 2)).to.be.within(slowMs, 20_000);
      const back = timeToMove(side, 0, 1);
      await setRate(side, rate * 1000);
      expect(await back).to.be.below(slowMs);
    }

    try {
      await Promise.all([check('leader'), check('follower')]);
    } finally {
      await admin.close();
      await cluster.stop();
    }
  });
});
