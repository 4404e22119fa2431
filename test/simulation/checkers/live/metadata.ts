import type { MetadataCache } from '../../../../src/broker/metadata-cache.ts';
import { keyOf } from '../../cluster/stored-topics.ts';
import type { CreateLiveChecker } from '../../cluster/observer.ts';

/**
 * What a broker tells of a partition was once true, and never goes back to what was before: leaders and epochs in one
 * life of a broker are read in the order in which ZooKeeper got them.
 */
export const metadataIsLinear: CreateLiveChecker = ({ cluster }) => {
  const written = new Set<string>();
  const told = new WeakMap<MetadataCache, Map<string, number>>();
  return {
    stored: ({ key, state }) => void written.add(`${key}@${state.leaderEpoch}:${state.leader}`),
    metadataUpdated(machine, cache) {
      let epochs = told.get(cache);
      if (epochs === undefined) told.set(cache, (epochs = new Map()));
      for (const { name, topicId, partitions } of cache.topics.values()) {
        for (const { partition, leader, leaderEpoch } of partitions.values()) {
          const key = keyOf(`${name}-${partition}`, topicId);
          const before = epochs.get(key);
          if (before === leaderEpoch) continue;
          epochs.set(key, leaderEpoch);
          if (before !== undefined && leaderEpoch < before) cluster.violate(`${machine.name} told leader epoch ${before} of ${key}, and now ${leaderEpoch}`);
          if (!written.has(`${key}@${leaderEpoch}:${leader}`)) cluster.violate(`${machine.name} tells that broker ${leader} leads ${key} in epoch ${leaderEpoch}, which never was so`);
        }
      }
    },
  };
};
