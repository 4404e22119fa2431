import { expect } from 'chai';
import { createGroupCoordinator } from '../../../../src/coordinator/group/coordinator.ts';
import type { GroupCoordinator } from '../../../../src/coordinator/group/coordinator.ts';
import { encodeOffsetValue } from '../../../../src/coordinator/group/offset-value.ts';
import { encodeOffsetKey } from '../../../../src/coordinator/group/record-keys.ts';
import { partitionFor } from '../../../../src/coordinator/partition-for.ts';
import { interBrokerVersions } from '../../../../src/protocol/inter-broker-versions.ts';
import { buildBatch } from '../../../../src/record/build.ts';
import type { Partition } from '../../../../src/replica/partition.ts';
import type { LeadershipListener, ReplicaManager } from '../../../../src/replica/replica-manager.ts';
import { readBrokerConfiguration } from '../../../../src/runtime/config/broker-config.ts';
import { silentLogger } from '../../../../src/runtime/logger.ts';
import { nodeClock } from '../../../../src/runtime/node-clock.ts';
import { nodeRandom } from '../../../../src/runtime/node-random.ts';

const partitionCount = 2;
const groupOf = (partition: number): string => ['a', 'b', 'c', 'd'].find((name) => partitionFor(name, partitionCount) === partition)!;
const [loading, loaded] = [groupOf(0), groupOf(1)];
const committedOffset = 7;

/** A partition of `__consumer_offsets` with one commit of a group; what is read of it comes when `arrive` is called. */
function slowPartition(number: number): { readonly partition: Partition; readonly asked: Promise<void>; arrive(): void } {
  const value = encodeOffsetValue({ offset: committedOffset, leaderEpoch: -1, metadata: '', commitTimestampMs: nodeClock.nowMs(), expireTimestampMs: -1 }, 3);
  const bytes = buildBatch({ baseOffset: 0 }, [{ timestamp: nodeClock.nowMs(), key: encodeOffsetKey(groupOf(number), 't', 0), value }]);
  let wasAsked = (): void => undefined;
  let arrive = (): void => undefined;
  const asked = new Promise<void>((resolve) => (wasAsked = resolve));
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const file = {
    async read(buffer: Buffer): Promise<number> {
      wasAsked();
      await arrived;
      return bytes.copy(buffer);
    },
  };
  const log = { topic: '__consumer_offsets', partition: number, logStartOffset: 0, writtenEndOffset: 1, sizeBytes: bytes.length, read: () => ({ records: { file, position: 0, length: bytes.length } }) };
  return { partition: { topic: log.topic, partition: number, leaderEpoch: 0, log } as unknown as Partition, asked, arrive };
}

describe('a coordinator that reads the groups of a partition', () => {
  const { values: config } = readBrokerConfiguration({ 'broker.id': '1', 'zookeeper.connect': 'none' });
  const nobody = { memberId: '', instanceId: null, generation: -1 };
  const commits = [{ topic: 't', partition: 0, value: { offset: 1, leaderEpoch: -1, metadata: '', commitTimestampMs: 0, expireTimestampMs: -1 } }];
  const consumer = {
    clientId: 'c', clientHost: '/127.0.0.1', rebalanceTimeoutMs: 1000, sessionTimeoutMs: 10_000, protocolType: 'consumer', protocols: [{ name: 'range', metadata: Buffer.alloc(0) }], reason: '', requiresKnownMemberId: true, canSkipAssignment: true,
  };
  let leadership: LeadershipListener;
  let coordinator: GroupCoordinator;

  beforeEach(() => {
    const replicas = {
      onLeadership(listener: LeadershipListener) {
        leadership = listener;
        return () => undefined;
      },
    } as unknown as ReplicaManager;
    coordinator = createGroupCoordinator({ clock: nodeClock, random: nodeRandom, logger: silentLogger, config, protocol: interBrokerVersions('3.9'), replicas, partitionCount: () => partitionCount });
    coordinator.start();
  });
  afterEach(() => coordinator.close());

  const fetched = (group: string): string => {
    const { error, offsets } = coordinator.fetchOffsets(group, null, false);
    return error === 'NONE' ? offsets.map(({ topic, partition, value }) => `${topic}-${partition}: ${value?.offset}`).join() : error;
  };

  /** What each request is answered at once. */
  function answers(group: string): Record<string, string> {
    const told: Record<string, string> = {};
    const member = { memberId: 'm', instanceId: null };
    coordinator.join(group, { ...member, ...consumer, answer: ({ error }) => (told['join'] = error) });
    coordinator.sync(group, { ...member, generation: 1, protocolType: null, protocolName: null, assignment: new Map(), answer: ({ error }) => (told['sync'] = error) });
    told['heartbeat'] = coordinator.heartbeat(group, 'm', null, 1);
    told['leave'] = coordinator.leave(group, [{ memberId: 'm', groupInstanceId: null, reason: null }]).error;
    coordinator.commitOffsets(group, nobody, commits, ([error]) => (told['commit'] = error!));
    coordinator.commitTransactionalOffsets(group, nobody, { id: 1, epoch: 0 }, () => undefined, commits, ([error]) => (told['commit in a transaction'] = error!));
    told['fetch'] = fetched(group);
    told['describe'] = coordinator.describe(group).error;
    told['list'] = coordinator.list().error;
    told['delete'] = coordinator.deleteGroup(group);
    told['delete offsets'] = coordinator.deleteOffsets(group, [{ topic: 't', partition: 0 }]).error;
    return told;
  }

  it('asks everybody to wait, lets members live on, and knows the groups when it has read', async () => {
    const { partition, asked, arrive } = slowPartition(0);
    leadership.elected(partition);
    await asked;
    const wait = 'COORDINATOR_LOAD_IN_PROGRESS';
    expect(answers(loading)).to.deep.equal({
      join: wait, sync: 'REBALANCE_IN_PROGRESS', heartbeat: 'NONE', leave: wait, commit: wait, 'commit in a transaction': wait, fetch: wait, describe: wait, list: wait, delete: wait, 'delete offsets': wait,
    });
    arrive();
    while (coordinator.list().error === wait) await new Promise((resolve) => setImmediate(resolve));
    expect(fetched(loading)).to.equal(`t-0: ${committedOffset}`);
    expect(coordinator.list().groups.map(({ groupId }) => groupId)).to.deep.equal([loading]);
  });

  it('serves those of the others meanwhile', async () => {
    const [first, second] = [slowPartition(1), slowPartition(0)];
    first.arrive();
    leadership.elected(first.partition);
    leadership.elected(second.partition);
    await second.asked;
    expect([fetched(loaded), fetched(loading)]).to.deep.equal([`t-0: ${committedOffset}`, 'COORDINATOR_LOAD_IN_PROGRESS']);
    expect(coordinator.list()).to.deep.equal({ error: 'COORDINATOR_LOAD_IN_PROGRESS', groups: [{ groupId: loaded, protocolType: '', state: 'Empty' }] });
  });

  it('has none of them when the partition has gone to another broker meanwhile', async () => {
    const { partition, asked, arrive } = slowPartition(0);
    leadership.elected(partition);
    await asked;
    leadership.resigned(partition);
    expect([fetched(loading), coordinator.list().error]).to.deep.equal(['NOT_COORDINATOR', 'NONE']);
    arrive();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([fetched(loading), coordinator.list().groups.length]).to.deep.equal(['NOT_COORDINATOR', 0]);
  });
});
