import type { Cluster } from '../../client/cluster.ts';
import type { TopicMetadata } from '../../client/metadata.ts';
import type { ReplicaData, ReplicaPosition } from '../../client/replica-fetch.ts';
import { fetchFromReplica } from '../../client/replica-fetch.ts';
import { partitionKey, partitionHashOrder, partitionName } from '../topic-partitions.ts';
import type { ReplicaAnswer } from './compare.ts';
import { compareReplicas } from './compare.ts';

export interface VerifierOptions {
  readonly fetchBytes: number;
  readonly maxWaitMs: number;
  readonly reportIntervalMs: number;
}

/** A partition, how far its replicas are known to be the same, and who holds it. */
interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string | undefined;
  readonly brokerIds: readonly number[];
  offset: number;
}

const pauseAfterFailureMs = 200;

/**
 * Reads all replicas of some topics side by side and compares them, round after round: every broker is asked at once, the
 * answers are compared, and what agreed is not read again.
 * @param print one line, to which the caller puts the time
 * @returns when `isStopped`, or when two replicas hold different offsets: then true
 */
export async function verifyReplicas(
  cluster: Cluster,
  topics: readonly TopicMetadata[],
  offsets: ReadonlyMap<string, number>,
  options: VerifierOptions,
  print: (line: string) => void,
  isStopped: () => boolean,
): Promise<boolean> {
  const { clock, logger } = cluster.runtime;
  const places = partitionHashOrder(
    topics.flatMap(({ name, topicId, partitions }) =>
      partitions.map(({ partition, replicas }): Place => ({ topic: name, partition, topicId, brokerIds: replicas, offset: offsets.get(partitionKey({ topic: name, partition })) ?? 0 })),
    ),
  );
  const brokerIds = [...new Set(places.flatMap((place) => place.brokerIds))];
  const unread = new Set<number>();
  let reportedMs = clock.monotonicMs();

  /** What a broker that cannot be read has is nothing: its partitions wait for it. */
  async function read(brokerId: number): Promise<readonly [number, ReadonlyMap<string, ReplicaData>]> {
    const positions: ReplicaPosition[] = places.filter((place) => place.brokerIds.includes(brokerId));
    try {
      const answers = await fetchFromReplica(cluster, brokerId, positions, options.fetchBytes, options.maxWaitMs);
      unread.delete(brokerId);
      return [brokerId, new Map(answers.map((answer) => [partitionKey(answer), answer]))];
    } catch (error) {
      if (!isStopped() && !unread.has(brokerId)) logger.warn('broker cannot be read; its replicas wait', { brokerId, error });
      unread.add(brokerId);
      await new Promise<void>((resolve) => clock.setTimer(pauseAfterFailureMs, resolve));
      await cluster.update().catch(() => undefined);
      return [brokerId, new Map()];
    }
  }

  while (!isStopped()) {
    const answers = new Map(await Promise.all(brokerIds.map(read)));
    if (isStopped()) return false;
    let worst = { lag: -1, place: 'null', offset: -1 };
    for (const place of places) {
      const replicas = place.brokerIds.map((brokerId): ReplicaAnswer => {
        const { highWatermark = -1, records = Buffer.alloc(0) } = answers.get(brokerId)?.get(partitionKey(place)) ?? {};
        return { brokerId, highWatermark, records };
      });
      const { offset, lag, differences, isOutOfStep } = compareReplicas(place, place.offset, replicas);
      for (const difference of differences) print(difference);
      if (isOutOfStep) return true;
      place.offset = offset;
      if (lag > worst.lag) worst = { lag, place: partitionName(place), offset };
    }
    const nowMs = clock.monotonicMs();
    if (nowMs - reportedMs <= options.reportIntervalMs) continue;
    print(`max lag is ${worst.lag} for partition ${worst.place} at offset ${worst.offset} among ${places.length} partitions`);
    reportedMs = nowMs;
  }
  return false;
}
