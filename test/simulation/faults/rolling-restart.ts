import type { FaultKind } from '../cluster/fault.ts';

/** One after the other is stopped and started again, as for an update; each has some seconds to come back. */
export const rollingRestart: FaultKind = {
  name: 'rolling-restart',
  weight: 2,
  lengthMs: [0, 0],
  async strike({ machines, world, isUp }, { victim }, random) {
    for (let count = 0; count < machines.length; count++) {
      const machine = machines[(victim + count) % machines.length]!;
      if (!isUp(machine)) continue;
      await machine.stop();
      await world.sleep(3000 + random.integer(5000));
    }
  },
};
