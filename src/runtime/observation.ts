import type { Clock } from './clock.ts';
import { createLoopWork } from './loop-work.ts';
import type { LoopWork } from './loop-work.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';

/** What a broker's parts tell about themselves while they work. */
export interface Observation {
  readonly metrics: Metrics;
  readonly work: LoopWork;
}

export function createObservation(clock: Clock): Observation {
  return { metrics: createMetrics(), work: createLoopWork(clock) };
}
