import { expect } from 'chai';
import { createAdmin, createProducer } from '../../../src/client/index.ts';
import type { Admin } from '../../../src/client/index.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import type { TestCluster } from '../../../src/testing/index.ts';
import { connectZooKeeper } from '../../../src/zookeeper/node-client.ts';
import { controllerPath, partitionStatePath, reassignPartitionsPath, topicPath } from '../../../src/zookeeper/paths.ts';
import { decodePartitionState } from '../../../src/zookeeper/znodes/partition-state.ts';
import { encodeReassignPartitions } from '../../../src/zookeeper/znodes/reassign-partitions.ts';
import { decodeTopic, encodeTopic } from '../../../src/zookeeper/znodes/topic.ts';
import type { PartitionAssignment } from '../../../src/zookeeper/znodes/topic.ts';
import type { ZooKeeper } from '../../../src/zookeeper/zookeeper.ts';
import { createAssigned, eventually, leadership } from './wire.ts';

describe('partitions among three brokers', function () {
  this.timeout(30_000);
  let cluster: TestCluster;
  let admin: Admin;

  before(async () => {
    cluster = await startTestCluster({ brokers: 3, properties: { 'min.insync.replicas': 2 } });
    admin = createAdmin({ bootstrapServers: cluster.bootstrapServers });
  });
  after(async () => {
    await admin?.close();
    await cluster?.stop();
  });

  async function produce(topic: string, count: number): Promise<void> {
    const producer = createProducer({ bootstrapServers: cluster.bootstrapServers, acks: 'all' });
    await Promise.all(Array.from({ length: count }, (_, index) => producer.send({ topic, partition: 0, value: `${index}` })));
    await producer.close();
  }

  const outcomes = (results: readonly { readonly error: { readonly name: string; readonly message: string } | undefined }[]): string[] => results.map(({ error }) => error?.message ?? 'done');

  /** `replicas/isr` of each partition as ZooKeeper's data have it. */
  async function assignment(topic: string): Promise<string[]> {
    return withZooKeeper(async (zookeeper) => {
      const { partitions } = decodeTopic((await zookeeper.get(topicPath(topic))).data);
      return Promise.all(Array.from(partitions, async ([number, { replicas }]) => {
        const { isr } = decodePartitionState((await zookeeper.get(partitionStatePath(topic, number))).data);
        return `${replicas.join()}/${isr.toSorted().join()}`;
      }));
    });
  }

  async function withZooKeeper<T>(use: (zookeeper: ZooKeeper) => Promise<T>): Promise<T> {
    const zookeeper = await connectZooKeeper({ clock: nodeClock, random: nodeRandom, logger: silentLogger, connectString: cluster.zookeeperConnect, sessionTimeoutMs: 10_000, connectionTimeoutMs: 10_000 });
    try {
      return await use(zookeeper);
    } finally {
      await zookeeper.close();
    }
  }

  /** As a controller leaves a topic that goes in the midst of a reassignment; another takes over. */
  async function leaveHalfDone(topic: string, state: PartitionAssignment): Promise<void> {
    await withZooKeeper(async (zookeeper) => {
      const { data, stat } = await zookeeper.get(topicPath(topic));
      await zookeeper.set(topicPath(topic), encodeTopic({ ...decodeTopic(data), partitions: new Map([[0, state]]) }), stat.version);
      await zookeeper.delete(controllerPath, -1);
    });
  }

  const running = async (): Promise<string[]> =>
    (await admin.listPartitionReassignments()).map(({ topic, partition, replicas, addingReplicas, removingReplicas }) => `${topic}-${partition} ${replicas.join()} +${addingReplicas.join()} -${removingReplicas.join()}`);

  async function offsetAt(topic: string, timestamp: number): Promise<number> {
    const [answer] = await admin.listOffsets([{ topic, partition: 0, timestamp }]);
    return answer!.offset;
  }

  describe('reassignment', () => {
    it('adds the new replicas, waits until they are in sync, then takes the old ones away', async () => {
      await createAssigned(cluster, 'moved', [[1, 2]]);
      await produce('moved', 500);
      expect(outcomes(await admin.alterPartitionReassignments([{ topic: 'moved', partition: 0, replicas: [3, 2] }]))).to.deep.equal(['done']);
      await eventually(() => assignment('moved'), ['3,2/2,3']);
      expect(await leadership(cluster, 1, 'moved')).to.satisfy(([state]: string[]) => /^[23]\//.test(state!));
      expect(await offsetAt('moved', -1)).to.equal(500);
      await eventually(() => running(), []);
      const [logDirs] = await admin.describeLogDirs([1], [{ topic: 'moved', partition: 0 }]);
      expect(logDirs!.logDirs.flatMap(({ replicas }) => replicas)).to.deep.equal([]);
    });

    it('that an earlier controller began is gone on with, waits for a replica that is away, and can be taken back', async () => {
      for (const end of ['taken back', 'done']) {
        const topic = `begun-and-${end.replace(' ', '-')}`;
        await createAssigned(cluster, topic, [[1, 2]]);
        await produce(topic, 10);
        await cluster.stopBroker(3);
        await leaveHalfDone(topic, { replicas: [2, 3, 1], addingReplicas: [3], removingReplicas: [1] });
        await eventually(() => running(), [`${topic}-0 2,3,1 +3 -1`]);
        if (end === 'taken back') {
          expect(outcomes(await admin.alterPartitionReassignments([{ topic, partition: 0, replicas: undefined }]))).to.deep.equal(['done']);
          await eventually(() => assignment(topic), ['2,1/1,2']);
        }
        await cluster.startBroker(3);
        if (end === 'done') await eventually(() => assignment(topic), ['2,3/2,3']);
        await eventually(() => running(), []);
      }
    });

    it('may be asked for through /admin/reassign_partitions, whose entries go as they are done', async () => {
      await createAssigned(cluster, 'by-node', [[1, 2]]);
      const entries = [{ topic: 'by-node', partition: 0, replicas: [2, 3] }, { topic: 'absent', partition: 0, replicas: [1] }];
      await withZooKeeper((zookeeper) => zookeeper.create(reassignPartitionsPath, encodeReassignPartitions(entries)));
      await eventually(() => assignment('by-node'), ['2,3/2,3']);
      await eventually(() => withZooKeeper(async (zookeeper) => (await zookeeper.find(reassignPartitionsPath)) === undefined), true);
    });

    it('is refused where it cannot be, in Kafka\'s words', async () => {
      await createAssigned(cluster, 'refused', [[1, 2]]);
      const refusal = async (replicas: readonly number[] | undefined, topic = 'refused'): Promise<string> => outcomes(await admin.alterPartitionReassignments([{ topic, partition: 0, replicas }]))[0]!;
      expect(await refusal([])).to.equal('Empty replica list specified in partition reassignment.');
      expect(await refusal([1, 1])).to.equal('Duplicate replica ids in partition reassignment replica list: 1, 1');
      expect(await refusal([-1, 1])).to.equal('Invalid broker id in replica list: -1, 1');
      expect(await refusal(undefined)).to.equal('No partition reassignment is in progress.');
      expect(await refusal([1], 'absent')).to.equal('The partition does not exist.');
    });
  });

  describe('election', () => {
    it('hands a partition back to its preferred replica once that is in sync', async () => {
      await createAssigned(cluster, 'elected', [[2, 3]]);
      await cluster.stopBroker(2);
      await eventually(() => leadership(cluster, 1, 'elected'), ['3/3']);
      expect(outcomes(await admin.electLeaders('preferred', [{ topic: 'elected', partition: 0 }]))).to.deep.equal(['Failed to elect leader for partition elected-0 under strategy PreferredReplicaPartitionLeaderElectionStrategy']);
      await cluster.startBroker(2);
      await eventually(() => leadership(cluster, 1, 'elected'), ['3/3,2']);
      expect(outcomes(await admin.electLeaders('preferred', [{ topic: 'elected', partition: 0 }]))).to.deep.equal(['done']);
      expect(outcomes(await admin.electLeaders('preferred', [{ topic: 'elected', partition: 0 }, { topic: 'elected', partition: 9 }]))).to.deep.equal(['Leader election not needed for topic partition.', 'The partition does not exist.']);
      await eventually(() => leadership(cluster, 1, 'elected'), ['2/3,2']);
    });
  });

  describe('deletion of records', () => {
    it('moves the log start of every replica', async () => {
      await createAssigned(cluster, 'cut', [[1, 2, 3]]);
      await produce('cut', 20);
      expect(await admin.deleteRecords([{ topic: 'cut', partition: 0, offset: 7 }])).to.deep.equal([{ topic: 'cut', partition: 0, lowWatermark: 7, error: undefined }]);
      expect(await offsetAt('cut', -2)).to.equal(7);
      expect((await admin.deleteRecords([{ topic: 'cut', partition: 0, offset: -1 }]))[0]).to.include({ lowWatermark: 20 });
      expect((await admin.deleteRecords([{ topic: 'cut', partition: 0, offset: 21 }]))[0]!.error!.name).to.equal('OFFSET_OUT_OF_RANGE');
    });
  });

  it('take new properties of their topic while they serve', async () => {
    await createAssigned(cluster, 'changed', [[1, 2, 3]]);
    const resource = { type: 'topic', name: 'changed' } as const;
    const [outcome] = await admin.incrementalAlterConfigs([{ ...resource, changes: [{ name: 'max.message.bytes', operation: 'set', value: '300' }] }]);
    expect(outcome!.error).to.equal(undefined);
    const producer = createProducer({ bootstrapServers: cluster.bootstrapServers, acks: 'all', retries: 0 });
    await eventually(() => producer.send({ topic: 'changed', partition: 0, value: 'x'.repeat(400) }).then(() => 'taken', (error: Error & { readonly name: string }) => error.name), 'MESSAGE_TOO_LARGE');
    await producer.close();
  });

  it('lie in log directories whose sizes are told', async () => {
    await createAssigned(cluster, 'sized', [[1, 2, 3]]);
    await produce('sized', 10);
    const [one] = await admin.describeLogDirs([1], [{ topic: 'sized', partition: 0 }]);
    expect(one!.logDirs).to.have.length(1);
    const { replicas, totalBytes, usableBytes, error } = one!.logDirs[0]!;
    expect(error).to.equal(undefined);
    expect(totalBytes).to.be.greaterThan(usableBytes!);
    expect(replicas).to.have.length(1);
    expect(replicas[0]).to.include({ topic: 'sized', partition: 0, offsetLag: 0, isFuture: false });
    expect(replicas[0]!.sizeBytes).to.be.greaterThan(100);
  });
});
