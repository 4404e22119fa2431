import { encodeJson, ZnodeObject } from './json.ts';
import type { TopicPartition } from './partitions.ts';

export interface PartitionReassignment extends TopicPartition {
  /** Target replicas, the preferred leader first. */
  readonly replicas: readonly number[];
}

/** `/admin/reassign_partitions`, written by old tools. */
export function encodeReassignPartitions(partitions: readonly PartitionReassignment[]): Buffer {
  return encodeJson({ version: 1, partitions: partitions.map(({ topic, partition, replicas }) => ({ topic, partition, replicas })) });
}

/** @throws MalformedZnode */
export function decodeReassignPartitions(bytes: Uint8Array): readonly PartitionReassignment[] {
  return ZnodeObject.parse('partition reassignment', bytes).objects('partitions').map((object) => ({
    topic: object.string('topic'),
    partition: object.integer('partition'),
    replicas: object.integers('replicas'),
  }));
}
