import type { ErrorName } from '../../protocol/errors.ts';
import type { Effects } from './effects.ts';
import type { Group, Now } from './group.ts';
import { identityError } from './identity.ts';
import { removeMember, removePendingMember } from './rebalance.ts';
import type { GroupLimits } from './rebalance.ts';

export interface LeavingMember {
  /** Empty when an operator removes a static member by its instance id. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly reason: string | null;
}

export interface LeaveResult {
  /** Of the group as a whole. */
  readonly error: ErrorName;
  /** In the order of the request; none with an error of the group. */
  readonly memberErrors: readonly ErrorName[];
  readonly effects: Effects;
}

/** A LeaveGroup. @see GroupCoordinator.handleLeaveGroup in Apache Kafka 3.9 */
export function leave(group: Group, leaving: readonly LeavingMember[], limits: GroupLimits, now: Now): LeaveResult {
  const effects: Effects = [];
  if (group.state === 'Dead') return { error: 'COORDINATOR_NOT_AVAILABLE', memberErrors: [], effects };
  return { error: 'NONE', memberErrors: leaving.map((one) => leaveOne(group, one, limits, now, effects)), effects };
}

function leaveOne(group: Group, leaving: LeavingMember, limits: GroupLimits, now: Now, effects: Effects): ErrorName {
  const { memberId, groupInstanceId } = leaving;
  if (group.pendingMembers.has(memberId)) {
    removePendingMember(group, memberId, now, effects);
    return 'NONE';
  }
  const isByOperator = memberId === '';
  const id = isByOperator ? (groupInstanceId === null ? undefined : group.staticMemberId(groupInstanceId)) : memberId;
  const error = isByOperator ? 'NONE' : identityError(group, memberId, groupInstanceId);
  if (error !== 'NONE') return error;
  const member = id === undefined ? undefined : group.members.get(id);
  if (member === undefined) return 'UNKNOWN_MEMBER_ID';
  removeMember(group, member, limits, `Removing member ${member.id} on LeaveGroup; client reason: ${leaving.reason ?? 'not provided'}`, now, effects);
  return 'NONE';
}
