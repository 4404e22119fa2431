import type { GroupMetadataValueInput } from '../../protocol/messages/group-metadata.ts';
import type { LogFields } from '../../runtime/logger.ts';
import type { JoinAnswer, JoinResult, Protocol, SyncAnswer, SyncResult } from './member.ts';

/** What a rule wants done. The rules change the group and tell the rest: who is answered what, and what is written. */
export type Effect =
  | { readonly kind: 'answer-join'; readonly answer: JoinAnswer; readonly result: JoinResult }
  | { readonly kind: 'answer-sync'; readonly answer: SyncAnswer; readonly result: SyncResult }
  /** Append the group's record; then `stored` of `stored.ts` hears how it went. */
  | { readonly kind: 'store-group'; readonly value: GroupMetadataValueInput; readonly purpose: StorePurpose }
  | { readonly kind: 'log'; readonly event: string; readonly fields: LogFields };

/** What goes on when the group's record is stored, or is not. */
export type StorePurpose =
  | { readonly kind: 'assignment'; readonly generation: number; readonly assignment: ReadonlyMap<string, Buffer> }
  | { readonly kind: 'empty' }
  | StaticMemberReplaced;

/** A static member came back under a new id, and the stable group goes on without a rebalance. */
export interface StaticMemberReplaced {
  readonly kind: 'static-member';
  readonly oldId: string;
  readonly newId: string;
  readonly answer: JoinAnswer;
  readonly canSkipAssignment: boolean;
  /** Who led before. */
  readonly leaderId: string;
  /** What the member was, should the record not be stored. */
  readonly before: { readonly protocols: readonly Protocol[]; readonly rebalanceTimeoutMs: number; readonly sessionTimeoutMs: number };
}

export type Effects = Effect[];
