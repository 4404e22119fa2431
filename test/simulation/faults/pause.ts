import type { FaultKind } from '../cluster/fault.ts';

/** The process stands still: a long collection of garbage, or the whole machine asleep. It wakes up believing what it believed. */
export const pause: FaultKind = {
  name: 'pause',
  weight: 8,
  lengthMs: [100, 25_000],
  strike({ machines }, { victim, forMs }, random) {
    machines[victim]!.process?.pause(forMs, random.oneIn(2));
  },
};
