import type { Clock, Timer } from '../runtime/clock.ts';

/** Runs something after a delay and then again and again, until stopped. */
export class Repeating {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #run: () => void;
  #timer: Timer;

  constructor(clock: Clock, delayMs: number, periodMs: number, run: () => void) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#run = run;
    this.#timer = clock.setTimer(delayMs, () => this.#fire());
  }

  stop(): void {
    this.#timer.cancel();
  }

  #fire(): void {
    this.#timer = this.#clock.setTimer(this.#periodMs, () => this.#fire());
    this.#run();
  }
}
