import { expect } from 'chai';
import { createConsumer, createProducer } from '../../../src/client/index.ts';
import { fetchRequest, fetchResponse } from '../../../src/protocol/messages/fetch.ts';
import { readRecords } from '../../../src/record/read.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import type { TestCluster } from '../../../src/testing/index.ts';
import { createAssigned, eventually, withClient } from './wire.ts';

describe('consumers near a follower', function () {
  this.timeout(30_000);
  let cluster: TestCluster;

  before(async () => {
    cluster = await startTestCluster({
      brokers: 2,
      properties: { 'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector' },
      propertiesOf: (id) => ({ 'broker.rack': `rack-${id}` }),
    });
    await createAssigned(cluster, 't', [[1, 2]]);
  });
  after(() => cluster?.stop());

  /** Broker to read from instead, and how many records came, of a fetch at a broker. */
  const fetch = (brokerId: number, rackId: string): Promise<readonly [number, number]> =>
    withClient(cluster, brokerId, async (client) => {
      const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }];
      const { responses } = await client.send(fetchRequest, fetchResponse, 12, { maxWaitMs: 0, minBytes: 1, rackId, topics }, 10_000);
      const part = responses[0]!.partitions[0]!;
      return [part.preferredReadReplica, Array.from(readRecords(part.records!)).length];
    });

  it('are sent there by the leader, and read all that is replicated', async () => {
    const producer = createProducer({ bootstrapServers: cluster.bootstrapServers, acks: 'all' });
    await Promise.all(Array.from({ length: 100 }, (_, index) => producer.send({ topic: 't', partition: 0, value: `${index}` })));
    await producer.close();
    await eventually(() => fetch(1, 'rack-2'), [2, 0]);
    expect([await fetch(1, 'rack-1'), await fetch(1, 'rack-9'), await fetch(1, '')]).to.deep.equal([[-1, 100], [-1, 100], [-1, 100]]);
    await eventually(() => fetch(2, 'rack-2'), [-1, 100]);
    const consumer = createConsumer({ bootstrapServers: cluster.bootstrapServers, autoOffsetReset: 'earliest', clientRack: 'rack-2' });
    consumer.assign([{ topic: 't', partition: 0 }]);
    const values: string[] = [];
    while (values.length < 100) for (const { value } of await consumer.poll(1000)) values.push(String(value));
    await consumer.close();
    expect(values).to.deep.equal(Array.from({ length: 100 }, (_, index) => `${index}`));
  });
});
