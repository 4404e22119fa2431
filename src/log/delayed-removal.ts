import path from 'node:path';
import type { Timer } from '../runtime/clock.ts';
import type { Segment, SegmentSupport } from './segment.ts';

interface Pending {
  readonly segments: readonly Segment[];
  files: readonly string[];
  readonly timer: Timer;
}

/**
 * Removes files of deleted segments after file.delete.delay.ms, so that readers with a slice of one can finish; one file after the
 * other, in another thread, since retention may let go of thousands at once.
 */
export class DelayedRemoval {
  readonly #support: SegmentSupport;
  readonly #pending = new Set<Pending>();
  /** Told what went wrong. */
  readonly #failed: (error: unknown) => void;
  #removing: Promise<void> = Promise.resolve();

  constructor(support: SegmentSupport, failed: (error: unknown) => void) {
    this.#support = support;
    this.#failed = failed;
  }

  /** @param files other files to go with the segments */
  schedule(segments: readonly Segment[], files: readonly string[], delayMs: number): void {
    if (segments.length === 0 && files.length === 0) return;
    const timer = this.#support.clock.setTimer(delayMs, () => {
      this.#removing = this.#removing.then(() => this.#remove(pending)).catch(this.#failed);
    });
    const pending: Pending = { segments, files, timer };
    this.#pending.add(pending);
  }

  async #remove(pending: Pending): Promise<void> {
    for (const segment of pending.segments) {
      if (!this.#pending.has(pending)) return;
      await segment.remove();
    }
    for (const file of Array.from(pending.files)) await this.#support.disk.remove(file);
    this.#pending.delete(pending);
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
