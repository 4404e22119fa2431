/** What the choice needs to know of a segment. */
export interface DirtySegment {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  /** Greatest record timestamp, else the file's time of change. */
  readonly largestTimestamp: number;
  /** -1 when the first batch has none, or there is no batch. */
  readonly timestampOfFirstBatch: number;
}

/** What the choice needs to know of a log whose cleanup.policy has compact. */
export interface CompactedLogState {
  /** By base offset; the last is the active one. */
  readonly segments: readonly DirtySegment[];
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly lastStableOffset: number;
  /** From cleaner-offset-checkpoint; undefined when it was never cleaned. */
  readonly checkpoint: number | undefined;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
}

export interface DirtyPart {
  readonly firstDirtyOffset: number;
  /** Base offset of the first segment that must not be cleaned. */
  readonly firstUncleanableOffset: number;
  /** The checkpoint lies outside of the log, and is to become `firstDirtyOffset`. */
  readonly isCheckpointInvalid: boolean;
  readonly cleanableBytes: number;
  /** Clean and cleanable. */
  readonly totalBytes: number;
  /** Of `totalBytes`, 0 to 1. */
  readonly dirtyRatio: number;
  /** max.compaction.lag.ms has passed for a record by so many milliseconds; 0 when for none. */
  readonly overdueMs: number;
}

/**
 * Which part of a log the cleaner has not seen and may look at: not the active segment, nothing from the last stable offset
 * on, and nothing younger than min.compaction.lag.ms. Pure.
 * @see LogCleanerManager.cleanableOffsets, calculateCleanableBytes, maxCompactionDelay in Apache Kafka 3.9
 */
export function dirtyPart(log: CompactedLogState, nowMs: number): DirtyPart {
  const { segments, logStartOffset, logEndOffset } = log;
  const checkpoint = log.checkpoint ?? logStartOffset;
  const isCheckpointInvalid = checkpoint < logStartOffset || checkpoint > logEndOffset;
  const firstDirtyOffset = isCheckpointInvalid ? logStartOffset : checkpoint;
  const activeBase = segments.at(-1)!.baseOffset;
  const dirty = segmentsBetween(segments, firstDirtyOffset, activeBase);
  const tooYoung = log.minCompactionLagMs > 0 ? dirty.find(({ largestTimestamp }) => largestTimestamp > nowMs - log.minCompactionLagMs) : undefined;
  const uncleanable = Math.max(firstDirtyOffset, Math.min(log.lastStableOffset, activeBase, tooYoung?.baseOffset ?? Infinity));
  const firstUncleanableOffset = (segments.findLast(({ baseOffset }) => baseOffset <= uncleanable) ?? segments.at(-1)!).baseOffset;
  const cleanableBytes = bytesOf(segmentsBetween(segments, Math.min(firstDirtyOffset, firstUncleanableOffset), firstUncleanableOffset));
  const totalBytes = bytesOf(segments.filter(({ baseOffset }) => baseOffset < firstDirtyOffset)) + cleanableBytes;
  return {
    firstDirtyOffset,
    firstUncleanableOffset,
    isCheckpointInvalid,
    cleanableBytes,
    totalBytes,
    dirtyRatio: totalBytes === 0 ? 0 : cleanableBytes / totalBytes,
    overdueMs: overdueMs(dirty, nowMs - log.maxCompactionLagMs),
  };
}

/** Whether a dirty part is worth a pass. @param ratioMin min.cleanable.dirty.ratio */
export function isWorthCleaning({ totalBytes, cleanableBytes, dirtyRatio, overdueMs: overdue }: DirtyPart, ratioMin: number): boolean {
  return totalBytes > 0 && ((overdue > 0 && cleanableBytes > 0) || dirtyRatio > ratioMin);
}

/** Segments that hold offsets in [from, to), by base offset. */
export function segmentsBetween<Segment extends { readonly baseOffset: number }>(segments: readonly Segment[], from: number, to: number): readonly Segment[] {
  if (from >= to) return [];
  const floor = segments.findLastIndex(({ baseOffset }) => baseOffset <= from);
  return segments.slice(Math.max(0, floor)).filter(({ baseOffset }) => baseOffset < to);
}

function bytesOf(segments: readonly DirtySegment[]): number {
  return segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function overdueMs(dirty: readonly DirtySegment[], untilMs: number): number {
  if (untilMs <= 0) return 0; // no limit, as by default: no file need be read
  const earliest = dirty.reduce((least, { timestampOfFirstBatch }) => (timestampOfFirstBatch > 0 ? Math.min(least, timestampOfFirstBatch) : least), Infinity);
  return Math.max(0, untilMs - earliest);
}
