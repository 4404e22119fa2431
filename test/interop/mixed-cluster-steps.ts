import { expect } from 'chai';
import { runJava } from './real-kafka.ts';
import { createMixedCluster } from './mixed-cluster.ts';
import type { BrokerKind, MixedCluster } from './mixed-cluster.ts';
import type { KafkaVersion } from './real-kafka.ts';

const topic = 'mixed';
const partitions = 3;
const ids = [1, 2, 3];

interface Combination {
  readonly version: KafkaVersion;
  readonly zookeeper: 'embedded' | 'Apache';
  readonly controller: 'ours' | 'real';
}

/** Whole lives of clusters of our brokers and a release's, on each ZooKeeper, with a first controller of each kind. */
export function describeMixedClusters(version: KafkaVersion): void {
  for (const zookeeper of ['embedded', 'Apache'] as const) for (const controller of ['ours', 'real'] as const) describeOne({ version, zookeeper, controller });
}

/** Each step goes on from the one before. Broker 1 is the first controller; 1 and 3 are of one kind. */
function describeOne({ version, zookeeper, controller }: Combination): void {
  describe(`brokers of ours and of Apache Kafka ${version} on ${zookeeper} ZooKeeper, the controller ${controller}`, function () {
    this.bail(true);
    this.timeout(180_000);
    let cluster: MixedCluster;
    const kindOf = (id: number): BrokerKind => ((id === 2) === (controller === 'ours') ? version : 'ours');

    before(async () => {
      cluster = await createMixedCluster({ zookeeper, ids, properties: version === '2.4.1' ? { 'inter.broker.protocol.version': '2.4' } : {} });
      await cluster.start(1, kindOf(1));
      await Promise.all([2, 3].map((id) => cluster.start(id, kindOf(id))));
    });
    after(() => cluster?.close());

    async function expectFullIsr(): Promise<void> {
      for (let partition = 0; partition < partitions; partition++) {
        await cluster.eventually(`partition ${partition} has all replicas in sync`, async () => (await cluster.stateOf(topic, partition)).isr.length === 3);
      }
    }

    async function expectLedBy(partition: number, id: number): Promise<void> {
      await cluster.eventually(`${id} leads partition ${partition}`, async () => (await cluster.stateOf(topic, partition)).leader === id);
    }

    it('replicate a topic from and to each', async () => {
      expect(await cluster.controllerId()).to.equal(1);
      const { status, stdout, stderr } = await cluster.tool('kafka-topics', '--create', '--topic', topic, '--partitions', String(partitions), '--replication-factor', '3');
      expect(status, stdout + stderr).to.equal(0);
      await expectFullIsr();
      const leaders = await Promise.all(ids.map(async (_, partition) => (await cluster.stateOf(topic, partition)).leader));
      expect(leaders.toSorted()).to.deep.equal(ids);
      await cluster.produce(topic, 'first', 3000);
      await cluster.expectAllConsumed(topic, partitions);
    });

    for (const id of [2, 3]) {
      it(`go on without broker ${id} after its controlled shutdown, and with it again`, async () => {
        const led = ids.map((_, partition) => partition);
        await cluster.stop(id);
        for (const partition of led) {
          const { leader, isr } = await cluster.stateOf(topic, partition);
          expect(leader).to.not.be.oneOf([id, -1]);
          expect(isr).to.not.include(id);
        }
        await cluster.produce(topic, `without-${id}`, 1000);
        await cluster.start(id, kindOf(id));
        await expectFullIsr();
        await cluster.produce(topic, `again-with-${id}`, 1000);
        await cluster.expectAllConsumed(topic, partitions);
      });
    }

    it('fail over to a controller of either kind when one is killed', async () => {
      for (const wanted of [2, 1]) {
        for (const id of ids.filter((other) => other !== wanted)) {
          if ((await cluster.controllerId()) === wanted) break;
          await cluster.stop(id, 'SIGKILL');
          await cluster.eventually('a controller again', async () => ![id, -1].includes(await cluster.controllerId()));
          await cluster.eventually('the dead is in no ISR', async () => (await Promise.all(ids.map((_, partition) => cluster.stateOf(topic, partition)))).every(({ isr }) => !isr.includes(id)));
          await cluster.produce(topic, `killed-${id}-for-${wanted}`, 500);
          await cluster.start(id, kindOf(id));
          await expectFullIsr();
        }
      }
      await cluster.expectAllConsumed(topic, partitions);
    });

    it('hand leadership to the preferred replicas', async () => {
      const { status, stdout, stderr } = await runJava('3.9.1', ['org.apache.kafka.tools.LeaderElectionCommand', '--bootstrap-server', cluster.bootstrap, '--election-type', 'preferred', '--all-topic-partitions']);
      expect(status, stdout + stderr).to.equal(0);
      for (let partition = 0; partition < partitions; partition++) await expectLedBy(partition, (await cluster.replicasOf(topic, partition))[0]!);
      await cluster.produce(topic, 'preferred', 500);
      await cluster.expectAllConsumed(topic, partitions);
    });

    it('hand partitions to one another by reassignment', async () => {
      const [theirs, ours] = kindOf(1) === 'ours' ? [2, 1] : [1, 2];
      for (const [from, to] of [[ours!, theirs!], [theirs!, ours!]] as const) {
        await reassign([to, 3]);
        await cluster.produce(topic, `moved-from-${from}-to-${to}`, 500);
        await cluster.expectAllConsumed(topic, partitions);
      }
      await reassign(ids);
      await expectFullIsr();
    });

    /** With Kafka's own tool; resolves when it is done. */
    async function reassign(replicas: readonly number[]): Promise<void> {
      const moves = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, replicas, log_dirs: replicas.map(() => 'any') }));
      const file = cluster.writeFile('moves.json', JSON.stringify({ version: 1, partitions: moves }));
      const { status, stdout, stderr } = await runJava('3.9.1', ['org.apache.kafka.tools.reassign.ReassignPartitionsCommand', '--bootstrap-server', cluster.bootstrap, '--reassignment-json-file', file, '--execute']);
      expect(status, stdout + stderr).to.equal(0);
      for (let partition = 0; partition < partitions; partition++) {
        await cluster.eventually(`partition ${partition} is on ${replicas.join()}, and in sync`, async () => {
          const { leader, isr } = await cluster.stateOf(topic, partition);
          const isSettled = replicas.includes(leader) && isr.toSorted().join() === replicas.toSorted().join();
          return isSettled && (await cluster.replicasOf(topic, partition)).join() === replicas.join();
        });
      }
    }

    it('hold the same bytes', () => {
      for (let partition = 0; partition < partitions; partition++) {
        const [first, ...others] = ids.map((id) => cluster.logOf(id, topic, partition));
        expect(first!.length).to.be.greaterThan(0);
        for (const other of others) expect(other.equals(first!)).to.equal(true);
      }
    });

    it('delete the topic', async () => {
      expect((await cluster.tool('kafka-topics', '--delete', '--topic', topic)).status).to.equal(0);
      await cluster.eventually('the topic is gone', async () => !(await cluster.zookeeper.children('/brokers/topics')).includes(topic));
    });
  });
}
