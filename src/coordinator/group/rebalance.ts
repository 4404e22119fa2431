import type { ErrorName } from '../../protocol/errors.ts';
import type { Effects } from './effects.ts';
import type { Group, Now } from './group.ts';
import { groupValue } from './group-value.ts';
import { failedJoin, failedSync, isStatic, noBytes } from './member.ts';
import type { JoinResult, Member, SyncResult } from './member.ts';

/** What the broker's properties allow. */
export interface GroupLimits {
  readonly sessionTimeoutMinMs: number;
  readonly sessionTimeoutMaxMs: number;
  /** Members of one group. */
  readonly sizeMax: number;
  readonly initialRebalanceDelayMs: number;
}

/** Answers a JoinGroup that waits, if one does. */
export function answerJoin(group: Group, member: Member, result: JoinResult, effects: Effects): void {
  const answer = member.joinAnswer;
  if (answer === undefined) return;
  group.setJoinAnswer(member, undefined);
  effects.push({ kind: 'answer-join', answer, result });
}

/** Answers a SyncGroup that waits; false when none does. */
export function answerSync(member: Member, result: SyncResult, effects: Effects): boolean {
  const answer = member.syncAnswer;
  if (answer === undefined) return false;
  member.syncAnswer = undefined;
  effects.push({ kind: 'answer-sync', answer, result });
  return true;
}

/** Hands the assignments out, or an error in their place, to all who wait for them; their sessions begin anew. */
export function propagateAssignment(group: Group, error: ErrorName, now: Now, effects: Effects): void {
  for (const member of group.members.values()) {
    const result = error === 'NONE' ? { error, protocolType: group.protocolType, protocolName: group.protocolName, assignment: member.assignment } : failedSync(error);
    if (answerSync(member, result, effects)) group.touch(member, now.monotonicMs);
  }
}

export function forgetAssignment(group: Group, error: ErrorName, now: Now, effects: Effects): void {
  for (const member of group.members.values()) member.assignment = noBytes;
  propagateAssignment(group, error, now, effects);
}

/** A rebalance begins, unless one has or nobody is there. */
export function rebalanceIfPossible(group: Group, limits: GroupLimits, reason: string, now: Now, effects: Effects): void {
  if (group.state !== 'PreparingRebalance' && group.state !== 'Dead') prepareRebalance(group, limits, reason, now, effects);
}

/** All members are to join again. */
export function prepareRebalance(group: Group, limits: GroupLimits, reason: string, now: Now, effects: Effects): void {
  if (group.state === 'CompletingRebalance') forgetAssignment(group, 'REBALANCE_IN_PROGRESS', now, effects);
  group.pendingSync.clear();
  group.syncDeadlineMs = Infinity;
  if (group.state === 'Empty') waitForFirstMembers(group, limits, now);
  else waitForAllToRejoin(group, now);
  effects.push({ kind: 'log', event: 'group prepares a rebalance', fields: { from: group.state, generation: group.generation, members: group.members.size, reason } });
  group.moveTo('PreparingRebalance', now);
  completeJoinIfAllJoined(group, now, effects);
}

function waitForFirstMembers(group: Group, { initialRebalanceDelayMs: delayMs }: GroupLimits, now: Now): void {
  group.joinWait = { kind: 'initial', deadlineMs: now.monotonicMs + delayMs, delayMs, remainingMs: Math.max(group.rebalanceTimeoutMs - delayMs, 0) };
  group.wakeBy(group.joinWait.deadlineMs);
}

function waitForAllToRejoin(group: Group, now: Now): void {
  group.joinWait = { kind: 'rejoin', deadlineMs: now.monotonicMs + group.rebalanceTimeoutMs };
  group.wakeBy(group.joinWait.deadlineMs);
}

/** Nobody is missing any more. The first rebalance waits all the same: more may come (KIP-134). */
export function completeJoinIfAllJoined(group: Group, now: Now, effects: Effects): void {
  if (group.state === 'PreparingRebalance' && group.joinWait?.kind === 'rejoin' && group.haveAllJoined) completeJoin(group, now, effects);
}

/** The time for joining is over. */
export function joinWaitOver(group: Group, limits: GroupLimits, now: Now, effects: Effects): void {
  const wait = group.joinWait;
  if (wait?.kind !== 'initial' || !group.isNewMemberAdded || wait.remainingMs === 0) {
    completeJoin(group, now, effects);
    return;
  }
  group.isNewMemberAdded = false;
  const delayMs = Math.min(limits.initialRebalanceDelayMs, wait.remainingMs);
  group.joinWait = { kind: 'initial', deadlineMs: now.monotonicMs + delayMs, delayMs, remainingMs: Math.max(wait.remainingMs - wait.delayMs, 0) };
  group.wakeBy(group.joinWait.deadlineMs);
}

/** A new generation of those who joined. Static members that did not join are kept until their sessions end (KIP-345). */
function completeJoin(group: Group, now: Now, effects: Effects): void {
  const failed = [...group.members.values()].filter((member) => member.joinAnswer === undefined && !isStatic(member));
  for (const member of failed) group.remove(member.id);
  if (failed.length > 0) effects.push({ kind: 'log', event: 'members did not rejoin in time and were removed', fields: { members: failed.map(({ id }) => id) } });
  if (group.members.size > 0 && !electJoinedLeader(group)) {
    effects.push({ kind: 'log', event: 'rebalance waits on: no member rejoined', fields: { generation: group.generation } });
    waitForAllToRejoin(group, now);
    return;
  }
  group.joinWait = undefined;
  group.pendingSync.clear();
  group.generation++;
  group.protocolName = group.selectProtocol();
  group.computeSubscribedTopics();
  if (group.members.size === 0) becomeEmpty(group, now, effects);
  else awaitAssignment(group, now, effects);
}

/** The leader stays if it joined; else somebody who did leads. False when nobody joined. */
function electJoinedLeader(group: Group): boolean {
  if (group.leaderId !== null && group.members.get(group.leaderId)?.joinAnswer !== undefined) return true;
  for (const member of group.members.values()) {
    if (member.joinAnswer === undefined) continue;
    group.leaderId = member.id;
    return true;
  }
  return false;
}

function becomeEmpty(group: Group, now: Now, effects: Effects): void {
  group.moveTo('Empty', now);
  effects.push({ kind: 'log', event: 'group is now empty', fields: { generation: group.generation } });
  effects.push({ kind: 'store-group', value: groupValue(group, new Map()), purpose: { kind: 'empty' } });
}

function awaitAssignment(group: Group, now: Now, effects: Effects): void {
  group.moveTo('CompletingRebalance', now);
  effects.push({ kind: 'log', event: 'group stabilized', fields: { generation: group.generation, members: group.members.size, protocol: group.protocolName } });
  for (const member of group.members.values()) {
    answerJoin(group, member, joined(group, member.id), effects);
    member.isNew = false;
    group.touch(member, now.monotonicMs);
    group.pendingSync.add(member.id);
  }
  group.syncDeadlineMs = now.monotonicMs + group.rebalanceTimeoutMs;
  group.wakeBy(group.syncDeadlineMs);
}

/** The current generation as a member is told it; the leader hears of all members. */
export function joined(group: Group, memberId: string): JoinResult {
  return {
    error: 'NONE',
    memberId,
    generation: group.generation,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leaderId: group.leaderId ?? '',
    skipsAssignment: false,
    members: group.leaderId === memberId ? group.joinedMembers() : [],
  };
}

/** A member has gone, whether it said so or not. */
export function removeMember(group: Group, member: Member, limits: GroupLimits, reason: string, now: Now, effects: Effects): void {
  answerJoin(group, member, failedJoin('', 'UNKNOWN_MEMBER_ID'), effects);
  answerSync(member, failedSync('UNKNOWN_MEMBER_ID'), effects);
  group.remove(member.id);
  if (group.state === 'Stable' || group.state === 'CompletingRebalance') prepareRebalance(group, limits, reason, now, effects);
  else completeJoinIfAllJoined(group, now, effects);
}

/** An id that was handed out will not be used. */
export function removePendingMember(group: Group, memberId: string, now: Now, effects: Effects): void {
  group.remove(memberId);
  completeJoinIfAllJoined(group, now, effects);
}
