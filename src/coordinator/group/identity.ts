import type { ErrorName } from '../../protocol/errors.ts';
import type { Group } from './group.ts';

/** Whether the sender is who it says, in this generation; a static member that was replaced is fenced (KIP-345). */
export function identityError(group: Group, memberId: string, instanceId: string | null): ErrorName {
  if (instanceId !== null) {
    const current = group.staticMemberId(instanceId);
    if (current === undefined) return 'UNKNOWN_MEMBER_ID';
    if (current !== memberId) return 'FENCED_INSTANCE_ID';
  }
  return group.members.has(memberId) ? 'NONE' : 'UNKNOWN_MEMBER_ID';
}

/** As `identityError`, for requests that belong to one generation. */
export function generationError(group: Group, memberId: string, instanceId: string | null, generation: number): ErrorName {
  if (group.state === 'Dead') return 'COORDINATOR_NOT_AVAILABLE';
  const error = identityError(group, memberId, instanceId);
  if (error !== 'NONE') return error;
  return generation === group.generation ? 'NONE' : 'ILLEGAL_GENERATION';
}
