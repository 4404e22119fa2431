import type { ErrorName } from '../protocol/errors.ts';
import type { PartitionState } from '../zookeeper/znodes/partition-state.ts';

/** What a leader wants its partition's ISR to be (AlterPartition). */
export interface WantedIsr {
  readonly isr: readonly number[];
  /** Under which the leader leads. */
  readonly leaderEpoch: number;
  /** The znode version that the leader knows. */
  readonly partitionEpoch: number;
  readonly leaderRecoveryState: PartitionState['leaderRecoveryState'];
}

export type IsrVerdict =
  | { readonly kind: 'refused'; readonly error: ErrorName }
  /** It is so already: an answer was lost. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'store'; readonly state: PartitionState };

/**
 * Whether a leader may have the ISR that it wants; checks in the order of Apache Kafka's KafkaController.
 * @param known what the controller knows is stored, and its znode version
 * @param electable brokers that live and do not stop: others get into no ISR
 */
export function judgeIsrChange(known: { readonly state: PartitionState; readonly version: number }, wanted: WantedIsr, electable: ReadonlySet<number>, controllerEpoch: number): IsrVerdict {
  const { state, version } = known;
  const refused = (error: ErrorName): IsrVerdict => ({ kind: 'refused', error });
  // The leader has heard of a later controller than this one is.
  if (wanted.partitionEpoch > version || wanted.leaderEpoch > state.leaderEpoch) return refused('NOT_CONTROLLER');
  if (wanted.leaderEpoch < state.leaderEpoch) return refused('FENCED_LEADER_EPOCH');
  if (wanted.isr.join() === state.isr.join() && wanted.leaderRecoveryState === state.leaderRecoveryState) return { kind: 'unchanged' };
  if (wanted.partitionEpoch < version) return refused('INVALID_UPDATE_VERSION');
  if (wanted.leaderRecoveryState === 'RECOVERING' && (wanted.isr.length > 1 || state.leaderRecoveryState === 'RECOVERED')) return refused('INVALID_REQUEST');
  if (wanted.isr.some((id) => !electable.has(id))) return refused('INELIGIBLE_REPLICA');
  return { kind: 'store', state: { ...state, controllerEpoch, isr: wanted.isr, leaderRecoveryState: wanted.leaderRecoveryState } };
}
