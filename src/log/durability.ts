import type { SegmentList } from './segment-list.ts';
import type { SegmentSupport } from './segment.ts';

/** Brings a log's segments to the disk itself, and knows up to where that was done. */
export class Durability {
  readonly #support: SegmentSupport;
  readonly #segments: SegmentList;
  #directory: string;
  #recoveryPoint: number;
  #flushedMs: number;
  #truncations = 0;

  constructor(support: SegmentSupport, segments: SegmentList, directory: string, recoveryPoint: number) {
    this.#support = support;
    this.#segments = segments;
    this.#directory = directory;
    this.#recoveryPoint = recoveryPoint;
    this.#flushedMs = support.clock.monotonicMs();
  }

  /** What is below survives a power cut. */
  get recoveryPoint(): number {
    return this.#recoveryPoint;
  }

  get sinceFlushMs(): number {
    return this.#support.clock.monotonicMs() - this.#flushedMs;
  }

  /** fsync, in other threads, of all segments that hold offsets below `offset`. */
  async flushTo(offset: number, withActive: boolean): Promise<void> {
    this.#flushedMs = this.#support.clock.monotonicMs();
    if (offset <= this.#recoveryPoint) return;
    const truncations = this.#truncations;
    const { active } = this.#segments;
    for (const segment of this.#segments.between(this.#recoveryPoint, offset)) {
      if (segment.isDeleted || (segment === active && !withActive)) continue;
      await segment.flush(segment === active);
    }
    if (truncations !== this.#truncations) return;
    this.#support.disk.syncDirectorySync(this.#directory);
    this.#recoveryPoint = Math.max(this.#recoveryPoint, offset);
  }

  /** flush.messages asks for it: an append is answered when the disk has it. */
  flushNow(offset: number): void {
    for (const segment of this.#segments.between(this.#recoveryPoint, offset)) segment.file.syncSync();
    this.#recoveryPoint = offset;
    this.#flushedMs = this.#support.clock.monotonicMs();
  }

  /** The log was cut, or its segments went: a flush under way proves nothing any more. */
  cutAt(offset: number): void {
    this.#truncations++;
    this.#recoveryPoint = Math.min(this.#recoveryPoint, offset);
  }

  movedTo(directory: string): void {
    this.#directory = directory;
    this.#truncations++;
  }
}
