import type { Logger } from '../runtime/logger.ts';
import { configChangesPath, configEntityPath, configTypePath, sequenceNumber } from '../zookeeper/paths.ts';
import { decodeConfigChange } from '../zookeeper/znodes/config-change.ts';
import { decodeConfig } from '../zookeeper/znodes/config.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';

/** The topics' own properties, as ZooKeeper holds them; changes come through /config/changes. */
export interface TopicOverrides {
  of(topic: string): Readonly<Record<string, string>>;
  /** Reads those of topics that are not known yet; undefined when there is nothing to wait for. */
  prepare(topics: Iterable<string>): Promise<void> | undefined;
  /** Reads all, and watches for changes; again after a new session. */
  start(): Promise<void>;
  forget(topic: string): void;
}

export function createTopicOverrides(options: { readonly zookeeper: () => ZooKeeper; readonly logger: Logger; readonly changed: (topic: string) => void }): TopicOverrides {
  const overrides = new Map<string, Readonly<Record<string, string>>>();
  const topicsPrefix = 'topics/';
  let lastChange = -1;

  async function read(topic: string): Promise<void> {
    const found = await options.zookeeper().find(configEntityPath(`${topicsPrefix}${topic}`));
    overrides.set(topic, found === undefined ? {} : decodeConfig(found.data));
  }

  async function readChanges(): Promise<void> {
    const zookeeper = options.zookeeper();
    const names = await zookeeper.children(configChangesPath, () => {
      readChanges().catch((error: unknown) => options.logger.warn('changed configs could not be read; they are at the next session', { error }));
    });
    for (const name of names.toSorted()) {
      const number = sequenceNumber(name);
      if (number <= lastChange) continue;
      lastChange = number;
      const found = await zookeeper.find(`${configChangesPath}/${name}`);
      const entity = found === undefined ? '' : decodeConfigChange(found.data);
      if (!entity.startsWith(topicsPrefix)) continue;
      const topic = entity.slice(topicsPrefix.length);
      await read(topic);
      options.changed(topic);
    }
  }

  return {
    of: (topic) => overrides.get(topic) ?? {},
    prepare(topics) {
      const unknown = Array.from(topics).filter((topic) => !overrides.has(topic));
      return unknown.length === 0 ? undefined : Promise.all(unknown.map((topic) => read(topic))).then(() => undefined);
    },
    async start() {
      const zookeeper = options.zookeeper();
      const known = await zookeeper.children(configChangesPath);
      lastChange = Math.max(lastChange, ...known.map((name) => sequenceNumber(name)));
      const topics = await zookeeper.children(configTypePath('topics'));
      await Promise.all(topics.map((topic) => read(topic)));
      await readChanges();
    },
    forget: (topic) => void overrides.delete(topic),
  };
}
