import path from 'node:path';
import type { Timer } from '../runtime/clock.ts';
import type { Segment, SegmentSupport } from './segment.ts';

interface Pending {
  readonly segments: readonly Segment[];
  files: readonly string[];
  readonly timer: Timer;
}

/** Removes files of deleted segments after file.delete.delay.ms, so that readers with a slice of one can finish. */
export class DelayedRemoval {
  readonly #support: SegmentSupport;
  readonly #pending = new Set<Pending>();
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
      this.#pending.delete(pending);
      this.#attempt(() => {
        for (const segment of pending.segments) segment.remove();
        for (const file of pending.files) this.#support.disk.removeSync(file);
      });
    });
    const pending: Pending = { segments, files, timer };
    this.#pending.add(pending);
  }

  /** The folder has another name. */
  movedTo(directory: string): void {
    for (const pending of this.#pending) {
      for (const segment of pending.segments) segment.movedTo(directory);
      pending.files = pending.files.map((file) => path.join(directory, path.basename(file)));
    }
  }

  /** What is left goes at the next start. */
  cancel(): void {
    for (const { timer } of this.#pending) timer.cancel();
    this.#pending.clear();
  }
}
