import { runOneBroker } from './one-broker.ts';
import type { Scenario } from './scenario.ts';

/** The machine loses power with what was not fsynced; flush.messages=1 promises that nothing acknowledged is among it. */
export const oneBrokerLosesPower: Scenario = {
  name: 'one-broker-loses-power',
  endsWithinMs: () => 600_000,
  run: (world) =>
    runOneBroker(world, {
      properties: { 'log.flush.interval.messages': '1' },
      async end(world, machine) {
        if (world.random.oneIn(2)) await machine.killInWrite(/\.log$/, 1000);
        machine.losePower();
      },
    }),
};
