import type { KnownPartition, MetadataCache } from '../../../../src/broker/metadata-cache.ts';
import { keyOf } from '../../cluster/stored-topics.ts';
import type { CreateLiveChecker } from '../../cluster/observer.ts';

/** Where a broker's tale stands in the order of what ZooKeeper got. */
interface Told {
  readonly known: KnownPartition;
  readonly at: number;
}

const stateOf = ({ leaderEpoch, leader, isr }: Pick<KnownPartition, 'leaderEpoch' | 'leader' | 'isr'>): string => `leader ${leader} and ISR [${isr.join()}] in epoch ${leaderEpoch}`;

/**
 * What a broker tells of a partition, its leader, epoch and ISR, was once true, and never goes back to what was before: in
 * one life of a broker it is told in the order in which ZooKeeper got it.
 */
export const metadataIsLinear: CreateLiveChecker = ({ cluster }) => {
  /** By partition, oldest first. */
  const written = new Map<string, string[]>();
  const told = new WeakMap<MetadataCache, Map<string, Told>>();
  return {
    stored({ key, state }) {
      const states = written.get(key);
      if (states === undefined) written.set(key, [stateOf(state)]);
      else if (states.at(-1) !== stateOf(state)) states.push(stateOf(state));
    },
    metadataUpdated(machine, cache) {
      let ofCache = told.get(cache);
      if (ofCache === undefined) told.set(cache, (ofCache = new Map()));
      for (const { name, topicId, partitions } of cache.topics.values()) {
        for (const known of partitions.values()) {
          const key = keyOf(`${name}-${known.partition}`, topicId);
          const before = ofCache.get(key);
          if (before?.known === known) continue;
          // The earliest place that fits: what came more than once excuses more.
          const at = written.get(key)?.indexOf(stateOf(known), before?.at ?? 0) ?? -1;
          if (at < 0) cluster.violate(`${machine.name} tells of ${stateOf(known)} of ${key}, which never was so${before === undefined ? '' : ` since there was ${stateOf(before.known)}`}`);
          ofCache.set(key, { known, at: Math.max(at, 0) });
        }
      }
    },
  };
};
