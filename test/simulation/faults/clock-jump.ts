import type { FaultKind } from '../cluster/fault.ts';

/** A machine's wall clock is minutes off from now on, ahead or behind. */
export const clockJump: FaultKind = {
  name: 'clock-jump',
  weight: 3,
  lengthMs: [0, 0],
  strike({ machines, world }, { victim }, random) {
    world.setClock(machines[victim]!.name, random.integer(1_200_000) - 600_000);
  },
};
