import { encodeJson, ZnodeObject } from './json.ts';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The common form of isr_change_N and preferred_replica_election. */
export function encodePartitions(partitions: readonly TopicPartition[]): Buffer {
  return encodeJson({ version: 1, partitions: partitions.map(({ topic, partition }) => ({ topic, partition })) });
}

/** @throws MalformedZnode */
export function decodePartitions(what: string, bytes: Uint8Array): readonly TopicPartition[] {
  return ZnodeObject.parse(what, bytes).objects('partitions')
    .map((object) => ({ topic: object.string('topic'), partition: object.integer('partition') }));
}
