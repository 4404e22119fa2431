import { configTypePath } from '../zookeeper/paths.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { readEntityConfig } from './config-store.ts';
import type { ConfigListener } from './config-watcher.ts';

/** The topics' own properties, as ZooKeeper holds them. */
export interface TopicOverrides extends ConfigListener {
  /** The same object as long as they are the same. */
  of(topic: string): Readonly<Record<string, string>>;
  /** Reads those of topics that are not known yet or are `fresh`; undefined when there is nothing to wait for. */
  prepare(topics: Iterable<string>, fresh: ReadonlySet<string>): Promise<void> | undefined;
}

const none: Readonly<Record<string, string>> = {};

/** @param changed called for each topic whose properties are others than before */
export function createTopicOverrides(zookeeper: () => ZooKeeper, changed: (topic: string) => void): TopicOverrides {
  const overrides = new Map<string, Readonly<Record<string, string>>>();

  async function read(topic: string): Promise<void> {
    const found = await readEntityConfig(zookeeper(), `topics/${topic}`);
    const before = overrides.get(topic) ?? none;
    const names = new Set([...Object.keys(before), ...Object.keys(found)]);
    const isChanged = Array.from(names).some((name) => before[name] !== found[name]);
    overrides.set(topic, isChanged ? found : before);
    if (isChanged) changed(topic);
  }

  return {
    type: 'topics',
    of: (topic) => overrides.get(topic) ?? none,
    prepare(topics, fresh) {
      const unknown = Array.from(new Set(topics)).filter((topic) => fresh.has(topic) || !overrides.has(topic));
      return unknown.length === 0 ? undefined : Promise.all(unknown.map((topic) => read(topic))).then(() => undefined);
    },
    async readAll() {
      const topics = await zookeeper().children(configTypePath('topics'));
      await Promise.all(topics.map((topic) => read(topic)));
    },
    changed: read,
  };
}
