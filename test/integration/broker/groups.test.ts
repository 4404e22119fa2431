import { expect } from 'chai';
import type { RequestClient } from '../../../src/network/request-client.ts';
import { errorByCode } from '../../../src/protocol/errors.ts';
import { consumerGroupDescribeRequest, consumerGroupDescribeResponse } from '../../../src/protocol/messages/consumer-group-describe.ts';
import { consumerGroupHeartbeatRequest, consumerGroupHeartbeatResponse } from '../../../src/protocol/messages/consumer-group-heartbeat.ts';
import { deleteGroupsRequest, deleteGroupsResponse } from '../../../src/protocol/messages/delete-groups.ts';
import { deleteTopicsRequest, deleteTopicsResponse } from '../../../src/protocol/messages/delete-topics.ts';
import { describeGroupsRequest, describeGroupsResponse } from '../../../src/protocol/messages/describe-groups.ts';
import { leaveGroupRequest, leaveGroupResponse } from '../../../src/protocol/messages/leave-group.ts';
import { listGroupsRequest, listGroupsResponse } from '../../../src/protocol/messages/list-groups.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../../../src/protocol/messages/offset-commit.ts';
import { offsetDeleteRequest, offsetDeleteResponse } from '../../../src/protocol/messages/offset-delete.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../../../src/protocol/messages/offset-fetch.ts';
import { syncGroupRequest, syncGroupResponse } from '../../../src/protocol/messages/sync-group.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import type { TestCluster } from '../../../src/testing/index.ts';
import { commit, connectToCoordinator, coordinatorOf, fetchOffsets, heartbeat, join, leave, sendJoin, sync } from './group-wire.ts';
import { connect, controllerOf, createTopics, eventually, withClient } from './wire.ts';

const timeoutMs = 15_000;
/** A subscription of consumers to one topic. */
const subscribed = (topic: string): Buffer => Buffer.from(`000000000001${Buffer.from([0, topic.length]).toString('hex')}${Buffer.from(topic).toString('hex')}ffffffff`, 'hex');

describe('groups, over sockets', () => {
  let cluster: TestCluster;
  const clients: RequestClient[] = [];

  before(async () => {
    cluster = await startTestCluster({
      brokers: 3,
      properties: { 'offsets.topic.num.partitions': 5, 'group.min.session.timeout.ms': 300, 'offsets.retention.check.interval.ms': 200, 'offset.metadata.max.bytes': 10, 'group.max.size': 4 },
    });
    expect(await createTopics(cluster, [{ name: 't', numPartitions: 3, replicationFactor: 2 }, { name: 'gone', numPartitions: 1, replicationFactor: 1 }])).to.deep.equal({ t: 'NONE', gone: 'NONE' });
  });
  after(() => cluster.stop());
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });

  /** Requests of one connection are answered in order: whoever waits needs a connection of its own. */
  async function coordinator(group: string): Promise<RequestClient> {
    const client = await connectToCoordinator(cluster, group);
    clients.push(client);
    return client;
  }

  async function stableMember(group: string, topic = 't'): Promise<{ client: RequestClient; memberId: string; generationId: number }> {
    const client = await coordinator(group);
    const { memberId, generationId, errorCode } = await join(client, group, { metadata: subscribed(topic) });
    expect(errorByCode(errorCode)).to.equal('NONE');
    expect(await sync(client, group, { memberId, generationId }, { [memberId]: 'mine' })).to.deep.equal({ error: 'NONE', assignment: 'mine' });
    return { client, memberId, generationId };
  }

  it('share the work, and hear when somebody comes', async () => {
    const [one, two] = [await coordinator('share'), await coordinator('share')];
    const first = await join(one, 'share');
    expect(await sync(one, 'share', first, { [first.memberId]: 'all' })).to.deep.equal({ error: 'NONE', assignment: 'all' });
    const second = join(two, 'share');
    await eventually(() => heartbeat(one, 'share', first), 'REBALANCE_IN_PROGRESS');
    const again = await sendJoin(one, 'share', { memberId: first.memberId });
    const { memberId } = await second;
    expect(again.members.map((member) => member.memberId).sort()).to.deep.equal([first.memberId, memberId].sort());
    const waiting = sync(two, 'share', { memberId, generationId: 2 });
    expect((await sync(one, 'share', again, { [first.memberId]: 'half', [memberId]: 'other half' })).assignment).to.equal('half');
    expect(await waiting).to.deep.equal({ error: 'NONE', assignment: 'other half' });
    expect(await leave(two, 'share', memberId)).to.equal('NONE');
    expect(await heartbeat(one, 'share', again)).to.equal('REBALANCE_IN_PROGRESS');
  });

  it('lose a member that is not heard of', async () => {
    const client = await coordinator('silent');
    const { memberId, generationId } = await join(client, 'silent', { sessionTimeoutMs: 300 });
    await eventually(() => heartbeat(client, 'silent', { memberId, generationId: generationId + 9 }), 'UNKNOWN_MEMBER_ID');
    await eventually(async () => (await describeOne(client, 'silent')).groupState, 'Empty');
  });

  it('answer every version of JoinGroup, SyncGroup and LeaveGroup', async () => {
    for (let version = 0; version <= 9; version++) {
      const group = `version-${version}`;
      const client = await coordinator(group);
      const joined = await join(client, group, { version });
      expect(joined).to.deep.include({ errorCode: 0, generationId: 1, protocolName: 'range', leader: joined.memberId });
      const syncVersion = Math.min(version, 5);
      const synced = await client.send(syncGroupRequest, syncGroupResponse, syncVersion, { groupId: group, generationId: 1, memberId: joined.memberId, ...(syncVersion >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {}), assignments: [{ memberId: joined.memberId, assignment: Buffer.from('x') }] }, timeoutMs);
      expect(synced.assignment.toString()).to.equal('x');
      const leaveVersion = Math.min(version, 5);
      const left = (memberId: string) => client.send(leaveGroupRequest, leaveGroupResponse, leaveVersion, { groupId: group, ...(leaveVersion >= 3 ? { members: [{ memberId }] } : { memberId }) }, timeoutMs);
      expect((await left(joined.memberId)).errorCode).to.equal(0);
      const again = await left(joined.memberId);
      expect(errorByCode(leaveVersion >= 3 ? again.members[0]!.errorCode : again.errorCode)).to.equal('UNKNOWN_MEMBER_ID');
    }
  });

  it('refuse what Kafka refuses', async () => {
    const client = await coordinator('refuse');
    const error = async (answer: Promise<{ errorCode: number }>): Promise<string> => errorByCode((await answer).errorCode);
    expect(await error(sendJoin(client, 'refuse', { sessionTimeoutMs: 1 }))).to.equal('INVALID_SESSION_TIMEOUT');
    expect(await error(sendJoin(client, 'refuse', { sessionTimeoutMs: 9_999_999 }))).to.equal('INVALID_SESSION_TIMEOUT');
    expect(await error(sendJoin(client, '', {}))).to.equal('INVALID_GROUP_ID');
    expect(await error(sendJoin(client, 'refuse', { memberId: 'nobody' }))).to.equal('UNKNOWN_MEMBER_ID');
    expect(await error(sendJoin(client, 'refuse', { protocols: [] }))).to.equal('INCONSISTENT_GROUP_PROTOCOL');
    const others = [...cluster.brokers.keys()].filter((id) => !client.port.toString().endsWith(String(cluster.brokers.get(id)!.endpoints[0]!.port)));
    const other = await connect(cluster, others[0]!);
    clients.push(other);
    expect(await error(sendJoin(other, 'refuse'))).to.equal('NOT_COORDINATOR');
    expect(await heartbeat(other, 'refuse', { memberId: 'x', generationId: 1 })).to.equal('NOT_COORDINATOR');
    expect(await leave(other, 'refuse', 'x')).to.equal('NOT_COORDINATOR');
    expect(await commit(other, 'refuse', [{ topic: 't', partition: 0, offset: 1 }])).to.deep.equal(['NOT_COORDINATOR']);
    expect((await describeOne(other, 'refuse')).errorCode).to.equal(16);
    const nameless = client.send(syncGroupRequest, syncGroupResponse, 5, { groupId: 'refuse', generationId: 1, memberId: 'x', protocolType: null, protocolName: null, assignments: [] }, timeoutMs);
    expect(await error(nameless)).to.equal('INCONSISTENT_GROUP_PROTOCOL');
    const newer = client.send(consumerGroupHeartbeatRequest, consumerGroupHeartbeatResponse, 0, { groupId: 'x', memberId: '', memberEpoch: 0, rebalanceTimeoutMs: 1000, subscribedTopicNames: ['t'], topicPartitions: [] }, timeoutMs);
    expect(await error(newer)).to.equal('UNSUPPORTED_VERSION');
    const described = await client.send(consumerGroupDescribeRequest, consumerGroupDescribeResponse, 0, { groupIds: ['x'], includeAuthorizedOperations: false }, timeoutMs);
    expect(described.groups.map(({ groupId, errorCode }) => [groupId, errorByCode(errorCode)])).to.deep.equal([['x', 'UNSUPPORTED_VERSION']]);
  });

  it('have no more members than group.max.size', async () => {
    const members = await Promise.all([1, 2, 3, 4, 5].map(() => coordinator('large')));
    const joins = members.map((client) => join(client, 'large', { rebalanceTimeoutMs: 500 }));
    const errors = (await Promise.all(joins)).map(({ errorCode }) => errorByCode(errorCode));
    expect(errors.filter((error) => error === 'GROUP_MAX_SIZE_REACHED').length).to.be.at.least(1);
  });

  it('keep offsets: of members, of those who are none, and none of what is unknown or too long', async () => {
    const { client, memberId, generationId } = await stableMember('offsets');
    expect(await commit(client, 'offsets', [{ topic: 't', partition: 0, offset: 5, metadata: 'm' }, { topic: 't', partition: 9, offset: 5 }, { topic: 'no-topic', partition: 0, offset: 5 }, { topic: 't', partition: 1, offset: 5, metadata: 'longer than 10' }], { memberId, generationId })).to.have.members(['NONE', 'UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_OR_PARTITION', 'OFFSET_METADATA_TOO_LARGE']);
    expect(await commit(client, 'offsets', [{ topic: 't', partition: 0, offset: 7 }])).to.deep.equal(['UNKNOWN_MEMBER_ID']);
    expect(await commit(client, 'offsets', [{ topic: 't', partition: 0, offset: 7 }], { memberId, generationId: 9 })).to.deep.equal(['ILLEGAL_GENERATION']);
    expect(await fetchOffsets(client, 'offsets', null)).to.deep.equal({ offsets: ['t-0: 5 m'] });
    expect(await fetchOffsets(client, 'offsets', [{ topic: 't', partition: 2 }])).to.deep.equal({ offsets: ['t-2: -1'] });
    const simple = await coordinator('simple');
    expect(await commit(simple, 'simple', [{ topic: 't', partition: 1, offset: 3 }])).to.deep.equal(['NONE']);
    expect(await commit(simple, 'simple-unknown', [], { memberId: 'x', generationId: 3 })).to.deep.equal([]);
    expect(await fetchOffsets(simple, 'simple', null)).to.deep.equal({ offsets: ['t-1: 3'] });
  });

  it('answer every version of OffsetCommit and OffsetFetch; version 0 keeps offsets in ZooKeeper', async () => {
    const client = await coordinator('versions');
    for (let version = 0; version <= 9; version++) {
      expect(await commit(client, 'versions', [{ topic: 't', partition: 0, offset: 100 + version }], undefined, version), `commit v${version}`).to.deep.equal(['NONE']);
      const topics = [{ name: 't', partitionIndexes: [0, 1] }];
      const answer = await client.send(offsetFetchRequest, offsetFetchResponse, version, version >= 8 ? { groups: [{ groupId: 'versions', topics }] } : { groupId: 'versions', topics }, timeoutMs);
      const partitions = (version >= 8 ? answer.groups[0]!.topics : answer.topics)[0]!.partitions;
      expect(partitions.map(({ committedOffset, errorCode }) => [committedOffset, errorByCode(errorCode)]), `fetch v${version}`).to.deep.equal([[100 + version, 'NONE'], [-1, version === 0 ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'NONE']]);
    }
    const old = await client.send(offsetFetchRequest, offsetFetchResponse, 0, { groupId: 'versions', topics: [{ name: 't', partitionIndexes: [0] }] }, timeoutMs);
    expect(old.topics[0]!.partitions[0]!.committedOffset).to.equal(100);
  });

  it('give offsets of many groups at once, each with its own error (KIP-709)', async () => {
    const client = await coordinator('many');
    await commit(client, 'many', [{ topic: 't', partition: 0, offset: 1 }]);
    const elsewhere = await groupElsewhere('many');
    const { groups } = await client.send(offsetFetchRequest, offsetFetchResponse, 8, { groups: [{ groupId: 'many', topics: null }, { groupId: elsewhere, topics: null }] }, timeoutMs);
    expect(groups.map(({ groupId, errorCode, topics }) => [groupId, errorByCode(errorCode), topics.length])).to.deep.equal([['many', 'NONE', 1], [elsewhere, 'NOT_COORDINATOR', 0]]);
  });

  it('are described and listed, by state and type', async () => {
    const { client, memberId } = await stableMember('described');
    const described = await describeOne(client, 'described');
    expect(described).to.deep.include({ errorCode: 0, groupState: 'Stable', protocolType: 'consumer', protocolData: 'range', authorizedOperations: 328 });
    expect(described.members.map(({ memberId: id, clientId, clientHost, memberAssignment }) => [id, clientId, clientHost, memberAssignment.toString()])).to.deep.equal([[memberId, 'test', '/127.0.0.1', 'mine']]);
    expect(await describeOne(client, await groupElsewhere('described', true))).to.deep.include({ errorCode: 0, groupState: 'Dead' });
    const list = async (statesFilter: string[], typesFilter: string[] = []): Promise<string[]> =>
      (await client.send(listGroupsRequest, listGroupsResponse, 5, { statesFilter, typesFilter }, timeoutMs)).groups.filter(({ groupId }) => groupId === 'described').map(({ groupState, groupType, protocolType }) => `${groupState} ${groupType} ${protocolType}`);
    expect(await list([])).to.deep.equal(['Stable classic consumer']);
    expect(await list(['sTaBLe'], ['Classic'])).to.deep.equal(['Stable classic consumer']);
    expect(await list(['Empty'])).to.deep.equal([]);
    expect(await list([], ['consumer'])).to.deep.equal([]);
  });

  it('are deleted when nobody is in them, and so are offsets of topics that nobody reads', async () => {
    const { client, memberId, generationId } = await stableMember('deleted', 't');
    await commit(client, 'deleted', [{ topic: 't', partition: 0, offset: 5 }, { topic: 'gone', partition: 0, offset: 5 }], { memberId, generationId });
    const removeOffsets = async (group: string): Promise<string[]> => {
      const answer = await client.send(offsetDeleteRequest, offsetDeleteResponse, 0, { groupId: group, topics: [{ name: 't', partitions: [{ partitionIndex: 0 }] }, { name: 'gone', partitions: [{ partitionIndex: 0 }, { partitionIndex: 7 }] }] }, timeoutMs);
      return answer.errorCode !== 0 ? [errorByCode(answer.errorCode)] : answer.topics.flatMap(({ name, partitions }) => partitions.map(({ partitionIndex, errorCode }) => `${name}-${partitionIndex} ${errorByCode(errorCode)}`)).sort();
    };
    expect(await removeOffsets('deleted')).to.deep.equal(['gone-0 NONE', 'gone-7 UNKNOWN_TOPIC_OR_PARTITION', 't-0 GROUP_SUBSCRIBED_TO_TOPIC']);
    expect(await removeOffsets(await groupElsewhere('deleted', true))).to.deep.equal(['GROUP_ID_NOT_FOUND']);
    expect(await fetchOffsets(client, 'deleted', null)).to.deep.equal({ offsets: ['t-0: 5'] });
    const remove = async (): Promise<string[]> => {
      const { results } = await client.send(deleteGroupsRequest, deleteGroupsResponse, 2, { groupsNames: ['deleted', 'deleted'] }, timeoutMs);
      return results.map(({ errorCode }) => errorByCode(errorCode));
    };
    expect(await remove()).to.deep.equal(['NON_EMPTY_GROUP']);
    await leave(client, 'deleted', memberId);
    expect(await remove()).to.deep.equal(['NONE']);
    expect(await remove()).to.deep.equal(['GROUP_ID_NOT_FOUND']);
  });

  it('forget offsets whose time is over, and go with the last one', async () => {
    const client = await coordinator('expiring');
    const answer = await client.send(offsetCommitRequest, offsetCommitResponse, 2, { groupId: 'expiring', retentionTimeMs: 100, topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 5, committedMetadata: '' }] }] }, timeoutMs);
    expect(answer.topics[0]!.partitions[0]!.errorCode).to.equal(0);
    await eventually(async () => (await describeOne(client, 'expiring')).groupState, 'Dead');
    expect(await fetchOffsets(client, 'expiring', null)).to.deep.equal({ offsets: [] });
  });

  it('forget offsets of topics that are deleted', async () => {
    const client = await coordinator('of-gone');
    await commit(client, 'of-gone', [{ topic: 't', partition: 0, offset: 1 }, { topic: 'gone', partition: 0, offset: 5 }]);
    await withClient(cluster, controllerOf(cluster), (admin) => admin.send(deleteTopicsRequest, deleteTopicsResponse, 5, { topicNames: ['gone'], timeoutMs }, timeoutMs));
    await eventually(async () => (await fetchOffsets(client, 'of-gone', null)).offsets, ['t-0: 1']);
  });

  it('go on under another coordinator when theirs stops: members, generation and offsets', async () => {
    const { client, memberId, generationId } = await stableMember('moves');
    await commit(client, 'moves', [{ topic: 't', partition: 0, offset: 42 }], { memberId, generationId });
    const waiting = join(await coordinator('moves'), 'moves');
    await eventually(async () => (await describeOne(client, 'moves')).groupState, 'PreparingRebalance');
    const before = await coordinatorOf(cluster, 'moves');
    await cluster.stopBroker(before);
    expect(await waiting.then(({ errorCode }) => errorByCode(errorCode), () => 'connection lost')).to.be.oneOf(['NOT_COORDINATOR', 'connection lost']);
    const moved = await coordinator('moves');
    expect(await coordinatorOf(cluster, 'moves')).to.not.equal(before);
    expect(await fetchOffsets(moved, 'moves', null)).to.deep.equal({ offsets: ['t-0: 42'] });
    expect(await describeOne(moved, 'moves')).to.deep.include({ groupState: 'Stable', protocolType: 'consumer', protocolData: 'range' });
    expect(await heartbeat(moved, 'moves', { memberId, generationId })).to.equal('NONE');
    expect(await commit(moved, 'moves', [{ topic: 't', partition: 0, offset: 43 }], { memberId, generationId })).to.deep.equal(['NONE']);
    await cluster.startBroker(before);
    const back = await coordinator('moves');
    expect(await fetchOffsets(back, 'moves', null)).to.deep.equal({ offsets: ['t-0: 43'] });
  });

  async function describeOne(client: RequestClient, group: string) {
    const { groups } = await client.send(describeGroupsRequest, describeGroupsResponse, 5, { groups: [group], includeAuthorizedOperations: true }, timeoutMs);
    return groups[0]!;
  }

  /** A group that does not exist and belongs to another coordinator than this one, or to the same. */
  async function groupElsewhere(group: string, isSame = false): Promise<string> {
    const here = await coordinatorOf(cluster, group);
    for (let index = 0; ; index++) {
      const other = `other-${group}-${index}`;
      if (((await coordinatorOf(cluster, other)) === here) === isSame) return other;
    }
  }
});
