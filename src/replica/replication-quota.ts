import type { Clock } from '../runtime/clock.ts';
import { createByteRate } from './byte-rate.ts';

/**
 * How fast replicas of named partitions may be filled (KIP-73; ReplicationQuotaManager). Replicas in the ISR are never
 * held back, so that a throttle does not shrink it; what they fetch counts all the same.
 */
export interface ReplicationQuota extends ReplicaRate {
  /** Whether any partition is throttled: nothing else need be asked where none is. */
  isInUse(): boolean;
  isThrottled(topic: string, partition: number): boolean;
  /** Which partitions of a topic; undefined for none. */
  throttle(topic: string, partitions: ThrottledPartitions | undefined): void;
}

export interface ReplicaRate {
  record(bytes: number): void;
  /** Milliseconds until a throttled replica may go on; 0 when it may now. */
  exceededForMs(): number;
  /** The rate has changed: who waits looks again. */
  rateChanged(): void;
  /** Calls back when partitions or the rate have changed; returns the end of it. */
  onChange(listener: () => void): () => void;
}

export type ThrottledPartitions = 'all' | ReadonlySet<number>;

export interface ReplicationQuotaOptions {
  readonly clock: Clock;
  /** Bytes per second; Infinity for no bound. */
  readonly rate: () => number;
  /** replication.quota.window.num */
  readonly windowCount: number;
  /** replication.quota.window.size.seconds, in milliseconds */
  readonly windowMs: number;
}

export function createReplicationQuota({ clock, rate, windowCount, windowMs }: ReplicationQuotaOptions): ReplicationQuota {
  const throttled = new Map<string, ThrottledPartitions>();
  const listeners = new Set<() => void>();
  const measured = createByteRate(windowCount, windowMs);
  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  return {
    isInUse: () => throttled.size > 0,
    isThrottled(topic, partition) {
      if (throttled.size === 0) return false;
      const partitions = throttled.get(topic);
      return partitions !== undefined && (partitions === 'all' || partitions.has(partition));
    },
    record: (bytes) => measured.record(bytes, clock.monotonicMs()),
    exceededForMs() {
      const bound = rate();
      return bound === Infinity ? 0 : measured.msUntil(bound, clock.monotonicMs());
    },
    throttle(topic, partitions) {
      if (partitions === undefined) throttled.delete(topic);
      else throttled.set(topic, partitions);
      tell();
    },
    rateChanged: tell,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A broker's quotas, for what it sends as leader and what it fetches as follower. */
export interface ReplicationQuotas {
  readonly leader: ReplicationQuota;
  readonly follower: ReplicationQuota;
  /** For all that is copied from one log directory to another (KIP-113). */
  readonly alterLogDirs: ReplicaRate;
}

/**
 * The partitions that a topic's `…replication.throttled.replicas` names for a broker.
 * @param replicas items of the list: `*`, or `partition:broker`
 * @returns undefined when the list is empty
 */
export function throttledPartitions(replicas: readonly string[], brokerId: number): ThrottledPartitions | undefined {
  if (replicas.length === 0) return undefined;
  if (replicas[0] === '*') return 'all';
  const own = replicas.map((replica) => replica.split(':').map(Number)).filter(([, broker]) => broker === brokerId);
  return own.length === 0 ? undefined : new Set(own.map(([partition]) => partition!));
}
