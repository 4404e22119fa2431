import type { FaultKind } from '../cluster/fault.ts';

/** Every wire takes ten to fifty times as long. */
export const slowNetwork: FaultKind = {
  name: 'slow-network',
  weight: 3,
  lengthMs: [500, 10_000],
  strike({ world }, { forMs }, random) {
    world.links.slowDown(10 + random.integer(40));
    world.timeline.after(forMs, () => world.links.slowDown(1));
  },
};
