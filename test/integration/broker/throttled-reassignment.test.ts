import { expect } from 'chai';
import { createAdmin, createProducer } from '../../../src/client/index.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import { createAssigned, eventually, leadership } from './wire.ts';

const kilobytes = 1024;
const size = 1000 * kilobytes;
const rate = 250 * kilobytes;

/** Four seconds' worth, less what the first window lets through at once; without a throttle it is a fraction of a second. */
const slowMs = 2500;

describe('a throttled reassignment', function () {
  this.timeout(30_000);

  for (const side of ['leader', 'follower'] as const) {
    it(`keeps the ${side}'s rate, and ends at once when the throttle is lifted`, async () => {
      const cluster = await startTestCluster({ brokers: 2, properties: { 'replica.fetch.max.bytes': 100 * kilobytes } });
      const admin = createAdmin({ bootstrapServers: cluster.bootstrapServers });
      try {
        await createAssigned(cluster, 't', [[1], [1]], { [`${side}.replication.throttled.replicas`]: '0:1,0:2' });
        const producer = createProducer({ bootstrapServers: cluster.bootstrapServers });
        for (const partition of [0, 1]) for (let sent = 0; sent < size; sent += 50 * kilobytes) await producer.send({ topic: 't', partition, value: Buffer.alloc(50 * kilobytes) });
        await producer.close();
        const setRate = (value: number): Promise<unknown> =>
          Promise.all(['1', '2'].map((name) => admin.incrementalAlterConfigs([{ type: 'broker', name, changes: [{ name: `${side}.replication.throttled.rate`, operation: 'set', value: String(value) }] }])));
        await setRate(rate);
        const timeToMove = async (partition: number, isIsr: string): Promise<number> => {
          const startMs = nodeClock.monotonicMs();
          await admin.alterPartitionReassignments([{ topic: 't', partition, replicas: [2] }]);
          await eventually(async () => (await leadership(cluster, 2, 't'))[partition], isIsr);
          return nodeClock.monotonicMs() - startMs;
        };
        expect(await timeToMove(1, '2/2')).to.be.below(slowMs); // not in the list
        expect(await timeToMove(0, '2/2')).to.be.within(slowMs, 20_000);
        await admin.alterPartitionReassignments([{ topic: 't', partition: 0, replicas: [1] }]);
        await setRate(rate * 1000);
        const startMs = nodeClock.monotonicMs();
        await eventually(async () => (await leadership(cluster, 1, 't'))[0], '1/1');
        expect(nodeClock.monotonicMs() - startMs).to.be.below(slowMs);
      } finally {
        await admin.close();
        await cluster.stop();
      }
    });
  }
});
