import { KafkaError, errorByCode } from '../protocol/errors.ts';
import type { ErrorName } from '../protocol/errors.ts';
import { deleteGroupsRequest, deleteGroupsResponse } from '../protocol/messages/delete-groups.ts';
import type { DescribeGroupsResponse } from '../protocol/messages/describe-groups.ts';
import { describeGroupsRequest, describeGroupsResponse } from '../protocol/messages/describe-groups.ts';
import { listGroupsRequest, listGroupsResponse } from '../protocol/messages/list-groups.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../protocol/messages/offset-commit.ts';
import { offsetDeleteRequest, offsetDeleteResponse } from '../protocol/messages/offset-delete.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../protocol/messages/offset-fetch.ts';
import type { AdminCalls } from './admin-calls.ts';
import { byTopic } from './admin-calls.ts';
import type { GroupAdmin, GroupDescription, GroupListing, GroupMemberDescription } from './admin-group-types.ts';
import type { PartitionOutcome } from './admin-partition-types.ts';
import type { Outcome } from './admin-types.ts';
import type { BrokerConnection } from './connections.ts';
import { consumerProtocolType, decodeAssignment } from './group/consumer-protocol.ts';
import { findCoordinator } from './group/find-coordinator.ts';
import { noGeneration } from './group/membership.ts';
import type { PartitionOffset } from './group/offset-requests.ts';
import { commitRequest, fetchRequestOf, fetchedOffsets } from './group/offset-requests.ts';
import type { Node } from './metadata.ts';
import type { TopicPartition } from './records.ts';

const failed = (name: ErrorName, what: string): KafkaError => new KafkaError(name, `${what}: ${name}`);

/** The admin client's calls about groups. @param nodes all brokers of the cluster */
export function groupAdmin(calls: AdminCalls, nodes: () => Promise<readonly Node[]>): GroupAdmin {
  /** Each attempt asks for the coordinator anew: an admin call is rare, and groups move. */
  function atCoordinator<T>(name: string, groupId: string, run: (connection: BrokerConnection, timeoutMs: number, node: Node) => Promise<T>): Promise<T> {
    return calls.call(name, 'any', async (connection, timeoutMs) => {
      const node = await findCoordinator(connection, groupId, timeoutMs);
      return run(await calls.brokerAt(node.id), timeoutMs, node);
    });
  }

  function listAt(brokerId: number, states: readonly string[], types: readonly string[]): Promise<GroupListing[]> {
    return calls.call('listConsumerGroups', brokerId, async (connection, timeoutMs) => {
      const request = { ...(states.length === 0 ? {} : { statesFilter: states }), ...(types.length === 0 ? {} : { typesFilter: types }) };
      const version = connection.requests.versionFor(listGroupsRequest);
      const { errorCode, groups } = await connection.call(listGroupsRequest, listGroupsResponse, request, timeoutMs);
      if (errorCode !== 0) throw failed(errorByCode(errorCode), `groups of broker ${brokerId} cannot be listed`);
      return groups.map(({ groupId, protocolType, groupState, groupType }) => ({ groupId, protocolType, state: version >= 4 ? groupState : undefined, type: version >= 5 ? groupType : undefined }));
    });
  }

  return {
    async listConsumerGroups({ states = [], types = [] } = {}) {
      const parts = await Promise.all((await nodes()).map(({ id }) => listAt(id, states, types)));
      return parts.flat().filter(({ protocolType }) => protocolType === consumerProtocolType || protocolType === '');
    },
    describeConsumerGroups: (groupIds) =>
      Promise.all(
        groupIds.map((groupId) =>
          atCoordinator('describeConsumerGroups', groupId, async (connection, timeoutMs, node) => {
            const response = await connection.call(describeGroupsRequest, describeGroupsResponse, { groups: [groupId] }, timeoutMs);
            return description(groupId, response, node);
          }),
        ),
      ),
    listConsumerGroupOffsets: (groupId, partitions) =>
      atCoordinator('listConsumerGroupOffsets', groupId, async (connection, timeoutMs) => {
        const version = connection.requests.versionFor(offsetFetchRequest);
        const response = await connection.call(offsetFetchRequest, offsetFetchResponse, fetchRequestOf(groupId, partitions, false, version), timeoutMs);
        const { error, offsets } = fetchedOffsets(response);
        if (error !== 'NONE') throw failed(error, `offsets of group ${groupId} cannot be told`);
        return offsets.filter((entry) => entry.error === 'NONE' && entry.offset >= 0).map(({ topic, partition, offset, leaderEpoch, metadata }): PartitionOffset => ({ topic, partition, offset, leaderEpoch, metadata }));
      }),
    alterConsumerGroupOffsets: (groupId, offsets) =>
      offsets.length === 0
        ? Promise.resolve([])
        : atCoordinator('alterConsumerGroupOffsets', groupId, async (connection, timeoutMs) => {
            const version = connection.requests.versionFor(offsetCommitRequest);
            const response = await connection.call(offsetCommitRequest, offsetCommitResponse, commitRequest(groupId, noGeneration, undefined, offsets, version), timeoutMs);
            return response.topics.flatMap(({ name, partitions }) => partitions.map(({ partitionIndex, errorCode }) => partitionOutcome(name, partitionIndex, errorCode)));
          }),
    deleteConsumerGroupOffsets: (groupId, partitions) =>
      atCoordinator('deleteConsumerGroupOffsets', groupId, async (connection, timeoutMs) => {
        const topics = byTopic(partitions).map(({ name, entries }) => ({ name, partitions: entries.map(({ partition }: TopicPartition) => ({ partitionIndex: partition })) }));
        const response = await connection.call(offsetDeleteRequest, offsetDeleteResponse, { groupId, topics }, timeoutMs);
        if (response.errorCode !== 0) throw failed(errorByCode(response.errorCode), `offsets of group ${groupId} cannot be deleted`);
        return response.topics.flatMap(({ name, partitions: its }) => its.map(({ partitionIndex, errorCode }) => partitionOutcome(name, partitionIndex, errorCode)));
      }),
    deleteConsumerGroups: (groupIds) =>
      Promise.all(
        groupIds.map((groupId) =>
          atCoordinator('deleteConsumerGroups', groupId, async (connection, timeoutMs): Promise<Outcome> => {
            const { results } = await connection.call(deleteGroupsRequest, deleteGroupsResponse, { groupsNames: [groupId] }, timeoutMs);
            const error = errorByCode(results[0]?.errorCode ?? -1);
            if (isMoved(error)) throw failed(error, `group ${groupId} cannot be deleted`);
            return { name: groupId, error: error === 'NONE' ? undefined : failed(error, `group ${groupId} cannot be deleted`) };
          }),
        ),
      ),
  };
}

/** Worth another try, at another broker or a little later. */
const isMoved = (error: ErrorName): boolean => error === 'NOT_COORDINATOR' || error === 'COORDINATOR_NOT_AVAILABLE' || error === 'COORDINATOR_LOAD_IN_PROGRESS';

/** @throws KafkaError when the whole call must be sent again */
function partitionOutcome(topic: string, partition: number, code: number): PartitionOutcome {
  const error = errorByCode(code);
  if (isMoved(error)) throw failed(error, `${topic}-${partition}`);
  return { topic, partition, error: error === 'NONE' ? undefined : failed(error, `${topic}-${partition}`) };
}

/** @throws KafkaError when the whole call must be sent again */
function description(groupId: string, response: DescribeGroupsResponse, coordinator: Node): GroupDescription {
  const [group] = response.groups;
  const name = errorByCode(group?.errorCode ?? -1);
  if (group === undefined || isMoved(name)) throw failed(name, `group ${groupId} cannot be described`);
  const { groupState, protocolType, protocolData, members } = group;
  return {
    groupId,
    state: groupState,
    protocolType,
    assignor: protocolData,
    coordinator,
    error: name === 'NONE' ? undefined : failed(name, `group ${groupId} cannot be described`),
    members: members.map(
      ({ memberId, groupInstanceId, clientId, clientHost, memberAssignment }): GroupMemberDescription => ({
        memberId,
        groupInstanceId: groupInstanceId ?? undefined,
        clientId,
        host: clientHost,
        // Empty while the group is rebalancing.
        partitions: memberAssignment.length > 0 && protocolType === consumerProtocolType ? decodeAssignment(memberAssignment) : [],
      }),
    ),
  };
}
