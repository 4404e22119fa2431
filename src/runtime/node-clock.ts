import { performance } from 'node:perf_hooks';
import type { Clock } from './clock.ts';

/** The machine's own clock. */
export const nodeClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, callback) {
    // Node fires timers above 2^31-1 ms at once, with a warning; nothing here waits 24 days on purpose.
    const handle = setTimeout(callback, Math.min(delayMs, 0x7fffffff));
    return { cancel: () => clearTimeout(handle) };
  },
  defer(callback) {
    setImmediate(callback);
  },
};
