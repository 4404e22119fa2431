import { expect } from 'chai';
import { startSteadyWriter } from '../support/steady-writer.ts';
import { createMixedCluster } from './mixed-cluster.ts';
import type { MixedCluster } from './mixed-cluster.ts';
import { expectAllKept, expectAllOnce, startConfluentWriter } from './writers.ts';

const ids = [1, 2, 3];
const partitionsOf: Readonly<Record<string, number>> = { steady: 1, confluent: 3 };

/** Each broker id with its data folder goes from ours to Apache Kafka 3.9.1 and back, one after the other, under load. */
describe('a rolling migration to Apache Kafka 3.9.1 and back', function () {
  this.timeout(400_000);
  let cluster: MixedCluster;

  before(async () => {
    cluster = await createMixedCluster({ zookeeper: 'embedded', ids });
    await Promise.all(ids.map((id) => cluster.start(id, 'ours')));
  });
  after(() => cluster?.close());

  async function fullIsr(): Promise<void> {
    for (const [topic, count] of Object.entries(partitionsOf)) {
      for (let partition = 0; partition < count; partition++) {
        await cluster.eventually(`${topic}-${partition} has all replicas in sync`, async () => (await cluster.stateOf(topic, partition)).isr.length === 3);
      }
    }
  }

  it('loses no acknowledged record and fails no request of a client that retries', async () => {
    for (const [topic, count] of Object.entries(partitionsOf)) {
      const { status, stdout, stderr } = await cluster.tool('kafka-topics', '--create', '--topic', topic, '--partitions', String(count), '--replication-factor', '3');
      expect(status, stdout + stderr).to.equal(0);
    }
    const writer = startSteadyWriter(cluster.bootstrap, 'steady', 'all');
    const confluent = startConfluentWriter(cluster.bootstrap, 'confluent');
    await writer.acknowledgedAgain();
    for (const kind of ['3.9.1', 'ours'] as const) {
      for (const id of ids) {
        const sinceMs = performance.now();
        await cluster.replace(id, kind);
        await fullIsr();
        await writer.acknowledgedAgain();
        process.stdout.write(`      broker ${id} became ${kind}: longest time without an acknowledgement ${Math.round(writer.longestGapMs(sinceMs))} ms\n`);
      }
    }
    await writer.stop();
    const written = await confluent.stop();
    await expectAllKept(cluster.bootstrap, 'steady', writer);
    await expectAllOnce(cluster.bootstrap, 'confluent', written);
  });
});
