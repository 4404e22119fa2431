import type { ErrorName } from '../../protocol/errors.ts';
import type { Effects } from './effects.ts';
import type { Group, Now } from './group.ts';
import { groupValue } from './group-value.ts';
import { generationError } from './identity.ts';
import { failedSync, noBytes } from './member.ts';
import type { Member, SyncAnswer } from './member.ts';

export interface Sync {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
  /** Null when an old client does not tell. */
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  /** From the leader: by member id. */
  readonly assignment: ReadonlyMap<string, Buffer>;
  readonly answer: SyncAnswer;
}

/** A SyncGroup: the leader's assignment is stored, then all get theirs. @see GroupCoordinator.handleSyncGroup in Apache Kafka 3.9 */
export function sync(group: Group, request: Sync, now: Now): Effects {
  const effects: Effects = [];
  const refuse = (error: ErrorName): void => void effects.push({ kind: 'answer-sync', answer: request.answer, result: failedSync(error) });
  const error = syncError(group, request);
  const member = group.members.get(request.memberId);
  if (error !== 'NONE' || member === undefined) {
    refuse(error);
    return effects;
  }
  switch (group.state) {
    case 'PreparingRebalance':
      refuse('REBALANCE_IN_PROGRESS');
      break;
    case 'CompletingRebalance':
      if (member.syncAnswer !== undefined) effects.push({ kind: 'answer-sync', answer: member.syncAnswer, result: failedSync('REBALANCE_IN_PROGRESS') });
      member.syncAnswer = request.answer;
      hasSynced(group, member);
      if (group.leaderId === member.id) storeAssignment(group, request, effects);
      break;
    case 'Stable':
      hasSynced(group, member);
      group.touch(member, now.monotonicMs);
      effects.push({ kind: 'answer-sync', answer: request.answer, result: { error: 'NONE', protocolType: group.protocolType, protocolName: group.protocolName, assignment: member.assignment } });
      break;
    case 'Empty':
    case 'Dead':
      refuse('UNKNOWN_MEMBER_ID');
      break;
  }
  return effects;
}

function syncError(group: Group, { memberId, instanceId, generation, protocolType, protocolName }: Sync): ErrorName {
  const error = generationError(group, memberId, instanceId, generation);
  if (error !== 'NONE') return error;
  if (protocolType !== null && protocolType !== group.protocolType) return 'INCONSISTENT_GROUP_PROTOCOL';
  return protocolName !== null && protocolName !== group.protocolName ? 'INCONSISTENT_GROUP_PROTOCOL' : 'NONE';
}

function hasSynced(group: Group, member: Member): void {
  group.pendingSync.delete(member.id);
  if (group.pendingSync.size === 0) group.syncDeadlineMs = Infinity;
}

/** Whom the leader forgot gets nothing to do. */
function storeAssignment(group: Group, request: Sync, effects: Effects): void {
  const assignment = new Map(Array.from(group.members.keys(), (id) => [id, request.assignment.get(id) ?? noBytes] as const));
  const forgotten = [...group.members.keys()].filter((id) => !request.assignment.has(id));
  if (forgotten.length > 0) effects.push({ kind: 'log', event: 'the leader assigned nothing to some members', fields: { members: forgotten, generation: group.generation } });
  effects.push({ kind: 'store-group', value: groupValue(group, assignment), purpose: { kind: 'assignment', generation: group.generation, assignment } });
}
