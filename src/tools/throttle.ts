/** Paces a loop to a rate: how long to wait after so many, in milliseconds (Kafka's ThroughputThrottler). */
export function throttleMs(perSecond: number, done: number, startMs: number, nowMs: number): number {
  if (perSecond <= 0) return 0;
  return Math.max(0, startMs + (done / perSecond) * 1000 - nowMs);
}

/** Waits longer than this alone: shorter ones are not worth a timer. */
const waitMinMs = 2;

/** Waits as long as the rate asks for, and lets others run now and then in any case. */
export async function throttle(perSecond: number, done: number, startMs: number): Promise<void> {
  const waitMs = throttleMs(perSecond, done, startMs, Date.now());
  if (waitMs >= waitMinMs) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
