/*
 * One timer per group. Each member has a deadline that a heartbeat only moves; `wakeAtMs` of the group is a lower bound of
 * all deadlines, and the exact earliest is looked for when that time has come. So a heartbeat costs a number stored, and a
 * stable group is looked through about once per session timeout.
 */
import type { Effects } from './effects.ts';
import type { Group, Now } from './group.ts';
import type { Member } from './member.ts';
import { joinWaitOver, prepareRebalance, removeMember, removePendingMember } from './rebalance.ts';
import type { GroupLimits } from './rebalance.ts';

/** Does what is due, and finds the next time to look. */
export function timeHasPassed(group: Group, limits: GroupLimits, now: Now): Effects {
  const effects: Effects = [];
  expirePendingMembers(group, now, effects);
  expireSessions(group, limits, now, effects);
  if (group.joinWait !== undefined && group.joinWait.deadlineMs <= now.monotonicMs) joinWaitOver(group, limits, now, effects);
  if (group.syncDeadlineMs <= now.monotonicMs) syncWaitOver(group, limits, now, effects);
  group.wakeAtMs = earliestDeadline(group);
  return effects;
}

function expirePendingMembers(group: Group, now: Now, effects: Effects): void {
  for (const [memberId, deadlineMs] of group.pendingMembers) {
    if (deadlineMs > now.monotonicMs) continue;
    effects.push({ kind: 'log', event: 'an id that was handed out was not used in time', fields: { member: memberId } });
    removePendingMember(group, memberId, now, effects);
  }
}

function expireSessions(group: Group, limits: GroupLimits, now: Now, effects: Effects): void {
  for (const member of group.members.values()) {
    if (member.deadlineMs > now.monotonicMs) continue;
    if (isExcused(member)) {
      member.deadlineMs = Infinity; // until it is answered
      continue;
    }
    effects.push({ kind: 'log', event: 'member failed: no heartbeat within its session timeout', fields: { member: member.id, sessionTimeoutMs: member.sessionTimeoutMs } });
    removeMember(group, member, limits, `removing member ${member.id} on heartbeat expiration`, now, effects);
  }
}

/** Whoever waits for an answer sends no heartbeats; but one that waits in its first join has a time of its own. */
const isExcused = ({ isNew, joinAnswer, syncAnswer }: Member): boolean => !isNew && (joinAnswer !== undefined || syncAnswer !== undefined);

/** Who has not asked for its assignment by now is out (KAFKA-13435). */
function syncWaitOver(group: Group, limits: GroupLimits, now: Now, effects: Effects): void {
  group.syncDeadlineMs = Infinity;
  if (group.pendingSync.size === 0 || (group.state !== 'CompletingRebalance' && group.state !== 'Stable')) return;
  const removed = [...group.pendingSync];
  for (const memberId of removed) group.remove(memberId);
  prepareRebalance(group, limits, `Removing ${removed.join(', ')} on pending sync request expiration`, now, effects);
}

function earliestDeadline(group: Group): number {
  let earliestMs = Math.min(group.joinWait?.deadlineMs ?? Infinity, group.syncDeadlineMs);
  for (const { deadlineMs } of group.members.values()) earliestMs = Math.min(earliestMs, deadlineMs);
  for (const deadlineMs of group.pendingMembers.values()) earliestMs = Math.min(earliestMs, deadlineMs);
  return earliestMs;
}
