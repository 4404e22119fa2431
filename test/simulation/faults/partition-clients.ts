import type { FaultKind } from '../cluster/fault.ts';

/** Wires between some clients and one broker, or all brokers, pass nothing: requests go and no answer comes, or not even that. */
export const partitionClients: FaultKind = {
  name: 'partition-clients',
  weight: 8,
  lengthMs: [200, 30_000],
  strike({ clientMachines, machines, world }, { victim, forMs }, random) {
    const brokers = random.oneIn(4) ? machines : [machines[victim]!];
    const direction = random.integer(3);
    const heals = clientMachines.flatMap((client) => {
      if (random.oneIn(2)) return [];
      return brokers.flatMap(({ name }) => [...(direction === 0 ? [] : [world.links.block(client, name)]), ...(direction === 1 ? [] : [world.links.block(name, client)])]);
    });
    world.timeline.after(forMs, () => {
      for (const heal of heals) heal();
    });
  },
};
