import { createBufferPool } from '../runtime/buffer-pool.ts';
import type { BufferPool } from '../runtime/buffer-pool.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Network } from '../runtime/network.ts';
import { createLeaderFetcher } from './leader-fetcher.ts';
import type { LeaderFetcher } from './leader-fetcher.ts';
import type { Partition } from './partition.ts';
import type { ReplicationQuota } from './replication-quota.ts';

/** The follower's side: one fetcher, with one connection, for each broker that leads a partition of ours. */
export interface FollowerFetchers {
  /** Addresses of living leaders, as a LeaderAndIsr told; fetchers start for those that are followed. */
  start(leaders: ReadonlyMap<number, LeaderAddress>): void;
  /** Follows the leader that the partition's state names, from now on in its epoch. */
  follow(partition: Partition): void;
  /** The log's start moved by retention: its leader is told. */
  changed(partition: Partition): void;
  remove(partition: Partition): void;
  close(): void;
}

export interface LeaderAddress {
  readonly host: string;
  readonly port: number;
}

export interface FollowerFetchersOptions {
  readonly brokerId: number;
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  /** Holds back throttled partitions that are not in sync. */
  readonly quota: ReplicationQuota;
  /** Where answers of leaders lie until their records are written; one of its own by default. */
  readonly pool?: BufferPool;
  /** Records or a high watermark came from the leader. */
  readonly changed: (partition: Partition) => void;
}

export function createFollowerFetchers(options: FollowerFetchersOptions): FollowerFetchers {
  const pool = options.pool ?? createBufferPool();
  const fetchers = new Map<number, LeaderFetcher>();
  const leaderOf = new Map<Partition, LeaderFetcher>();

  function remove(partition: Partition): void {
    leaderOf.get(partition)?.remove(partition);
    leaderOf.delete(partition);
  }

  return {
    start(leaders) {
      for (const [leaderId, address] of leaders) fetchers.get(leaderId)?.start(address);
    },
    follow(partition) {
      remove(partition);
      const leaderId = partition.state?.leader ?? -1;
      if (leaderId < 0) return;
      let fetcher = fetchers.get(leaderId);
      if (fetcher === undefined) {
        fetcher = createLeaderFetcher(leaderId, { ...options, pool });
        fetchers.set(leaderId, fetcher);
      }
      leaderOf.set(partition, fetcher);
      fetcher.add(partition);
    },
    changed: (partition) => leaderOf.get(partition)?.changed(partition),
    remove,
    close() {
      for (const fetcher of fetchers.values()) fetcher.close();
    },
  };
}
