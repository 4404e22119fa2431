import type { Clock, Timer } from './clock.ts';
import type { Logger } from './logger.ts';
import type { LoopWork, LongWork } from './loop-work.ts';
import type { Metrics } from './metrics.ts';

/** How late the event loop was, in milliseconds. */
export interface LoopDelays {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Measures without the loop's help. */
export interface LoopDelayMonitor {
  /** The delays since this was last called. */
  take(): LoopDelays;
  stop(): void;
}

export interface LoopWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly monitor: LoopDelayMonitor;
  readonly work: LoopWork;
}

/** The metric tells of so long, and a stall is noticed so late. */
const intervalMs = 10_000;
/** Clients begin to notice, and the sessions of ZooKeeper and groups come into danger. */
const stallMs = 1000;
/** Between two warnings; what happens meanwhile is told with the next. */
const warningPauseMs = 60_000;

/** Shows the event loop's delay as `ottla:type=EventLoop,name=DelayMs`, and warns when it stood still. Returns a function that ends it. */
export function watchLoop({ clock, logger, metrics, monitor, work }: LoopWatchOptions): () => void {
  let delays: LoopDelays = { p50Ms: 0, p99Ms: 0, maxMs: 0 };
  let worst: { readonly stalledMs: number; readonly longest: LongWork } | undefined;
  let stalls = 0;
  let warnedMs = -Infinity;
  let timer: Timer;
  metrics.gauges(() => ({
    'ottla:type=EventLoop,name=DelayMs,quantile=0.5': delays.p50Ms,
    'ottla:type=EventLoop,name=DelayMs,quantile=0.99': delays.p99Ms,
    'ottla:type=EventLoop,name=DelayMs,quantile=1': delays.maxMs,
  }));
  const stallCount = metrics.counter('ottla:type=EventLoop,name=StalledIntervalsPerSec');

  function look(): void {
    delays = monitor.take();
    const longest = work.takeLongest();
    if (delays.maxMs > stallMs) {
      stalls++;
      stallCount.count++;
      if (worst === undefined || delays.maxMs > worst.stalledMs) worst = { stalledMs: delays.maxMs, longest };
    }
    if (worst !== undefined && clock.monotonicMs() - warnedMs >= warningPauseMs) warn(worst.stalledMs, worst.longest);
    timer = clock.setTimer(intervalMs, look);
  }

  function warn(stalledMs: number, { what, tookMs }: LongWork): void {
    // What took a small part of it was not what stalled: the processor was busy elsewhere, or memory was collected.
    const during = tookMs >= stalledMs / 2 ? what : 'unknown';
    logger.warn('the event loop stood still: no client was served meanwhile', { ms: Math.round(stalledMs), during, longestWorkMs: Math.round(tookMs), times: stalls });
    worst = undefined;
    stalls = 0;
    warnedMs = clock.monotonicMs();
  }

  timer = clock.setTimer(intervalMs, look);
  return () => {
    timer.cancel();
    monitor.stop();
  };
}
