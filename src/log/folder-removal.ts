import type { Clock, Timer } from '../runtime/clock.ts';
import type { Disk } from '../runtime/disk.ts';

/**
 * Removes folders of deleted replicas after a delay, so that readers with a slice of a file can finish; one after the other, in
 * another thread. What is left when the broker stops goes at its next start.
 */
export interface FolderRemoval {
  schedule(folder: string, delayMs: number): void;
  /** Resolves when none is being removed; no other will be. */
  close(): Promise<void>;
}

/** @param failed told what went wrong with a folder */
export function createFolderRemoval(clock: Clock, disk: Disk, failed: (folder: string, error: unknown) => void): FolderRemoval {
  const timers = new Set<Timer>();
  let removing: Promise<void> = Promise.resolve();
  let isClosed = false;

  async function remove(folder: string): Promise<void> {
    if (isClosed) return;
    try {
      await disk.remove(folder);
    } catch (error) {
      failed(folder, error);
    }
  }

  return {
    schedule(folder, delayMs) {
      const timer = clock.setTimer(delayMs, () => {
        timers.delete(timer);
        removing = removing.then(() => remove(folder));
      });
      timers.add(timer);
    },
    close() {
      isClosed = true;
      for (const timer of timers) timer.cancel();
      timers.clear();
      return removing;
    },
  };
}
