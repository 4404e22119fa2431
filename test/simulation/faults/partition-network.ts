import type { FaultKind } from '../cluster/fault.ts';
import { zookeeperMachine } from '../world/zookeeper/server.ts';

/** A broker's wires to some of the others, to ZooKeeper or to all of them pass nothing, in one direction or both. */
export const partitionNetwork: FaultKind = {
  name: 'partition-network',
  weight: 12,
  lengthMs: [200, 30_000],
  strike({ machines, world }, { victim, forMs }, random) {
    const here = machines[victim]!.name;
    const others = [...machines.map(({ name }) => name), zookeeperMachine].filter((name) => name !== here);
    const isWhole = random.oneIn(3);
    const direction = random.integer(4);
    const heals = others.flatMap((there) => {
      if (!isWhole && random.oneIn(2)) return [];
      return [...(direction === 0 ? [] : [world.links.block(here, there)]), ...(direction === 1 ? [] : [world.links.block(there, here)])];
    });
    world.timeline.after(forMs, () => {
      for (const heal of heals) heal();
    });
  },
};
