import { encodeJson, MalformedZnode, ZnodeObject } from './json.ts';

/** `version` of /brokers/topics/T, as brokers since 2.8 write it under any inter.broker.protocol.version; older ones read it too. */
export const topicZnodeVersion = 3;

export interface PartitionAssignment {
  /** Broker ids, the preferred leader first. While reassigned: the union of old and new. */
  readonly replicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

/** `/brokers/topics/T`. */
export interface TopicAssignment {
  /** 3 since 2.8, 2 since 2.4, 1 before. */
  readonly version: number;
  /** 22 characters of base64url; undefined with inter.broker.protocol.version before 2.8. */
  readonly topicId: string | undefined;
  /** By partition number. */
  readonly partitions: ReadonlyMap<number, PartitionAssignment>;
}

/** Key order as Apache Kafka 3.9.1 prints version 3 and 2.4.1 version 2; partitions ascend. */
export function encodeTopic({ version, topicId, partitions }: TopicAssignment): Buffer {
  const replicas: Record<string, readonly number[]> = {};
  const adding: Record<string, readonly number[]> = {};
  const removing: Record<string, readonly number[]> = {};
  for (const [partition, assignment] of partitions) {
    replicas[partition] = assignment.replicas;
    if (assignment.addingReplicas.length > 0) adding[partition] = assignment.addingReplicas;
    if (assignment.removingReplicas.length > 0) removing[partition] = assignment.removingReplicas;
  }
  if (version === 1) return encodeJson({ version, partitions: replicas });
  if (version === 2) return encodeJson({ version, partitions: replicas, adding_replicas: adding, removing_replicas: removing });
  const id = topicId === undefined ? {} : { topic_id: topicId };
  return encodeJson({ partitions: replicas, ...id, adding_replicas: adding, removing_replicas: removing, version });
}

/** @throws MalformedZnode */
export function decodeTopic(bytes: Uint8Array): TopicAssignment {
  const object = ZnodeObject.parse('topic', bytes);
  const replicas = object.objectOrEmpty('partitions');
  const adding = object.objectOrEmpty('adding_replicas');
  const removing = object.objectOrEmpty('removing_replicas');
  const partitions = new Map(replicas.keys().map((key) => {
    if (!/^\d+$/.test(key)) throw new MalformedZnode(`topic has the partition ${key}, which is not a number`);
    return [Number(key), {
      replicas: replicas.integers(key),
      addingReplicas: adding.has(key) ? adding.integers(key) : [],
      removingReplicas: removing.has(key) ? removing.integers(key) : [],
    }];
  }));
  return { version: object.integerOr('version', 1), topicId: object.optionalString('topic_id'), partitions };
}
