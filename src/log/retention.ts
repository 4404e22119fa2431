import type { LogConfig } from './log-config.ts';

/** What retention needs to know of a segment, oldest first. */
export interface RetainedSegment {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  /** Greatest record timestamp, else the file's time of change. Wall clock. */
  readonly largestTimestamp: number;
}

export interface RetentionState extends RetentionLimits {
  readonly segments: readonly RetainedSegment[];
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly highWatermark: number;
  readonly nowMs: number;
}

export interface RetentionLimits {
  /** cleanup.policy has delete */
  readonly isDeletePolicy: boolean;
  /** -1: no limit. */
  readonly retentionBytes: number;
  /** -1: no limit. */
  readonly retentionMs: number;
}

export function limitsOf(config: LogConfig): RetentionLimits {
  return { isDeletePolicy: config['cleanup.policy'].includes('delete'), retentionBytes: config['retention.bytes'], retentionMs: config['retention.ms'] };
}

/**
 * How many segments, from the oldest on, are to go: those wholly below the log's start; then, under the policy delete,
 * by size, then by time. Never one that reaches the high watermark or an empty active one. Pure.
 * @see UnifiedLog.deleteOldSegments in Apache Kafka 3.9
 */
export function countDeletable(state: RetentionState): number {
  const { segments, retentionMs, retentionBytes, nowMs } = state;
  let count = countWhile(state, 0, (_, next) => next !== undefined && next.baseOffset <= state.logStartOffset);
  if (!state.isDeletePolicy) return count;
  if (retentionBytes >= 0) {
    let excess = segments.slice(count).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) - retentionBytes;
    count = countWhile(state, count, ({ sizeBytes }) => {
      if (excess - sizeBytes < 0) return false;
      excess -= sizeBytes;
      return true;
    });
  }
  if (retentionMs >= 0) count = countWhile(state, count, ({ largestTimestamp }) => nowMs - largestTimestamp > retentionMs);
  return count;
}

function countWhile(state: RetentionState, from: number, isDue: (segment: RetainedSegment, next: RetainedSegment | undefined) => boolean): number {
  const { segments, logEndOffset, highWatermark } = state;
  let count = from;
  for (; count < segments.length; count++) {
    const segment = segments[count]!;
    const next = segments[count + 1];
    const isEmptyActive = next === undefined && segment.sizeBytes === 0;
    if (isEmptyActive || (next?.baseOffset ?? logEndOffset) > highWatermark || !isDue(segment, next)) break;
  }
  return count;
}
