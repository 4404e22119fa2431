import type { Clock } from '../runtime/clock.ts';
import type { MetadataCache } from './metadata-cache.ts';

/**
 * Waits until every partition of the topics has a leader as far as this broker knows.
 * @returns the topics that had not within `timeoutMs`
 */
export function waitForLeaders(cache: MetadataCache, clock: Clock, topics: readonly { readonly name: string; readonly partitions: number }[], timeoutMs: number): Promise<ReadonlySet<string>> {
  const late = (): string[] => topics.filter(({ name, partitions }) => !hasLeaders(cache, name, partitions)).map(({ name }) => name);
  if (late().length === 0) return Promise.resolve(new Set());
  if (timeoutMs <= 0) return Promise.resolve(new Set(late()));
  return new Promise((resolve) => {
    const finish = (names: readonly string[]): void => {
      forget();
      timer.cancel();
      resolve(new Set(names));
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
