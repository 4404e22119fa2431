import { encodeVersioned } from '../../../src/coordinator/versioned.ts';
import { connectRequestClient } from '../../../src/network/request-client.ts';
import type { RequestClient } from '../../../src/network/request-client.ts';
import { errorByCode } from '../../../src/protocol/errors.ts';
import { consumerProtocolAssignment, consumerProtocolSubscription } from '../../../src/protocol/messages/consumer-protocol.ts';
import { heartbeatRequest, heartbeatResponse } from '../../../src/protocol/messages/heartbeat.ts';
import { joinGroupRequest, joinGroupResponse } from '../../../src/protocol/messages/join-group.ts';
import type { JoinGroupResponse } from '../../../src/protocol/messages/join-group.ts';
import { leaveGroupRequest, leaveGroupResponse } from '../../../src/protocol/messages/leave-group.ts';
import { syncGroupRequest, syncGroupResponse } from '../../../src/protocol/messages/sync-group.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { createNodeNetwork } from '../../../src/runtime/node-network.ts';

/**
 * Members of groups, as the Java consumer speaks, without what it does beside: a connection each, because a JoinGroup that
 * waits holds up what follows it on its connection.
 */
export interface LoadMember {
  readonly client: RequestClient;
  memberId: string;
  generation: number;
}

export interface LoadGroup {
  readonly id: string;
  readonly members: LoadMember[];
  /** Members of the newest generation, as its leader was told. */
  newest: { generation: number; size: number };
}

const timeoutMs = 60_000;
const sessionTimeoutMs = 45_000;
/** Between the heartbeats of a member whose group is not whole yet. */
const pauseMs = 20;
const connectingAtOnce = 32;
const protocolName = 'range';
const protocolType = 'consumer';
const topics = Array.from({ length: 5 }, (_, index) => `topic-of-some-length-${index}`);
const metadata = encodeVersioned(consumerProtocolSubscription, 3, { topics });
const assignment = encodeVersioned(consumerProtocolAssignment, 3, { assignedPartitions: topics.map((topic) => ({ topic, partitions: [0, 1, 2, 3] })) });

const network = createNodeNetwork();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Members that are connected, and of no group yet. */
export async function connectMembers(port: number, count: number): Promise<LoadMember[]> {
  const members: LoadMember[] = [];
  let begun = 0;
  const connectSome = async (): Promise<void> => {
    while (begun++ < count) {
      const client = await connectRequestClient({ network, clock: nodeClock, host: '127.0.0.1', port, clientId: 'bench', connectTimeoutMs: timeoutMs, negotiate: false });
      members.push({ client, memberId: '', generation: -1 });
    }
  };
  await Promise.all(Array.from({ length: connectingAtOnce }, connectSome));
  return members;
}

/** All these members join; resolves when the whole group is synced, with those that were in it already. */
export async function join(group: LoadGroup, newcomers: readonly LoadMember[]): Promise<void> {
  const old = [...group.members];
  group.members.push(...newcomers);
  const size = group.members.length;
  await Promise.all(newcomers.map((member) => askForId(group, member)));
  await Promise.all([...newcomers.map((member) => joinUntilWhole(group, member, size)), ...old.map((member) => heartbeatUntilWhole(group, member, size))]);
}

/** One member leaves; resolves when the others are synced without it. */
export async function leave(group: LoadGroup): Promise<LoadMember> {
  const member = group.members.pop()!;
  const answer = await member.client.send(leaveGroupRequest, leaveGroupResponse, 5, { groupId: group.id, members: [{ memberId: member.memberId }] }, timeoutMs);
  for (const code of [answer.errorCode, answer.members[0]!.errorCode]) expectNone(code, 'LeaveGroup');
  member.memberId = '';
  const size = group.members.length;
  await Promise.all(group.members.map((other) => heartbeatUntilWhole(group, other, size)));
  return member;
}

/** @returns the error's name: NONE or REBALANCE_IN_PROGRESS */
export async function heartbeat(group: LoadGroup, member: LoadMember): Promise<string> {
  const { errorCode } = await member.client.send(heartbeatRequest, heartbeatResponse, 4, { groupId: group.id, generationId: member.generation, memberId: member.memberId }, timeoutMs);
  if (errorByCode(errorCode) !== 'REBALANCE_IN_PROGRESS') expectNone(errorCode, 'Heartbeat');
  return errorByCode(errorCode);
}

async function heartbeatUntilWhole(group: LoadGroup, member: LoadMember, size: number): Promise<void> {
  while ((await heartbeat(group, member)) === 'NONE') {
    if (isWhole(group, member, size)) return;
    await pause(pauseMs);
  }
  await joinUntilWhole(group, member, size);
}

async function joinUntilWhole(group: LoadGroup, member: LoadMember, size: number): Promise<void> {
  do await joinAndSync(group, member);
  while (!isWhole(group, member, size) && (await heartbeatsUntilRebalance(group, member, size)));
}

/** @returns whether there is a rebalance to join; else the group has become whole meanwhile */
async function heartbeatsUntilRebalance(group: LoadGroup, member: LoadMember, size: number): Promise<boolean> {
  while ((await heartbeat(group, member)) === 'NONE') {
    if (isWhole(group, member, size)) return false;
    await pause(pauseMs);
  }
  return true;
}

const isWhole = ({ newest }: LoadGroup, member: LoadMember, size: number): boolean => newest.generation === member.generation && newest.size === size;

async function joinAndSync(group: LoadGroup, member: LoadMember): Promise<void> {
  for (;;) {
    const joined = await sendJoin(group, member);
    expectNone(joined.errorCode, 'JoinGroup');
    const isLeader = joined.leader === joined.memberId;
    if (isLeader) group.newest = { generation: joined.generationId, size: joined.members.length };
    const assignments = isLeader ? joined.members.map(({ memberId }) => ({ memberId, assignment })) : [];
    const request = { groupId: group.id, generationId: joined.generationId, memberId: member.memberId, protocolType, protocolName, assignments };
    const { errorCode } = await member.client.send(syncGroupRequest, syncGroupResponse, 5, request, timeoutMs);
    if (errorByCode(errorCode) === 'REBALANCE_IN_PROGRESS') continue;
    expectNone(errorCode, 'SyncGroup');
    member.generation = joined.generationId;
    return;
  }
}

async function askForId(group: LoadGroup, member: LoadMember): Promise<void> {
  const { errorCode, memberId } = await sendJoin(group, member);
  if (errorByCode(errorCode) !== 'MEMBER_ID_REQUIRED') throw new Error(`a newcomer was answered with ${errorByCode(errorCode)}`);
  member.memberId = memberId;
}

function sendJoin(group: LoadGroup, { client, memberId }: LoadMember): Promise<JoinGroupResponse> {
  const request = { groupId: group.id, sessionTimeoutMs, rebalanceTimeoutMs: timeoutMs, memberId, protocolType, protocols: [{ name: protocolName, metadata }] };
  return client.send(joinGroupRequest, joinGroupResponse, 9, request, timeoutMs);
}

function expectNone(code: number, request: string): void {
  if (code !== 0) throw new Error(`${request} was answered with ${errorByCode(code)}`);
}
