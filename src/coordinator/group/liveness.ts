import type { ErrorName } from '../../protocol/errors.ts';
import type { Group } from './group.ts';
import { generationError, identityError } from './identity.ts';

/** A Heartbeat: the session begins anew, also while the group rebalances, which the member is told. Makes nothing: it is the hottest request. */
export function heartbeat(group: Group, memberId: string, instanceId: string | null, generation: number, monotonicMs: number): ErrorName {
  const error = generationError(group, memberId, instanceId, generation);
  if (error !== 'NONE') return error;
  if (group.state === 'Empty') return 'UNKNOWN_MEMBER_ID';
  group.touch(group.members.get(memberId)!, monotonicMs);
  return group.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : 'NONE';
}

export interface Committer {
  readonly memberId: string;
  readonly instanceId: string | null;
  /** -1 for one who is no member. */
  readonly generation: number;
}

/** Whether offsets may be committed; a member's session begins anew. @see GroupCoordinator.validateOffsetCommit in Apache Kafka 3.9 */
export function commitError(group: Group, { memberId, instanceId, generation }: Committer, monotonicMs: number): ErrorName {
  if (group.state === 'Dead') return 'COORDINATOR_NOT_AVAILABLE';
  if (group.state === 'Empty' && generation < 0) return 'NONE';
  if (generation < 0 && memberId === '' && instanceId === null) return 'UNKNOWN_MEMBER_ID'; // only members commit while there are some
  const error = generationError(group, memberId, instanceId, generation);
  if (error !== 'NONE') return error;
  if (group.state === 'CompletingRebalance') return 'REBALANCE_IN_PROGRESS';
  group.touch(group.members.get(memberId)!, monotonicMs);
  return 'NONE';
}

/** As `commitError`, of a producer's transaction: clients before TxnOffsetCommit v3 do not tell who they are, and nobody's session depends on it. */
export function transactionalCommitError(group: Group, { memberId, instanceId, generation }: Committer): ErrorName {
  if (group.state === 'Dead') return 'COORDINATOR_NOT_AVAILABLE';
  if (generation < 0 && (group.state === 'Empty' || (memberId === '' && instanceId === null))) return 'NONE';
  const error = identityError(group, memberId, instanceId);
  if (error !== 'NONE') return error;
  return generation === group.generation ? 'NONE' : 'ILLEGAL_GENERATION';
}
