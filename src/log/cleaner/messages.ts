import type { AbortedTransactionEntry } from '../transaction-index.ts';

/** What the cleaner's thread is asked. A pass over a log: one `map`, then a `clean` for each group of segments, in order. */
export type CleanerRequest = MapRequest | CleanRequest;
export type CleanerAnswer = MapAnswer | CleanAnswer;

export interface CleanerLimits {
  /** log.cleaner.dedupe.buffer.size / log.cleaner.threads */
  readonly mapBytesMax: number;
  /** log.cleaner.io.buffer.load.factor */
  readonly loadFactor: number;
  /** log.cleaner.io.buffer.size / log.cleaner.threads / 2: of the buffer read into, and of the one written from. */
  readonly ioBufferBytes: number;
  /** log.cleaner.io.max.bytes.per.second / log.cleaner.threads; bytes read and written. Infinity: no limit. */
  readonly bytesPerSecondMax: number;
}

export interface SourceSegment {
  readonly path: string;
  readonly sizeBytes: number;
  /** Base offset of the segment that follows. */
  readonly endOffset: number;
}

/** Find the latest offset of each key in [startOffset, endOffset). */
export interface MapRequest {
  readonly kind: 'map';
  readonly limits: CleanerLimits;
  readonly startOffset: number;
  readonly segments: readonly SourceSegment[];
  /** Where to begin in the first segment. */
  readonly startPosition: number;
  readonly aborted: readonly AbortedTransactionEntry[];
}

export interface MapAnswer {
  readonly kind: 'mapped';
  /** The log is clean below this offset once all groups are cleaned: the end of the dirty part, or where the map was full. */
  readonly endOffset: number;
  readonly bytesRead: number;
  /** Of the map, 0 to 1. */
  readonly utilization: number;
}

export interface CleanedSource extends SourceSegment {
  readonly modifiedMs: number;
  /** Aborted transactions that reach into this segment. */
  readonly aborted: readonly AbortedTransactionEntry[];
}

/** Write what stays of some neighbouring segments as one, into files that end in `.cleaned`. */
export interface CleanRequest {
  readonly kind: 'clean';
  /** `.log`, `.index`, … and `.cleaned` are added. */
  readonly pathStem: string;
  readonly baseOffset: number;
  readonly segments: readonly CleanedSource[];
  /** Wall clock at the beginning of the pass. */
  readonly nowMs: number;
  /** delete.retention.ms */
  readonly deleteRetentionMs: number;
  /** For records before v2: segments changed later keep their tombstones. */
  readonly legacyDeleteHorizonMs: number;
  readonly producers: ActiveProducers;
  readonly indexIntervalBytes: number;
  /** segment.index.bytes */
  readonly indexBytesMax: number;
}

/** Three numbers for each producer that the log knows: id, offset of its last data record (-1: none), epoch. */
export type ActiveProducers = Float64Array;

export interface CleanAnswer {
  readonly kind: 'cleaned';
  readonly sizeBytes: number;
  readonly bytesRead: number;
  readonly recordsRead: number;
  readonly recordsKept: number;
  /** Records without a key, which go: a compacted log should have none. */
  readonly keylessRecords: number;
}
