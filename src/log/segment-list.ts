import type { Segment } from './segment.ts';

/** A log's segments by base offset. Never empty once the log is loaded; the last is the active one. */
export class SegmentList {
  #segments: Segment[] = [];

  get all(): readonly Segment[] {
    return this.#segments;
  }

  get count(): number {
    return this.#segments.length;
  }

  get first(): Segment {
    return this.#segments[0]!;
  }

  get active(): Segment {
    return this.#segments[this.#segments.length - 1]!;
  }

  get sizeBytes(): number {
    let sum = 0;
    for (const segment of this.#segments) sum += segment.sizeBytes;
    return sum;
  }

  at(index: number): Segment | undefined {
    return this.#segments[index];
  }

  /** Index of the segment with the greatest base <= `offset`; -1 when there is none. */
  floorIndex(offset: number): number {
    let low = -1;
    let high = this.#segments.length;
    if (high > 0 && this.#segments[high - 1]!.baseOffset <= offset) return high - 1; // the tail, where nearly all reads are
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#segments[middle]!.baseOffset <= offset) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Segments that hold offsets in [from, to). */
  between(from: number, to: number): readonly Segment[] {
    const start = Math.max(0, this.floorIndex(from));
    return this.#segments.slice(start).filter((segment) => segment.baseOffset < to);
  }

  /** Adds a segment behind all others. */
  push(segment: Segment): void {
    this.#segments.push(segment);
  }

  /** Puts one segment into the place of neighbours. */
  replace(old: readonly Segment[], replacement: Segment): void {
    const at = this.#segments.indexOf(old[0]!);
    this.#segments = this.#segments.toSpliced(at, old.length, replacement);
  }

  remove(segments: readonly Segment[]): void {
    this.#segments = this.#segments.filter((segment) => !segments.includes(segment));
  }
}
