import type { DiskFile } from '../runtime/disk.ts';
import { BatchCursor, lookupCursor } from './batch-cursor.ts';
import type { AbortedTransaction, FileSlice, LogPosition, LogRead } from './partition-log.ts';
import type { SegmentList } from './segment-list.ts';
import type { Segment } from './segment.ts';

export interface ReadRequest {
  readonly offset: number;
  readonly bytesMax: number;
  /** Nothing at or above is read. */
  readonly limit: number;
  /** The offset after the last that is written. */
  readonly endOffset: number;
  readonly atLeastOne: boolean;
  readonly hint: LogPosition | undefined;
}

/** Bytes from the log's end that are taken for cached: far less than any machine's dirty pages. */
const hotBytesMax = 32 * 1024 * 1024;

/** Ends of the last writes that are remembered: followers fetch up to one, and the high watermark comes to lie there. */
const boundariesMax = 16;

const unreadable = (): never => {
  throw new Error('an empty slice has no file to read');
};
const noFile: DiskFile = {
  path: '',
  descriptor: -1,
  sizeSync: () => 0,
  readSync: unreadable,
  read: unreadable,
  readCachedSync: unreadable,
  isCachedSync: unreadable,
  writeSync: unreadable,
  allocate: unreadable,
  truncateSync: unreadable,
  syncSync: unreadable,
  sync: unreadable,
  renamedTo: () => undefined,
  hold: () => () => undefined,
  closeSync: () => undefined,
};
const emptySlice: FileSlice = { file: noFile, position: 0, length: 0 };

/** What was found; whoever reads up to the last stable offset adds the aborted transactions. */
export interface FoundRange extends LogRead {
  abortedTransactions: LogRead['abortedTransactions'];
}

/** Of all logs together: a position that one gave out is never taken for another's, also where one takes the other's place. */
let lastGeneration = 0;

/** Finds ranges of files by offset. Knows positions that were just written, so that reading the tail needs no look into files. */
export class LogReader {
  readonly #segments: SegmentList;
  #generation = ++lastGeneration;
  /** Ends of recent writes to the active segment: offset, position. Made at the first write. */
  #boundaries: Float64Array | undefined;
  #nextBoundary = 0;
  #boundarySegment: Segment | undefined;

  constructor(segments: SegmentList) {
    this.#segments = segments;
  }

  /** Segments were cut or removed: no position given out before holds any more. */
  forgetPositions(): void {
    this.#generation = ++lastGeneration;
    this.#boundarySegment = undefined;
  }

  /** The active segment now ends here. */
  noteEnd(endOffset: number): void {
    const { active } = this.#segments;
    const boundaries = (this.#boundaries ??= new Float64Array(2 * boundariesMax));
    if (this.#boundarySegment !== active) {
      boundaries.fill(-1);
      this.#boundarySegment = active;
    }
    this.#remember(boundaries, endOffset, active.writtenBytes);
  }

  read(request: ReadRequest): FoundRange {
    const { offset, limit, hint } = request;
    const segments = this.#segments;
    if (offset >= limit) return this.#nothing(offset === request.endOffset ? this.#position(offset, segments.active, segments.active.writtenBytes) : hint);
    for (let index = Math.max(0, segments.floorIndex(offset)); index < segments.count; index++) {
      const segment = segments.at(index)!;
      if (segment.baseOffset >= limit) break;
      const isHinted = hint?.offset === offset && hint.segmentBaseOffset === segment.baseOffset && hint.generation === this.#generation;
      const known = isHinted ? hint.position : this.#knownPosition(segment, offset);
      const start = known ?? segment.positionOf(offset);
      const firstBytes = known === undefined && start !== undefined ? lookupCursor.sizeBytes : undefined;
      const end = this.#endIn(segment, index, request);
      if (start !== undefined && start < end) return this.#range(segment, index, start, end, firstBytes, request);
    }
    return this.#nothing(undefined);
  }

  /** Bytes from `offset` to `limit`. */
  bytesBetween(offset: number, limit: number, endOffset: number): number {
    if (offset >= limit) return 0;
    let bytes = 0;
    for (let index = Math.max(0, this.#segments.floorIndex(offset)); index < this.#segments.count; index++) {
      const segment = this.#segments.at(index)!;
      if (segment.baseOffset >= limit) break;
      const start = segment.baseOffset >= offset ? 0 : this.positionIn(segment, offset);
      if (start !== undefined) bytes += this.#endIn(segment, index, { limit, endOffset }) - start;
    }
    return bytes;
  }

  /** Of the transaction indexes from the segment of `offset` on: what a read of [offset, limit) needs. */
  abortedTransactions(offset: number, limit: number): readonly AbortedTransaction[] {
    const aborted: AbortedTransaction[] = [];
    for (let index = Math.max(0, this.#segments.floorIndex(offset)); index < this.#segments.count; index++) {
      for (const entry of this.#segments.at(index)!.transactionIndex.read() ?? []) {
        if (entry.lastOffset >= offset && entry.firstOffset < limit) aborted.push({ producerId: entry.producerId, firstOffset: entry.firstOffset });
        if (entry.lastStableOffset >= limit) return aborted;
      }
    }
    return aborted;
  }

  /** Position of the batch that holds `offset`, or the first after it; undefined past the last. */
  positionIn(segment: Segment, offset: number): number | undefined {
    const known = this.#knownPosition(segment, offset);
    if (known !== undefined) return known === segment.writtenBytes ? undefined : known;
    return segment.positionOf(offset);
  }

  /** @param firstBytes size of the batch at `start`, where the search has just seen it */
  #range(segment: Segment, index: number, start: number, end: number, firstBytes: number | undefined, request: ReadRequest): FoundRange {
    const { bytesMax, atLeastOne, limit } = request;
    let length = end - start;
    let isFirstBatchCut = false;
    if (bytesMax < length) {
      const batchBytes = firstBytes ?? this.#batchBytesAt(segment, start, end);
      length = atLeastOne ? Math.max(bytesMax, batchBytes) : bytesMax;
      isFirstBatchCut = length < batchBytes;
    }
    const records: FileSlice = { file: segment.file, position: start, length };
    return { abortedTransactions: undefined, records, isFirstBatchCut, isHot: this.#isHot(segment, index, start), next: this.#after(segment, index, start + length, end, limit) };
  }

  #after(segment: Segment, index: number, position: number, end: number, limit: number): LogPosition | undefined {
    if (position < end) return undefined;
    const following = this.#segments.at(index + 1);
    if (following === undefined || following.baseOffset > limit) return this.#position(limit, segment, position);
    return this.#position(following.baseOffset, following, 0);
  }

  #nothing(next: LogPosition | undefined): FoundRange {
    return { abortedTransactions: undefined, records: emptySlice, isFirstBatchCut: false, isHot: true, next };
  }

  #position(offset: number, segment: Segment, position: number): LogPosition {
    return { offset, segmentBaseOffset: segment.baseOffset, position, generation: this.#generation };
  }

  /** Where reading must stop in a segment. */
  #endIn(segment: Segment, index: number, { limit, endOffset }: Pick<ReadRequest, 'limit' | 'endOffset'>): number {
    if (limit >= endOffset) return segment.writtenBytes;
    const following = this.#segments.at(index + 1);
    if (following !== undefined && following.baseOffset <= limit) return segment.writtenBytes;
    const known = this.#knownPosition(segment, limit);
    if (known !== undefined) return known;
    const position = segment.positionOf(limit) ?? segment.writtenBytes;
    if (segment === this.#boundarySegment) this.#remember(this.#boundaries!, limit, position);
    return position;
  }

  #knownPosition(segment: Segment, offset: number): number | undefined {
    if (segment !== this.#boundarySegment) return undefined;
    const boundaries = this.#boundaries!;
    for (let at = 0; at < boundaries.length; at += 2) if (boundaries[at] === offset) return boundaries[at + 1];
    return undefined;
  }

  #remember(boundaries: Float64Array, offset: number, position: number): void {
    boundaries[this.#nextBoundary] = offset;
    boundaries[this.#nextBoundary + 1] = position;
    this.#nextBoundary = (this.#nextBoundary + 2) % boundaries.length;
  }

  #batchBytesAt(segment: Segment, position: number, end: number): number {
    lookupCursor.seek(segment.file, position, end);
    return lookupCursor.next() ? lookupCursor.sizeBytes : end - position;
  }

  /** Written by this process, in the active segment or the one before, not far from the end. */
  #isHot(segment: Segment, index: number, position: number): boolean {
    if (position < segment.coldBytes || index < this.#segments.count - 2) return false;
    const { active } = this.#segments;
    const behind = segment.writtenBytes - position + (segment === active ? 0 : active.writtenBytes);
    return behind <= hotBytesMax;
  }
}

/** A cursor for one search; the shared one must not grow to the size of a large batch. */
export function searchCursor(): BatchCursor {
  return new BatchCursor(16 * 1024);
}
