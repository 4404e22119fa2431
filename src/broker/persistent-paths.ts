import { persistentPaths } from '../zookeeper/paths.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';

/**
 * Makes the nodes that every broker counts on. Looks first, since a create that is refused is a write too, for which ZooKeeper
 * waits for its disk; what is missing is made in one transaction. Looks again where another broker was faster.
 */
export async function makePersistentPaths(zookeeper: ZooKeeper): Promise<void> {
  for (;;) {
    const paths = await missing(zookeeper, withParents(persistentPaths()));
    if (paths.length === 0) return;
    try {
      await zookeeper.multi(paths.map((path) => ({ kind: 'create', path, data: undefined })));
      return;
    } catch (error) {
      if (!(error instanceof ZooKeeperError) || error.name !== 'NODE_EXISTS') throw error;
    }
  }
}

async function missing(zookeeper: ZooKeeper, paths: readonly string[]): Promise<string[]> {
  const stats = await Promise.all(paths.map((path) => zookeeper.exists(path)));
  return paths.filter((_, index) => stats[index] === undefined);
}

/** Parents before their children. */
function withParents(paths: readonly string[]): string[] {
  const all = paths.flatMap((path) => path.split('/').slice(1).map((_, index, names) => `/${names.slice(0, index + 1).join('/')}`));
  return Array.from(new Set(all));
}
