import { performance } from 'node:perf_hooks';

/** Nanoseconds that one call takes, over some 20 ms of calls after a short warm-up. */
export function nsPerCall(call: () => unknown): number {
  let calls = 1;
  for (;;) {
    const start = performance.now();
    for (let index = 0; index < calls; index++) call();
    const tookMs = performance.now() - start;
    if (tookMs >= 20) return (tookMs * 1e6) / calls;
    calls = Math.ceil(calls * Math.min(10, Math.max(2, 25 / Math.max(tookMs, 0.01))));
  }
}
