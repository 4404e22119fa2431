import type { PartitionLog } from '../log/partition-log.ts';
import { truncationOf } from './truncation.ts';

/** What of a log its copy in another directory is compared by. */
export type MovingLog = Pick<PartitionLog, 'logStartOffset' | 'logEndOffset' | 'writtenEndOffset' | 'highWatermark' | 'latestEpoch' | 'endOffsetForEpoch'>;

export type MoveStep =
  /** The future log ends where it does not follow the present one any more: it is cut there. */
  | { readonly kind: 'cut'; readonly offset: number }
  /** The present log begins after the future one's end: that begins anew. */
  | { readonly kind: 'start-anew'; readonly offset: number }
  | { readonly kind: 'copy'; readonly from: number }
  /** Nothing is missing. */
  | { readonly kind: 'swap' };

/** What brings a future log nearer to the present one (ReplicaAlterLogDirsThread). Pure. */
export function nextMoveStep(present: MovingLog, future: MovingLog): MoveStep {
  const cut = divergenceOf(present, future);
  if (cut < future.logEndOffset) return { kind: 'cut', offset: cut };
  if (present.logEndOffset < future.logEndOffset) return { kind: 'cut', offset: present.logEndOffset };
  if (future.logEndOffset < present.logStartOffset) return { kind: 'start-anew', offset: present.logStartOffset };
  return future.logEndOffset < present.logEndOffset ? { kind: 'copy', from: future.logEndOffset } : { kind: 'swap' };
}

/** Where the future log parts from the present one, as a follower finds it; its end when it does not. */
function divergenceOf(present: MovingLog, future: MovingLog): number {
  const { latestEpoch, logEndOffset, highWatermark } = future;
  if (latestEpoch === undefined) return Math.min(logEndOffset, present.logEndOffset);
  const theirs = present.endOffsetForEpoch(latestEpoch);
  return truncationOf({ logEndOffset, highWatermark, ours: future.endOffsetForEpoch(theirs.epoch) }, theirs).offset;
}
