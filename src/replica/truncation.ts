import type { EpochEndOffset } from '../log/partition-log.ts';

export interface TruncationView {
  /** Next offset of our log. */
  readonly logEndOffset: number;
  readonly highWatermark: number;
  /** Where our largest epoch at or below the leader's one ends: our first epoch's start when all are above, -1, -1 when all are below. */
  readonly ours: EpochEndOffset;
}

export interface Truncation {
  readonly offset: number;
  /** False when an older epoch must be compared after the cut. */
  readonly isComplete: boolean;
}

/**
 * Where a follower cuts its log, from what the leader says of an epoch (KIP-101, KIP-279; as a diverging epoch KIP-595).
 * @param leaders where the leader's log ends the epoch asked for, or the largest below it; -1, -1 when it knows none
 * @see AbstractFetcherThread.getOffsetTruncationState in Apache Kafka 3.9
 */
export function truncationOf({ logEndOffset, highWatermark, ours }: TruncationView, leaders: EpochEndOffset): Truncation {
  if (leaders.endOffset < 0) return { offset: Math.min(highWatermark, logEndOffset), isComplete: true };
  if (leaders.epoch < 0 || ours.endOffset < 0) return { offset: Math.min(leaders.endOffset, logEndOffset), isComplete: true };
  if (ours.epoch !== leaders.epoch) return { offset: Math.min(ours.endOffset, logEndOffset), isComplete: false };
  return { offset: Math.min(ours.endOffset, leaders.endOffset, logEndOffset), isComplete: true };
}
