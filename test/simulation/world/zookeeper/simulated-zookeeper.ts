import type { ZooKeeper } from '../../../../src/zookeeper/zookeeper.ts';
import type { Links } from '../links.ts';
import type { SimulatedProcess } from '../process.ts';
import type { SeededRandom } from '../random.ts';
import type { Timeline } from '../timeline.ts';
import { connectZooKeeperClient } from './client.ts';
import type { ZooKeeperClient } from './client.ts';
import { createZooKeeperServer } from './server.ts';

/** ZooKeeper in the simulator: one server on a machine of its own, and a client in each process that connects. */
export interface SimulatedZooKeeper {
  /** @throws ZooKeeperError CONNECTION_LOSS when the server does not answer within the session timeout */
  connect(process: SimulatedProcess, sessionTimeoutMs: number): Promise<ZooKeeper>;
  /** Ends the session of a process that lives; it learns it a delay later, and then gets another. */
  expire(process: SimulatedProcess): void;
  /** Its connection is lost with what is on the way: whether a write was done, nobody knows. The session lives on. */
  loseConnection(process: SimulatedProcess): void;
  /** Nobody answers until `start`; what is stored stays. */
  stop(): void;
  start(): void;
  /** The data at a path, for checkers; undefined when there is no such node. */
  peek(path: string): Buffer | undefined;
  /** How often the data at a path was written, as guarded writes count; -1 when there is no such node. */
  versionOf(path: string): number;
  /** That the server keeps. */
  readonly sessions: number;
  /** Names below a path, sorted. */
  peekChildren(path: string): string[];
  /** Of the last write: when it is the same, nothing has changed. */
  readonly lastZxid: number;
}

export function createSimulatedZooKeeper(timeline: Timeline, links: Links, random: SeededRandom, nowMs: () => number): SimulatedZooKeeper {
  const server = createZooKeeperServer(timeline, links, random, nowMs);
  const clients = new Map<SimulatedProcess, ZooKeeperClient>();
  return {
    async connect(process, sessionTimeoutMs) {
      const client = connectZooKeeperClient({ links, random, server, process, sessionTimeoutMs });
      clients.set(process, client);
      process.onDeath(() => void clients.delete(process));
      await client.connected;
      return client.zookeeper;
    },
    expire(process) {
      const client = clients.get(process);
      if (client !== undefined) server.expire(client.zookeeper.sessionId);
    },
    loseConnection: (process) => clients.get(process)?.loseConnection(),
    stop: () => server.stop(),
    start: () => server.start(),
    peek: (path) => server.core.tree.nodes.get(path)?.data ?? undefined,
    versionOf: (path) => server.core.tree.nodes.get(path)?.version ?? -1,
    get sessions() {
      return server.core.sessions.size;
    },
    peekChildren: (path) => Array.from(server.core.tree.nodes.get(path)?.children ?? []).sort(),
    get lastZxid() {
      return server.core.tree.lastZxid;
    },
  };
}
