import { leaderEpoch, maxTimestamp } from '../record/batch.ts';
import { readBatchRecords } from '../record/read.ts';
import type { BatchCursor } from './batch-cursor.ts';
import { searchCursor } from './log-reader.ts';
import type { TimestampedOffset } from './partition-log.ts';
import type { SegmentList } from './segment-list.ts';
import type { Segment } from './segment.ts';

/** The first record from `logStartOffset` on that is not older than `timestampMs`. @see UnifiedLog.fetchOffsetByTimestamp */
export function searchTimestamp(segments: SegmentList, timestampMs: number, logStartOffset: number): TimestampedOffset | undefined {
  const segment = segments.all.find((candidate) => candidate.writtenBytes > 0 && candidate.largestTimestamp >= timestampMs);
  if (segment === undefined) return undefined;
  const from = segment.offsetIndex.lookup(Math.max(segment.timeIndex.lookup(timestampMs), logStartOffset));
  const cursor = searchCursor();
  cursor.seek(segment.file, from, segment.writtenBytes);
  while (cursor.next()) {
    if (maxTimestamp(cursor.buffer, cursor.start) < timestampMs || !cursor.loadWhole()) continue;
    const found = readBatchRecords(cursor.buffer, cursor.start).find(({ timestamp, offset }) => timestamp >= timestampMs && offset >= logStartOffset);
    if (found !== undefined) return { offset: found.offset, timestamp: found.timestamp, leaderEpoch: epochOf(cursor) };
  }
  return undefined;
}

/** The first of the records with the greatest timestamp of the log (KIP-734). */
export function searchMaxTimestamp(segments: SegmentList): TimestampedOffset | undefined {
  let latest: Segment | undefined;
  for (const segment of segments.all) {
    if (segment.maxTimestamp >= 0 && segment.maxTimestamp > (latest?.maxTimestamp ?? -1)) latest = segment;
  }
  if (latest === undefined) return undefined;
  const timestamp = latest.maxTimestamp;
  const cursor = searchCursor();
  cursor.seek(latest.file, latest.offsetIndex.lookup(latest.offsetOfMaxTimestamp), latest.writtenBytes);
  while (cursor.next()) {
    if (maxTimestamp(cursor.buffer, cursor.start) !== timestamp || !cursor.loadWhole()) continue;
    const found = readBatchRecords(cursor.buffer, cursor.start).find((record) => record.timestamp === timestamp);
    if (found !== undefined) return { offset: found.offset, timestamp, leaderEpoch: epochOf(cursor) };
  }
  return undefined;
}

function epochOf(cursor: BatchCursor): number | undefined {
  const epoch = leaderEpoch(cursor.buffer, cursor.start);
  return epoch < 0 ? undefined : epoch;
}
