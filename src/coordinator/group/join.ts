import type { ErrorName } from '../../protocol/errors.ts';
import type { Effects } from './effects.ts';
import type { Group, Now } from './group.ts';
import { groupValue } from './group-value.ts';
import { identityError } from './identity.ts';
import { failedJoin, failedSync, hasProtocols, noBytes } from './member.ts';
import type { JoinAnswer, Member, Protocol } from './member.ts';
import { answerJoin, answerSync, completeJoinIfAllJoined, joined, prepareRebalance, rebalanceIfPossible } from './rebalance.ts';
import type { GroupLimits } from './rebalance.ts';

export interface Join {
  /** Empty for a newcomer. */
  readonly memberId: string;
  /** What a newcomer will be called. */
  readonly newMemberId: string;
  readonly instanceId: string | null;
  /** A newcomer must come twice, so that one that gave up in between leaves nobody behind (KIP-394). */
  readonly requiresKnownMemberId: boolean;
  readonly canSkipAssignment: boolean;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
  readonly reason: string;
  readonly answer: JoinAnswer;
}

/** How long a newcomer's JoinGroup may wait; it cannot send heartbeats (GroupCoordinator.NewMemberJoinTimeoutMs). */
const newMemberJoinTimeoutMs = 5 * 60 * 1000;

/** A JoinGroup. @see GroupCoordinator.handleJoinGroup in Apache Kafka 3.9 */
export function join(group: Group, request: Join, limits: GroupLimits, now: Now): Effects {
  const effects: Effects = [];
  if (!hasRoomFor(group, request.memberId, limits)) {
    group.remove(request.memberId);
    refuse(request, '', 'GROUP_MAX_SIZE_REACHED', effects);
  } else if (group.state === 'Dead') {
    refuse(request, request.memberId, 'COORDINATOR_NOT_AVAILABLE', effects);
  } else if (!group.supports(request.protocolType, request.protocols)) {
    refuse(request, request.memberId, 'INCONSISTENT_GROUP_PROTOCOL', effects);
  } else if (request.memberId === '') {
    newcomerJoins(group, request, limits, now, effects);
  } else if (group.pendingMembers.has(request.memberId)) {
    // Ids are handed out to dynamic members alone.
    if (request.instanceId !== null) refuse(request, request.memberId, 'UNKNOWN_SERVER_ERROR', effects);
    else addMember(group, request, request.memberId, limits, now, effects);
  } else {
    knownMemberJoins(group, request, limits, now, effects);
  }
  completeJoinIfAllJoined(group, now, effects);
  return effects;
}

function refuse({ answer }: Join, memberId: string, error: ErrorName, effects: Effects): void {
  effects.push({ kind: 'answer-join', answer, result: failedJoin(memberId, error) });
}

/**
 * While members join, those who wait are counted: the group may be larger than what is now allowed, and who rejoins last
 * has to go (KIP-389).
 */
function hasRoomFor(group: Group, memberId: string, { sizeMax }: GroupLimits): boolean {
  const member = group.members.get(memberId);
  switch (group.state) {
    case 'Empty':
    case 'Dead':
      return true;
    case 'PreparingRebalance':
      return member?.joinAnswer !== undefined || group.joiningCount < sizeMax;
    case 'CompletingRebalance':
    case 'Stable':
      return member !== undefined || group.members.size < sizeMax;
  }
}

function newcomerJoins(group: Group, request: Join, limits: GroupLimits, now: Now, effects: Effects): void {
  const { newMemberId, instanceId } = request;
  const replacedId = instanceId === null ? undefined : group.staticMemberId(instanceId);
  if (replacedId !== undefined) {
    replaceStaticMember(group, group.members.get(replacedId)!, request, limits, now, effects);
  } else if (request.requiresKnownMemberId) {
    const deadlineMs = now.monotonicMs + request.sessionTimeoutMs;
    group.pendingMembers.set(newMemberId, deadlineMs);
    group.wakeBy(deadlineMs);
    refuse(request, newMemberId, 'MEMBER_ID_REQUIRED', effects);
  } else {
    addMember(group, request, newMemberId, limits, now, effects);
  }
}

function addMember(group: Group, request: Join, id: string, limits: GroupLimits, now: Now, effects: Effects): void {
  const { instanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols } = request;
  const member: Member = {
    id,
    instanceId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    sessionTimeoutMs,
    protocols,
    assignment: noBytes,
    joinAnswer: undefined,
    syncAnswer: undefined,
    isNew: true,
    deadlineMs: Infinity,
  };
  if (group.state === 'PreparingRebalance' && group.generation === 0) group.isNewMemberAdded = true;
  if (group.members.size === 0) group.protocolType = request.protocolType;
  group.add(member, request.answer);
  group.touch(member, now.monotonicMs, newMemberJoinTimeoutMs);
  rebalanceIfPossible(group, limits, `Adding new member ${id} with group instance id ${instanceId ?? 'None'}; client reason: ${request.reason}`, now, effects);
}

function knownMemberJoins(group: Group, request: Join, limits: GroupLimits, now: Now, effects: Effects): void {
  const { memberId, protocols, answer } = request;
  const error = identityError(group, memberId, request.instanceId);
  const member = group.members.get(memberId);
  if (error !== 'NONE' || member === undefined) {
    refuse(request, memberId, error, effects);
    return;
  }
  const isSettled = group.state === 'CompletingRebalance' || (group.state === 'Stable' && group.leaderId !== memberId);
  if (isSettled && hasProtocols(member, protocols)) {
    // It may not have heard how the join ended. A leader that joins a stable group wants a rebalance: topics changed.
    effects.push({ kind: 'answer-join', answer, result: joined(group, memberId) });
    return;
  }
  // One that waits already has given up, and asks anew.
  answerJoin(group, member, failedJoin(memberId, 'REBALANCE_IN_PROGRESS'), effects);
  group.update(member, request, answer);
  rebalanceIfPossible(group, limits, `Member ${memberId} joining group during ${group.state}; client reason: ${request.reason}`, now, effects);
}

/** A static member's process started again: it takes its predecessor's place under a new id (KIP-345). */
function replaceStaticMember(group: Group, member: Member, request: Join, limits: GroupLimits, now: Now, effects: Effects): void {
  const { newMemberId } = request;
  const oldId = member.id;
  const leaderId = group.leaderId ?? '';
  answerJoin(group, member, failedJoin(oldId, 'FENCED_INSTANCE_ID'), effects);
  answerSync(member, failedSync('FENCED_INSTANCE_ID'), effects);
  group.rename(member, newMemberId);
  const { protocols: oldProtocols, rebalanceTimeoutMs, sessionTimeoutMs } = member;
  group.update(member, request, request.answer);
  group.touch(member, now.monotonicMs);
  effects.push({ kind: 'log', event: 'static member came back under a new id', fields: { instance: member.instanceId, from: oldId, to: newMemberId, state: group.state } });
  if (group.state === 'CompletingRebalance') {
    // The leader may be assigning to the old id at this moment.
    prepareRebalance(group, limits, `Updating metadata for static member ${newMemberId}; client reason: ${request.reason}`, now, effects);
  } else if (group.state === 'Stable' && group.selectProtocol() !== group.protocolName) {
    prepareRebalance(group, limits, `Group's selectedProtocol will change because static member ${newMemberId} joined with change of protocol; client reason: ${request.reason}`, now, effects);
  } else if (group.state === 'Stable') {
    effects.push({
      kind: 'store-group',
      value: groupValue(group, assignments(group)),
      purpose: {
        kind: 'static-member',
        oldId,
        newId: newMemberId,
        answer: request.answer,
        canSkipAssignment: request.canSkipAssignment,
        leaderId,
        before: { protocols: oldProtocols, rebalanceTimeoutMs, sessionTimeoutMs },
      },
    });
  }
}

function assignments(group: Group): ReadonlyMap<string, Buffer> {
  return new Map(Array.from(group.members.values(), ({ id, assignment }) => [id, assignment] as const));
}
