/** A timer that was set; cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void;
}

/**
 * Time as the broker sees it. No room calls `Date.now` or `setTimeout` itself, so that the simulator can run
 * hours in seconds and skew one broker's clock against another's.
 */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. It may jump; use it for record timestamps only. */
  nowMs(): number;
  /** Monotonic milliseconds from an arbitrary start; use it for every duration and deadline. */
  monotonicMs(): number;
  /** Calls `callback` once, not before `delayMs` (>= 0) have passed. */
  setTimer(delayMs: number, callback: () => void): Timer;
  /** Calls `callback` after the current turn and the input and output that is ready (Node's setImmediate). */
  defer(callback: () => void): void;
}

/** Resolves after `delayMs`. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(delayMs, resolve);
  });
}
