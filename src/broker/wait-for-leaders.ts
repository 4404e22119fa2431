import type { Clock } from '../runtime/clock.ts';
import type { MetadataCache } from './metadata-cache.ts';

/**
 * Waits until every partition of the topics has a leader as far as this broker knows.
 * @returns the topics that had not within `timeoutMs`
 */
export async function waitForLeaders(cache: MetadataCache, clock: Clock, topics: readonly { readonly name: string; readonly partitions: number }[], timeoutMs: number): Promise<ReadonlySet<string>> {
  const late = await stillLate(cache, clock, topics, ({ name, partitions }) => hasLeaders(cache, name, partitions), timeoutMs);
  return new Set(Array.from(late, ({ name }) => name));
}

/**
 * Waits until each of the partitions has a leader as far as this broker knows: its preferred one, where it is to have that.
 * @returns those that had not within `timeoutMs`
 */
export function waitForPartitionLeaders<P extends { readonly topic: string; readonly partition: number }>(cache: MetadataCache, clock: Clock, partitions: readonly P[], isPreferred: boolean, timeoutMs: number): Promise<ReadonlySet<P>> {
  const hasLeader = ({ topic, partition }: P): boolean => {
    const known = cache.topics.get(topic)?.partitions.get(partition);
    return known !== undefined && known.leader >= 0 && (!isPreferred || known.leader === known.replicas[0]);
  };
  return stillLate(cache, clock, partitions, hasLeader, timeoutMs);
}

function stillLate<T>(cache: MetadataCache, clock: Clock, all: readonly T[], isDone: (one: T) => boolean, timeoutMs: number): Promise<ReadonlySet<T>> {
  const late = (): T[] => all.filter((one) => !isDone(one));
  if (late().length === 0) return Promise.resolve(new Set());
  if (timeoutMs <= 0) return Promise.resolve(new Set(late()));
  return new Promise((resolve) => {
    const finish = (some: readonly T[]): void => {
      forget();
      timer.cancel();
      resolve(new Set(some));
    };
    const forget = cache.onUpdate(() => {
      if (late().length === 0) finish([]);
    });
    const timer = clock.setTimer(timeoutMs, () => finish(late()));
  });
}

function hasLeaders(cache: MetadataCache, name: string, partitions: number): boolean {
  const topic = cache.topics.get(name);
  if (topic === undefined || topic.partitions.size < partitions) return false;
  for (const { leader } of topic.partitions.values()) if (leader < 0) return false;
  return true;
}
