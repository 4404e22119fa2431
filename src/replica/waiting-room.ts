import type { Clock, Timer } from '../runtime/clock.ts';

/**
 * Where requests wait: a produce with acks=all for its records to be in sync, a fetch for enough bytes (Kafka's
 * purgatories). A waiter is looked at when something happens to a partition it names, and at its deadline; nothing polls.
 */
export interface Waiter {
  /** Tries to complete; true when it has, and then it is never called again. */
  tryComplete(): boolean;
  /** The time is over: completes with what there is. */
  expire(): void;
}

export interface WaitingRoom {
  readonly size: number;
  /** Waits under each key until a `wake` completes it or `timeoutMs` is over; returns a function that takes it out. */
  wait(keys: readonly string[], timeoutMs: number, waiter: Waiter): () => void;
  /** Something happened under the key. */
  wake(key: string): void;
}

interface Entry {
  readonly keys: readonly string[];
  readonly waiter: Waiter;
  timer: Timer | undefined;
  isDone: boolean;
}

export function createWaitingRoom(clock: Clock): WaitingRoom {
  const byKey = new Map<string, Set<Entry>>();
  let size = 0;

  function leave(entry: Entry): void {
    if (entry.isDone) return;
    entry.isDone = true;
    entry.timer?.cancel();
    size--;
    for (const key of entry.keys) {
      const entries = byKey.get(key);
      entries?.delete(entry);
      if (entries?.size === 0) byKey.delete(key);
    }
  }

  return {
    get size() {
      return size;
    },
    wait(keys, timeoutMs, waiter) {
      const entry: Entry = { keys, waiter, timer: undefined, isDone: false };
      size++;
      for (const key of keys) {
        const entries = byKey.get(key);
        if (entries === undefined) byKey.set(key, new Set([entry]));
        else entries.add(entry);
      }
      entry.timer = clock.setTimer(timeoutMs, () => {
        leave(entry);
        waiter.expire();
      });
      return () => leave(entry);
    },
    wake(key) {
      const entries = byKey.get(key);
      if (entries === undefined) return;
      for (const entry of Array.from(entries)) {
        if (!entry.isDone && entry.waiter.tryComplete()) leave(entry);
      }
    },
  };
}
