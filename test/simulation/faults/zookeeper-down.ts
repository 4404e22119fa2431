import type { FaultKind } from '../cluster/fault.ts';

/** ZooKeeper's server is down and comes back with what it had; sessions begin their time anew. */
export const zookeeperDown: FaultKind = {
  name: 'zookeeper-down',
  weight: 2,
  lengthMs: [500, 20_000],
  strike({ world }, { forMs }) {
    world.zookeeper.stop();
    world.timeline.after(forMs, () => world.zookeeper.start());
  },
};
