import type { Clock, Timer } from '../../../src/runtime/clock.ts';

/** Time that passes only when told. */
export class ManualClock implements Clock {
  #nowMs = 1000;
  #timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return { cancel: () => { this.#timers = this.#timers.filter((other) => other !== timer); } };
  }

  defer(callback: () => void): void {
    this.setTimer(0, callback);
  }

  pass(delayMs: number): void {
    const endMs = this.#nowMs + delayMs;
    for (;;) {
      const [next] = this.#timers.toSorted((one, other) => one.atMs - other.atMs);
      if (next === undefined || next.atMs > endMs) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = endMs;
  }

  get timerCount(): number {
    return this.#timers.length;
  }
}
