import type { Clock } from '../../runtime/clock.ts';
import { sleep } from '../../runtime/clock.ts';
import type { WorkerTask } from '../../runtime/workers.ts';

const checkIntervalMs = 300;
/** So that work which is cancelled does not sleep on. */
const napMsMax = 200;

/** Keeps a rate by sleeping. @see Throttler in Apache Kafka 3.9; log.cleaner.io.max.bytes.per.second */
export class Throttle {
  readonly #clock: Clock;
  #periodStartMs: number;
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#periodStartMs = clock.monotonicMs();
  }

  /** Tells that `bytes` were read or written, and sleeps where that is too fast. @throws WorkCancelled */
  async take(bytes: number, bytesPerSecondMax: number, task: WorkerTask): Promise<void> {
    await task.checkpoint();
    if (bytesPerSecondMax === Infinity) return;
    this.#bytes += bytes;
    const elapsedMs = this.#clock.monotonicMs() - this.#periodStartMs;
    if (elapsedMs <= checkIntervalMs || this.#bytes === 0) return;
    for (let leftMs = (this.#bytes * 1000) / bytesPerSecondMax - elapsedMs; leftMs > 0; leftMs -= napMsMax) {
      await sleep(this.#clock, Math.min(leftMs, napMsMax));
      await task.checkpoint();
    }
    this.#periodStartMs = this.#clock.monotonicMs();
    this.#bytes = 0;
  }
}
