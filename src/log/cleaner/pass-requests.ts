import path from 'node:path';
import { segmentFileName } from '../file-names.ts';
import type { ProducerEntry } from '../producer-state.ts';
import type { Segment } from '../segment.ts';
import type { AbortedTransactionEntry } from '../transaction-index.ts';
import { segmentsBetween } from './cleanable.ts';
import type { ActiveProducers, CleanedSource, CleanerLimits, CleanRequest, MapRequest } from './messages.ts';

/** What a pass goes by: the log as it was when the pass began. */
export interface PassPlan {
  /** All segments of the log, the active one last. */
  readonly segments: readonly Segment[];
  /** All entries of their transaction indexes, by the offsets of the markers. */
  readonly aborted: readonly AbortedTransactionEntry[];
  readonly firstDirtyOffset: number;
  readonly firstUncleanableOffset: number;
  /** Wall clock. */
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
  readonly indexIntervalBytes: number;
  readonly indexBytesMax: number;
}

export function mapRequest(plan: PassPlan, limits: CleanerLimits): MapRequest {
  const { segments, firstDirtyOffset, firstUncleanableOffset } = plan;
  const dirty = segmentsBetween(segments, firstDirtyOffset, firstUncleanableOffset);
  return {
    kind: 'map',
    limits,
    startOffset: firstDirtyOffset,
    segments: dirty.map((segment, index) => ({ path: segment.path, sizeBytes: segment.writtenBytes, endOffset: dirty[index + 1]?.baseOffset ?? firstUncleanableOffset })),
    startPosition: dirty[0]?.offsetIndex.lookup(firstDirtyOffset) ?? 0,
    aborted: abortedBetween(plan, firstDirtyOffset, firstUncleanableOffset),
  };
}

/** For the segments [from, end) of the plan, which are never the active one. */
export function cleanRequest(plan: PassPlan, from: number, end: number, directory: string, producers: Iterable<ProducerEntry>): CleanRequest {
  const { segments, nowMs, deleteRetentionMs, indexIntervalBytes, indexBytesMax } = plan;
  const { baseOffset } = segments[from]!;
  const sources = segments.slice(from, end).map((segment, index): CleanedSource => {
    const endOffset = segments[from + index + 1]!.baseOffset;
    return { path: segment.path, sizeBytes: segment.writtenBytes, endOffset, modifiedMs: segment.modifiedMs, aborted: abortedBetween(plan, segment.baseOffset, endOffset) };
  });
  return {
    kind: 'clean',
    pathStem: path.join(directory, segmentFileName(baseOffset, 'log').slice(0, -'.log'.length)),
    baseOffset,
    segments: sources,
    nowMs,
    deleteRetentionMs,
    legacyDeleteHorizonMs: legacyDeleteHorizonMs(plan),
    producers: lastOfProducers(producers, baseOffset, sources.at(-1)!.endOffset),
    indexIntervalBytes,
    indexBytesMax,
  };
}

/** Of all segments, once a pass: most logs have none. */
export function abortedTransactionsOf(segments: readonly Segment[]): readonly AbortedTransactionEntry[] {
  return segments.flatMap((segment) => segment.transactionIndex.read() ?? []);
}

/** Those with offsets in [from, to). Their markers, and so their entries, may lie in later segments. */
function abortedBetween({ aborted }: PassPlan, from: number, to: number): readonly AbortedTransactionEntry[] {
  return aborted.filter(({ firstOffset, lastOffset }) => firstOffset < to && lastOffset >= from);
}

/** Records before v2 have no delete horizon: their tombstones go where this much lies between their segment and the last clean one. */
function legacyDeleteHorizonMs({ segments, firstDirtyOffset, deleteRetentionMs }: PassPlan): number {
  const lastClean = segments.findLast(({ baseOffset }) => baseOffset < firstDirtyOffset);
  return lastClean === undefined ? 0 : lastClean.modifiedMs - deleteRetentionMs;
}

/** Producers whose last batch lies in [from, to), and those of whom the log knows a marker alone. */
function lastOfProducers(producers: Iterable<ProducerEntry>, from: number, to: number): ActiveProducers {
  const numbers: number[] = [];
  for (const { producerId, producerEpoch, batches } of producers) {
    const lastOffset = batches.at(-1)?.lastOffset ?? -1;
    if (lastOffset < 0 || (lastOffset >= from && lastOffset < to)) numbers.push(producerId, lastOffset, producerEpoch);
  }
  return Float64Array.from(numbers);
}
