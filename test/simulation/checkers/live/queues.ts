import type { CreateLiveChecker } from '../../cluster/observer.ts';

/** Far above what some clients and brokers need, far below what a leak comes to. */
const waitingMax = 200;
const connectionsMax = 200;
const pendingMax = 5000;
const onTheWayMax = 2000;
const openFilesMax = 400;
const sessionsMax = 20;

/** Nothing grows without bound: requests that wait, connections, what is on the way, timers, open files, ZooKeeper's sessions. */
export const queuesAreBounded: CreateLiveChecker = ({ cluster }) => ({
  now() {
    const { world, machines } = cluster;
    for (const { name, inside, disk } of machines) {
      const waiting = inside?.replicas.waiting.size() ?? 0;
      if (waiting > waitingMax) cluster.violate(`${waiting} requests wait in ${name}`);
      if (disk.openFiles > openFilesMax) cluster.violate(`${disk.openFiles} files are open in ${name}`);
    }
    if (world.network.connections > connectionsMax) cluster.violate(`${world.network.connections} connections are open`);
    if (world.links.onTheWay > onTheWayMax) cluster.violate(`${world.links.onTheWay} pieces of bytes are on the way`);
    if (world.zookeeper.sessions > sessionsMax) cluster.violate(`ZooKeeper keeps ${world.zookeeper.sessions} sessions`);
    if (world.timeline.pending > pendingMax) cluster.violate(`${world.timeline.pending} timers and messages are pending`);
  },
});
