import type { FaultKind } from '../cluster/fault.ts';

/** The connection to ZooKeeper is lost, several times in a row: of writes on the way nobody knows whether they were done. */
export const loseZookeeper: FaultKind = {
  name: 'lose-zookeeper',
  weight: 8,
  lengthMs: [0, 5000],
  async strike({ machines, world }, { victim, forMs }, random) {
    const machine = machines[victim]!;
    const untilMs = world.timeline.nowMs + forMs;
    do {
      if (machine.process !== undefined) world.zookeeper.loseConnection(machine.process);
      await world.sleep(random.integer(1500));
    } while (world.timeline.nowMs < untilMs);
  },
};
