import type { CreateLiveChecker } from '../../cluster/observer.ts';

/** Far above what some clients and brokers need, far below what a leak comes to. */
const waitingMax = 200;
const connectionsMax = 200;
const pendingMax = 20_000;

/** Nothing grows without bound: requests that wait, connections, timers. */
export const queuesAreBounded: CreateLiveChecker = ({ cluster }) => ({
  now() {
    const { world, machines } = cluster;
    for (const { name, inside } of machines) {
      const waiting = inside?.replicas.waiting.size ?? 0;
      if (waiting > waitingMax) cluster.violate(`${waiting} requests wait in ${name}`);
    }
    if (world.network.connections > connectionsMax) cluster.violate(`${world.network.connections} connections are open`);
    if (world.timeline.pending > pendingMax) cluster.violate(`${world.timeline.pending} timers and messages are pending`);
  },
});
