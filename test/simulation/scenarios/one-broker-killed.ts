import type { BrokerMachine } from '../world/broker-machine.ts';
import type { World } from '../world/world.ts';
import { runOneBroker } from './one-broker.ts';
import type { Scenario } from './scenario.ts';

/** The broker is killed, mostly in the middle of a write, or stopped, or killed while it stops. Its page cache stays. */
export const oneBrokerKilled: Scenario = {
  name: 'one-broker-killed',
  endsWithinMs: () => 600_000,
  run: (world) => runOneBroker(world, { properties: {}, end: endBroker }),
};

async function endBroker(world: World, machine: BrokerMachine): Promise<void> {
  switch (world.random.integer(6)) {
    case 0:
      return machine.kill();
    case 1:
      return machine.killInWrite(/^/, 1000);
    case 2:
      return machine.stop();
    case 3:
      await Promise.all([machine.stop(), world.sleep(world.random.integer(100)).then(() => machine.kill())]);
      return;
    default:
      return machine.killInWrite(/\.log$/, 1000);
  }
}
