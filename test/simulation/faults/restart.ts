import type { FaultKind } from '../cluster/fault.ts';

/** SIGTERM: hands over, stops, and starts again; now and then it is killed while it stops. */
export const restart: FaultKind = {
  name: 'restart',
  weight: 6,
  lengthMs: [0, 10_000],
  async strike({ machines, world, holdDown }, { victim, forMs }, random) {
    const machine = machines[victim]!;
    const untilMs = world.timeline.nowMs + forMs;
    if (random.oneIn(4)) await Promise.all([machine.stop(), world.sleep(random.integer(3000)).then(() => machine.kill())]);
    else await machine.stop();
    holdDown(machine, untilMs);
  },
};
