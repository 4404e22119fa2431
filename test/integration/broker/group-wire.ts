import type { RequestClient } from '../../../src/network/request-client.ts';
import { errorByCode } from '../../../src/protocol/errors.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../../src/protocol/messages/find-coordinator.ts';
import { heartbeatRequest, heartbeatResponse } from '../../../src/protocol/messages/heartbeat.ts';
import { joinGroupRequest, joinGroupResponse } from '../../../src/protocol/messages/join-group.ts';
import type { JoinGroupResponse } from '../../../src/protocol/messages/join-group.ts';
import { leaveGroupRequest, leaveGroupResponse } from '../../../src/protocol/messages/leave-group.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../../../src/protocol/messages/offset-commit.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../../../src/protocol/messages/offset-fetch.ts';
import { syncGroupRequest, syncGroupResponse } from '../../../src/protocol/messages/sync-group.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import type { TestCluster } from '../../../src/testing/index.ts';
import { connect, withClient } from './wire.ts';

const timeoutMs = 20_000;

/** The broker that coordinates the group; waits until one does. */
export async function coordinatorOf(cluster: TestCluster, group: string): Promise<number> {
  const deadlineMs = nodeClock.monotonicMs() + timeoutMs;
  for (;;) {
    for (const id of cluster.brokers.keys()) {
      const found = await withClient(cluster, id, (client) => client.send(findCoordinatorRequest, findCoordinatorResponse, 4, { keyType: 0, coordinatorKeys: [group] }, timeoutMs));
      const { errorCode, nodeId } = found.coordinators[0]!;
      if (errorCode === 0 && cluster.brokers.has(nodeId)) {
        const { offsets } = await withClient(cluster, nodeId, (client) => fetchOffsets(client, group, []));
        if (offsets !== 'NOT_COORDINATOR' && offsets !== 'COORDINATOR_LOAD_IN_PROGRESS') return nodeId;
      }
    }
    if (nodeClock.monotonicMs() > deadlineMs) throw new Error(`nobody coordinates ${group}`);
    await new Promise((resolve) => nodeClock.setTimer(20, () => resolve(undefined)));
  }
}

export interface JoinOptions {
  readonly version?: number;
  readonly instanceId?: string | null;
  readonly memberId?: string;
  readonly protocols?: readonly string[];
  readonly protocolType?: string;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  readonly metadata?: Buffer;
}

export function sendJoin(client: RequestClient, group: string, options: JoinOptions = {}): Promise<JoinGroupResponse> {
  const { version = 9, instanceId = null, memberId = '', protocols = ['range'], protocolType = 'consumer', sessionTimeoutMs = 10_000, rebalanceTimeoutMs = 10_000, metadata = Buffer.from('m') } = options;
  return client.send(
    joinGroupRequest,
    joinGroupResponse,
    version,
    {
      groupId: group,
      sessionTimeoutMs,
      ...(version >= 1 ? { rebalanceTimeoutMs } : {}),
      memberId,
      ...(instanceId === null ? {} : { groupInstanceId: instanceId }),
      protocolType,
      protocols: protocols.map((name) => ({ name, metadata })),
    },
    timeoutMs,
  );
}

/** Joins as newcomers do: once for the id, once with it. */
export async function join(client: RequestClient, group: string, options: JoinOptions = {}): Promise<JoinGroupResponse> {
  const answer = await sendJoin(client, group, options);
  return errorByCode(answer.errorCode) === 'MEMBER_ID_REQUIRED' ? sendJoin(client, group, { ...options, memberId: answer.memberId }) : answer;
}

export async function sync(client: RequestClient, group: string, member: { readonly memberId: string; readonly generationId: number; readonly instanceId?: string | null }, assignments: Readonly<Record<string, string>> = {}): Promise<{ error: string; assignment: string }> {
  const answer = await client.send(
    syncGroupRequest,
    syncGroupResponse,
    5,
    {
      groupId: group,
      generationId: member.generationId,
      memberId: member.memberId,
      groupInstanceId: member.instanceId ?? null,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: Object.entries(assignments).map(([memberId, assignment]) => ({ memberId, assignment: Buffer.from(assignment) })),
    },
    timeoutMs,
  );
  return { error: errorByCode(answer.errorCode), assignment: answer.assignment.toString() };
}

export async function heartbeat(client: RequestClient, group: string, member: { readonly memberId: string; readonly generationId: number; readonly instanceId?: string | null }): Promise<string> {
  const answer = await client.send(heartbeatRequest, heartbeatResponse, 4, { groupId: group, generationId: member.generationId, memberId: member.memberId, groupInstanceId: member.instanceId ?? null }, timeoutMs);
  return errorByCode(answer.errorCode);
}

export async function leave(client: RequestClient, group: string, memberId: string, instanceId: string | null = null): Promise<string> {
  const answer = await client.send(leaveGroupRequest, leaveGroupResponse, 5, { groupId: group, members: [{ memberId, groupInstanceId: instanceId }] }, timeoutMs);
  return errorByCode(answer.errorCode !== 0 ? answer.errorCode : answer.members[0]!.errorCode);
}

export interface Commit {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata?: string;
}

/** @returns the error of each partition */
export async function commit(client: RequestClient, group: string, commits: readonly Commit[], member: { readonly memberId: string; readonly generationId: number } = { memberId: '', generationId: -1 }, version = 9): Promise<string[]> {
  const answer = await client.send(
    offsetCommitRequest,
    offsetCommitResponse,
    version,
    {
      groupId: group,
      ...(version >= 1 ? { generationIdOrMemberEpoch: member.generationId, memberId: member.memberId } : {}),
      topics: commits.map(({ topic, partition, offset, metadata = '' }) => ({ name: topic, partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: metadata }] })),
    },
    timeoutMs,
  );
  return answer.topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorByCode(errorCode)));
}

/** Offsets as `topic-partition: offset`, or the error of the group. */
export async function fetchOffsets(client: RequestClient, group: string, partitions: readonly { readonly topic: string; readonly partition: number }[] | null): Promise<{ offsets: string[] | string }> {
  const topics = partitions?.map(({ topic, partition }) => ({ name: topic, partitionIndexes: [partition] })) ?? null;
  const answer = await client.send(offsetFetchRequest, offsetFetchResponse, 9, { groups: [{ groupId: group, topics }], requireStable: true }, timeoutMs);
  const { errorCode, topics: found } = answer.groups[0]!;
  if (errorCode !== 0) return { offsets: errorByCode(errorCode) };
  return {
    offsets: found.flatMap(({ name, partitions: told }) => told.map(({ partitionIndex, committedOffset, metadata }) => `${name}-${partitionIndex}: ${committedOffset}${metadata === '' ? '' : ` ${metadata}`}`)).sort(),
  };
}

/** A connection to the group's coordinator. */
export async function connectToCoordinator(cluster: TestCluster, group: string): Promise<RequestClient> {
  return connect(cluster, await coordinatorOf(cluster, group));
}
