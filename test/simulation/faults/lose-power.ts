import type { FaultKind } from '../cluster/fault.ts';

/** A machine loses power, with what its disk had not been told to keep. */
export const losePower: FaultKind = {
  name: 'lose-power',
  weight: 12,
  lengthMs: [0, 20_000],
  needsSync: true,
  async strike({ machines, world, holdDown }, { victim, forMs }, random) {
    const machine = machines[victim]!;
    const untilMs = world.timeline.nowMs + forMs;
    if (random.oneIn(2)) await machine.killInWrite(/\.log$/, 500);
    machine.losePower();
    holdDown(machine, untilMs);
  },
};
