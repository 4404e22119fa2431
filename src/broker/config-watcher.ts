import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { configChangesPath, sequenceNumber } from '../zookeeper/paths.ts';
import { decodeConfigChange } from '../zookeeper/znodes/config-change.ts';
import { MalformedZnode } from '../zookeeper/znodes/json.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';

/** Who wants to hear of the entities of one kind. */
export interface ConfigListener {
  /** First part of an entity's path: `topics`, `brokers`. */
  readonly type: string;
  /** Reads all entities; at the start, and after a session whose changes nobody saw. */
  readAll(): Promise<void>;
  /** @param name what follows the kind in the path, such as `t1` or `<default>` */
  changed(name: string): Promise<void>;
}

/** The one reader of /config/changes: hands each change to those who listen for its kind. */
export interface ConfigWatcher {
  listen(listener: ConfigListener): void;
  /** Reads what is and watches; again after a new session. */
  start(): Promise<void>;
}

/** Changes older than this have been read by every broker that lives (ZkNodeChangeNotificationListener). */
const changeExpirationMs = 15 * 60 * 1000;
const retryMs = 1000;

export function createConfigWatcher(options: { readonly zookeeper: () => ZooKeeper; readonly clock: Clock; readonly logger: Logger }): ConfigWatcher {
  const { clock, logger } = options;
  const listeners: ConfigListener[] = [];
  let lastChange = -1;

  /** A change that makes no sense is passed over: it would never make any. */
  async function tell(path: string): Promise<void> {
    const found = await options.zookeeper().find(path);
    if (found === undefined) return;
    try {
      const entity = decodeConfigChange(found.data);
      const slash = entity.indexOf('/');
      const type = entity.slice(0, slash);
      for (const listener of listeners) if (listener.type === type) await listener.changed(entity.slice(slash + 1));
    } catch (error) {
      if (!(error instanceof MalformedZnode)) throw error;
      logger.error('a change of configs makes no sense and is passed over', { path, error });
    }
  }

  function watch(session: string): void {
    readChanges().catch((error: unknown) => {
      if (options.zookeeper().sessionId !== session) return; // the next session reads everything
      logger.warn('changed configs could not be read; trying again', { error });
      clock.setTimer(retryMs, () => {
        if (options.zookeeper().sessionId === session) watch(session);
      });
    });
  }

  async function readChanges(): Promise<void> {
    const zookeeper = options.zookeeper();
    const { sessionId } = zookeeper;
    const names = (await zookeeper.children(configChangesPath, () => watch(sessionId))).toSorted();
    for (const name of names) {
      const number = sequenceNumber(name);
      if (number <= lastChange) continue;
      await tell(`${configChangesPath}/${name}`);
      lastChange = Math.max(lastChange, number);
    }
    await dropOld(zookeeper, names);
  }

  async function dropOld(zookeeper: ZooKeeper, names: readonly string[]): Promise<void> {
    for (const name of names) {
      const path = `${configChangesPath}/${name}`;
      const stat = await zookeeper.exists(path);
      if (stat === undefined) continue;
      if (clock.nowMs() - stat.createdMs <= changeExpirationMs) return;
      await zookeeper.delete(path, -1).catch((error: unknown) => {
        if (!(error instanceof ZooKeeperError) || error.name !== 'NO_NODE') throw error; // another broker was first
      });
    }
  }

  return {
    listen: (listener) => void listeners.push(listener),
    async start() {
      const known = await options.zookeeper().children(configChangesPath);
      lastChange = Math.max(lastChange, ...known.map((name) => sequenceNumber(name)));
      await Promise.all(listeners.map((listener) => listener.readAll()));
      await readChanges();
    },
  };
}
