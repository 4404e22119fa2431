import type { Clock, Timer } from '../runtime/clock.ts';

/**
 * Where requests wait: a produce with acks=all for its records to be in sync, a fetch for enough bytes (Kafka's
 * purgatories). A waiter is looked at when something happens to a partition it names, and at its deadline; nothing polls.
 */
export interface Waiter<Key> {
  /** Something happened to `key`: completes if it can; true when it has, and then it is never called again. */
  tryComplete(key: Key): boolean;
  /** The time is over: completes with what there is. */
  expire(): void;
}

export interface WaitingRoom<Key> {
  size(): number;
  /** How many watch the key. */
  watching(key: Key): number;
  /** Waits under each key until a `wake` completes it or `timeoutMs` is over; returns a function that takes it out. */
  wait(keys: readonly Key[], timeoutMs: number, waiter: Waiter<Key>): () => void;
  /** Calls `noticed` at each `wake` of the key, until the function that is returned was called. */
  watch(key: Key, noticed: () => void): () => void;
  /** Something happened to the key. */
  wake(key: Key): void;
}

interface Entry<Key> {
  readonly keys: readonly Key[];
  readonly waiter: Waiter<Key>;
  timer: Timer | undefined;
  /** It is being looked at: what it does to complete may wake its keys again. */
  isTrying: boolean;
  isDone: boolean;
}

export function createWaitingRoom<Key>(clock: Clock): WaitingRoom<Key> {
  const byKey = new Map<Key, Set<Entry<Key>>>();
  const watchers = new Map<Key, Set<() => void>>();
  let size = 0;

  function leave(entry: Entry<Key>): void {
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

  function tryOne(entry: Entry<Key>, key: Key): void {
    if (entry.isDone || entry.isTrying) return;
    entry.isTrying = true;
    try {
      if (entry.waiter.tryComplete(key)) leave(entry);
    } finally {
      entry.isTrying = false;
    }
  }

  return {
    size: () => size,
    watching: (key) => watchers.get(key)?.size ?? 0,
    wait(keys, timeoutMs, waiter) {
      const entry: Entry<Key> = { keys, waiter, timer: undefined, isTrying: false, isDone: false };
      size++;
      for (const key of keys) {
        const entries = byKey.get(key);
        if (entries === undefined) byKey.set(key, new Set([entry]));
        else entries.add(entry);
      }
      entry.timer = clock.setTimer(timeoutMs, () => {
        if (entry.isDone) return;
        leave(entry);
        waiter.expire();
      });
      return () => leave(entry);
    },
    watch(key, noticed) {
      const ofKey = watchers.get(key);
      if (ofKey === undefined) watchers.set(key, new Set([noticed]));
      else ofKey.add(noticed);
      return () => {
        const left = watchers.get(key);
        left?.delete(noticed);
        if (left?.size === 0) watchers.delete(key);
      };
    },
    wake(key) {
      const ofKey = watchers.get(key);
      if (ofKey !== undefined) for (const noticed of ofKey) noticed();
      const entries = byKey.get(key);
      if (entries === undefined) return;
      // A set may lose members while it is walked through.
      for (const entry of entries) tryOne(entry, key);
    },
  };
}
