import { decodePartitions, encodePartitions } from './partitions.ts';
import type { TopicPartition } from './partitions.ts';

/** `/admin/preferred_replica_election`, written by old tools. */
export function encodePreferredReplicaElection(partitions: readonly TopicPartition[]): Buffer {
  return encodePartitions(partitions);
}

/** @throws MalformedZnode */
export function decodePreferredReplicaElection(bytes: Uint8Array): readonly TopicPartition[] {
  return decodePartitions('preferred replica election', bytes);
}
