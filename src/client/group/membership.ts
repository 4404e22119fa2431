import { isRetriable } from '../../protocol/errors.ts';
import type { ErrorName } from '../../protocol/errors.ts';

/*
 * What a member of a group knows of its membership, and what it does about the coordinator's answers. Pure; every error
 * code that the Java client tells apart is told apart here (AbstractCoordinator, ConsumerCoordinator in Apache Kafka 3.9).
 *
 *     unjoined ──join sent──> preparing ──joined──> completing ──synchronised──> stable
 *        ^                        ^                     │                          │
 *        └── unknown member, fenced, left ──────────────┴── rebalance in progress ─┘ (rejoin, the state stays until then)
 */

export interface Generation {
  /** -1: none. */
  readonly generationId: number;
  /** Empty: none. One may be known before the first generation (KIP-394). */
  readonly memberId: string;
  readonly protocolName: string | null;
}

export const noGeneration: Generation = { generationId: -1, memberId: '', protocolName: null };

export interface Membership {
  readonly phase: 'unjoined' | 'preparing' | 'completing' | 'stable';
  readonly generation: Generation;
  readonly isRejoinNeeded: boolean;
  /** For the coordinator's log (KIP-800). */
  readonly rejoinReason: string;
  /** Partitions are still to be given up, and offsets committed, before the next JoinGroup. */
  readonly isPrepareNeeded: boolean;
}

export const newMembership: Membership = { phase: 'unjoined', generation: noGeneration, isRejoinNeeded: true, rejoinReason: '', isPrepareNeeded: true };

export type MembershipEvent =
  | { readonly kind: 'rejoin-requested'; readonly reason: string }
  | { readonly kind: 'prepared' }
  | { readonly kind: 'join-sent' }
  | { readonly kind: 'join-answered'; readonly sent: Generation; readonly error: ErrorName; readonly answer: Generation; readonly isProtocolRight: boolean }
  | { readonly kind: 'sync-answered'; readonly sent: Generation; readonly error: ErrorName; readonly isProtocolRight: boolean }
  /** JoinGroup or SyncGroup had no answer, or none could be made of it. */
  | { readonly kind: 'join-failed'; readonly error: ErrorName }
  | { readonly kind: 'completed' }
  | { readonly kind: 'heartbeat-answered'; readonly sent: Generation; readonly error: ErrorName }
  | { readonly kind: 'commit-answered'; readonly sent: Generation; readonly error: ErrorName }
  | { readonly kind: 'left' };

export type MembershipEffect =
  /** The coordinator must be looked for again. */
  | { readonly kind: 'forget-coordinator' }
  /** SyncGroup is next. */
  | { readonly kind: 'synchronise' }
  /** The assignment is there to be taken over. */
  | { readonly kind: 'complete' }
  /** JoinGroup again, at once or after a back-off. */
  | { readonly kind: 'join-again'; readonly isDelayed: boolean }
  /** poll throws it. */
  | { readonly kind: 'fail'; readonly error: ErrorName }
  /** How the commit ended; `again` is worth another try. */
  | { readonly kind: 'commit'; readonly outcome: 'done' | 'again' | 'failed'; readonly error: ErrorName };

type Step = readonly [Membership, readonly MembershipEffect[]];

export function stepMembership(state: Membership, event: MembershipEvent): Step {
  switch (event.kind) {
    case 'rejoin-requested':
      return [rejoin(state, event.reason), []];
    case 'prepared':
      return [{ ...state, isPrepareNeeded: false }, []];
    case 'join-sent':
      return [{ ...state, phase: 'preparing' }, []];
    case 'join-answered':
      return joinAnswered(state, event);
    case 'sync-answered':
      return syncAnswered(state, event);
    case 'join-failed':
      return [rejoin(state, `rebalance failed due to ${event.error}`), isRetriable(event.error) ? [{ kind: 'join-again', isDelayed: true }] : [{ kind: 'fail', error: event.error }]];
    case 'completed':
      return [{ ...state, isPrepareNeeded: true }, []];
    case 'heartbeat-answered':
      return heartbeatAnswered(state, event);
    case 'commit-answered':
      return commitAnswered(state, event);
    case 'left':
      return [reset(state, 'consumer pro-actively leaving the group', true), []];
  }
}

const rejoin = (state: Membership, reason: string): Membership => ({ ...state, isRejoinNeeded: true, rejoinReason: reason });

/** The generation is gone, and with `isMemberReset` the member id too; what was assigned is lost. */
function reset(state: Membership, reason: string, isMemberReset: boolean): Membership {
  const generation = isMemberReset ? noGeneration : { ...noGeneration, memberId: state.generation.memberId };
  return rejoin({ ...state, phase: 'unjoined', generation, isPrepareNeeded: true }, reason);
}

const isSame = (a: Generation, b: Generation): boolean => a.generationId === b.generationId && a.memberId === b.memberId && a.protocolName === b.protocolName;

const again: readonly MembershipEffect[] = [{ kind: 'join-again', isDelayed: false }];
const later: readonly MembershipEffect[] = [{ kind: 'join-again', isDelayed: true }];
const elsewhere: readonly MembershipEffect[] = [{ kind: 'forget-coordinator' }, ...later];

function joinAnswered(state: Membership, { sent, error, answer, isProtocolRight }: Extract<MembershipEvent, { kind: 'join-answered' }>): Step {
  const failed = rejoin(state, `rebalance failed due to ${error}`);
  switch (error) {
    case 'NONE':
      if (!isProtocolRight) return [rejoin(state, 'rebalance failed due to INCONSISTENT_GROUP_PROTOCOL'), [{ kind: 'fail', error: 'INCONSISTENT_GROUP_PROTOCOL' }]];
      // Left or reset in the meantime: the answer is to a member that there is no longer.
      if (state.phase !== 'preparing') return [rejoin(state, 'rebalance failed due to UnjoinedGroupException'), later];
      return [{ ...state, phase: 'completing', generation: answer }, [{ kind: 'synchronise' }]];
    case 'COORDINATOR_LOAD_IN_PROGRESS':
      return [failed, later];
    case 'COORDINATOR_NOT_AVAILABLE':
    case 'NOT_COORDINATOR':
      return [failed, elsewhere];
    case 'UNKNOWN_MEMBER_ID':
      return [isSame(state.generation, sent) ? reset(state, `encountered ${error} from JOIN_GROUP response`, true) : failed, again];
    case 'MEMBER_ID_REQUIRED':
      return [rejoin({ ...state, generation: { ...noGeneration, memberId: answer.memberId } }, `need to re-join with the given member-id: ${answer.memberId}`), again];
    case 'REBALANCE_IN_PROGRESS':
      return [failed, again];
    default:
      return [failed, [{ kind: 'fail', error }]];
  }
}

function syncAnswered(state: Membership, { sent, error, isProtocolRight }: Extract<MembershipEvent, { kind: 'sync-answered' }>): Step {
  const failed = rejoin(state, `rebalance failed due to ${error}`);
  switch (error) {
    case 'NONE':
      if (state.generation.generationId < 0 || state.phase !== 'completing') return [rejoin(state, 'rebalance failed due to ILLEGAL_GENERATION'), again];
      if (!isProtocolRight) return [rejoin(state, 'rebalance failed due to INCONSISTENT_GROUP_PROTOCOL'), [{ kind: 'fail', error: 'INCONSISTENT_GROUP_PROTOCOL' }]];
      return [{ ...state, phase: 'stable', isRejoinNeeded: false, rejoinReason: '' }, [{ kind: 'complete' }]];
    case 'REBALANCE_IN_PROGRESS':
      return [failed, again];
    case 'UNKNOWN_MEMBER_ID':
    case 'ILLEGAL_GENERATION':
      // With an old generation the member id may still be good: it saves the group a wait for a member that is not coming.
      return [isSame(state.generation, sent) ? reset(state, `encountered ${error} from SYNC_GROUP response`, error === 'UNKNOWN_MEMBER_ID') : failed, again];
    case 'COORDINATOR_NOT_AVAILABLE':
    case 'NOT_COORDINATOR':
      return [failed, elsewhere];
    default:
      return [failed, [{ kind: 'fail', error }]];
  }
}

function heartbeatAnswered(state: Membership, { sent, error }: Extract<MembershipEvent, { kind: 'heartbeat-answered' }>): Step {
  switch (error) {
    case 'NONE':
      return [state, []];
    case 'COORDINATOR_NOT_AVAILABLE':
    case 'NOT_COORDINATOR':
      return [state, [{ kind: 'forget-coordinator' }]];
    case 'REBALANCE_IN_PROGRESS':
      return [state.phase === 'stable' ? rejoin(state, 'group is already rebalancing') : state, []];
    case 'ILLEGAL_GENERATION':
    case 'UNKNOWN_MEMBER_ID':
    case 'FENCED_INSTANCE_ID': {
      if (!isSame(state.generation, sent)) return [state, []];
      const next = reset(state, `encountered ${error} from HEARTBEAT response`, error !== 'ILLEGAL_GENERATION');
      return [next, error === 'FENCED_INSTANCE_ID' ? [{ kind: 'fail', error }] : []];
    }
    default:
      return [state, isRetriable(error) ? [] : [{ kind: 'fail', error }]];
  }
}

function commitAnswered(state: Membership, { sent, error }: Extract<MembershipEvent, { kind: 'commit-answered' }>): Step {
  const outcome = (which: 'done' | 'again' | 'failed', told: ErrorName = error): MembershipEffect => ({ kind: 'commit', outcome: which, error: told });
  const isOld = !isSame(state.generation, sent);
  switch (error) {
    case 'NONE':
      return [state, [outcome('done')]];
    case 'COORDINATOR_LOAD_IN_PROGRESS':
    case 'UNKNOWN_TOPIC_OR_PARTITION':
      return [state, [outcome('again')]];
    case 'COORDINATOR_NOT_AVAILABLE':
    case 'NOT_COORDINATOR':
    case 'REQUEST_TIMED_OUT':
      return [state, [{ kind: 'forget-coordinator' }, outcome('again')]];
    case 'REBALANCE_IN_PROGRESS':
      return [rejoin(state, 'offset commit failed since group is already rebalancing'), [outcome('failed')]];
    case 'FENCED_INSTANCE_ID':
      return [state, [outcome('failed', isOld ? (state.phase === 'preparing' ? 'REBALANCE_IN_PROGRESS' : 'UNKNOWN_MEMBER_ID') : error)]];
    case 'UNKNOWN_MEMBER_ID':
    case 'ILLEGAL_GENERATION':
      if (isOld && state.phase === 'preparing') return [state, [outcome('failed', 'REBALANCE_IN_PROGRESS')]];
      // Without a group to be a member of (partitions assigned by hand) there is nothing to reset.
      if (sent.generationId < 0) return [state, [outcome('failed')]];
      return [reset(state, `encountered ${error} from OFFSET_COMMIT response`, error === 'UNKNOWN_MEMBER_ID'), [outcome('failed')]];
    default:
      return [state, [outcome('failed')]];
  }
}
