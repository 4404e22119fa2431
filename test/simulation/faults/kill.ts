import type { FaultKind } from '../cluster/fault.ts';

/** kill -9, mostly in the middle of a write; started again after a while, often before its session is over. */
export const kill: FaultKind = {
  name: 'kill',
  weight: 10,
  lengthMs: [0, 20_000],
  async strike({ machines, world, holdDown }, { victim, forMs }, random) {
    const machine = machines[victim]!;
    const untilMs = world.timeline.nowMs + forMs;
    const pattern = [/^/, /\.log$/, /checkpoint/][random.integer(3)]!;
    if (random.oneIn(2)) machine.kill();
    else await machine.killInWrite(pattern, 500);
    holdDown(machine, untilMs);
  },
};
