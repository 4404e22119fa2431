import type { ErrorName } from '../../protocol/errors.ts';
import type { Effects, StaticMemberReplaced, StorePurpose } from './effects.ts';
import type { Group, Now } from './group.ts';
import { noBytes } from './member.ts';
import { answerJoin, forgetAssignment, joined, prepareRebalance, propagateAssignment } from './rebalance.ts';
import type { GroupLimits } from './rebalance.ts';

/** The group's record was replicated, or could not be: what follows, if the group still is where it was. */
export function stored(group: Group, purpose: StorePurpose, error: ErrorName, limits: GroupLimits, now: Now): Effects {
  const effects: Effects = [];
  switch (purpose.kind) {
    case 'assignment':
      if (group.state !== 'CompletingRebalance' || group.generation !== purpose.generation) break;
      if (error !== 'NONE') {
        forgetAssignment(group, error, now, effects);
        prepareRebalance(group, limits, `Error ${error} when storing group assignment during SyncGroup`, now, effects);
        break;
      }
      for (const member of group.members.values()) member.assignment = purpose.assignment.get(member.id) ?? noBytes;
      propagateAssignment(group, 'NONE', now, effects);
      group.moveTo('Stable', now);
      break;
    case 'static-member':
      staticMemberStored(group, purpose, error, now, effects);
      break;
    case 'empty':
      // The older record that is there tells of a generation whose members are gone: their sessions would end again.
      if (error !== 'NONE') effects.push({ kind: 'log', event: 'record of an empty group not stored', fields: { error, generation: group.generation } });
      break;
  }
  return effects;
}

function staticMemberStored(group: Group, purpose: StaticMemberReplaced, error: ErrorName, now: Now, effects: Effects): void {
  const { newId, oldId, answer, canSkipAssignment } = purpose;
  const member = group.members.get(newId);
  // Somebody replaced it again, or a rebalance began: whoever ends that answers it.
  if (member === undefined || member.joinAnswer !== answer || group.state !== 'Stable') return;
  if (error !== 'NONE') {
    const result = { ...joined(group, ''), error, leaderId: purpose.leaderId, members: [] };
    answerJoin(group, member, result, effects);
    group.update(member, purpose.before, undefined);
    group.rename(member, oldId);
    group.touch(member, now.monotonicMs);
    return;
  }
  const result = joined(group, newId);
  // Before JoinGroup v9 a leader would assign: it is told of its former id as the leader, so that it does not.
  answerJoin(group, member, canSkipAssignment ? { ...result, skipsAssignment: group.leaderId === newId } : { ...result, leaderId: purpose.leaderId, members: [] }, effects);
}
