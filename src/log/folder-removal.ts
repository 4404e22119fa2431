import type { Clock, Timer } from '../runtime/clock.ts';
import type { Disk } from '../runtime/disk.ts';

export interface FolderRemovalOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  /** Told of a folder that could not be removed. */
  readonly failed: (folder: string, error: unknown) => void;
}

/**
 * Removes folders of deleted logs after file.delete.delay.ms: in another thread, and one after the other, since a topic has
 * thousands of them and threads are few. What is left when the broker stops goes at its next start.
 */
export class FolderRemoval {
  readonly #options: FolderRemovalOptions;
  readonly #waiting = new Set<Timer>();
  #removing: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: FolderRemovalOptions) {
    this.#options = options;
  }

  schedule(folder: string, delayMs: number): void {
    const timer = this.#options.clock.setTimer(delayMs, () => {
      this.#waiting.delete(timer);
      this.#removing = this.#removing.then(() => this.#remove(folder));
    });
    this.#waiting.add(timer);
  }

  /** Resolves when no removal is under way; none begins any more. */
  stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#waiting) timer.cancel();
    this.#waiting.clear();
    return this.#removing;
  }

  async #remove(folder: string): Promise<void> {
    if (this.#isStopped) return;
    try {
      await this.#options.disk.remove(folder);
    } catch (error) {
      this.#options.failed(folder, error);
    }
  }
}
