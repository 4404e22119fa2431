import type { Timer } from '../runtime/clock.ts';
import type { Segment, SegmentSupport } from './segment.ts';

/** Removes files of deleted segments after file.delete.delay.ms, so that readers with a slice of one can finish. */
export class DelayedRemoval {
  readonly #support: SegmentSupport;
  readonly #timers = new Set<Timer>();
  /** Runs the removal and deals with errors of the disk. */
  readonly #attempt: (work: () => void) => void;

  constructor(support: SegmentSupport, attempt: (work: () => void) => void) {
    this.#support = support;
    this.#attempt = attempt;
  }

  /** @param files other files to go with the segments */
  schedule(segments: readonly Segment[], files: readonly string[], delayMs: number): void {
    if (segments.length === 0 && files.length === 0) return;
    const timer = this.#support.clock.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      this.#attempt(() => {
        for (const segment of segments) segment.remove();
        for (const file of files) this.#support.disk.removeSync(file);
      });
    });
    this.#timers.add(timer);
  }

  /** What is left goes at the next start. */
  cancel(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}
