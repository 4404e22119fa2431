import { zeroUuid } from '../../../src/protocol/fields.ts';
import { partitionStatePath, topicPath, topicsPath } from '../../../src/zookeeper/paths.ts';
import { decodePartitionState } from '../../../src/zookeeper/znodes/partition-state.ts';
import type { PartitionState } from '../../../src/zookeeper/znodes/partition-state.ts';
import { decodeTopic } from '../../../src/zookeeper/znodes/topic.ts';
import type { TopicAssignment } from '../../../src/zookeeper/znodes/topic.ts';
import type { SimulatedZooKeeper } from '../world/zookeeper/simulated-zookeeper.ts';

/** A partition as ZooKeeper has it. */
export interface StoredPartition {
  /** As of `ReplicaView`. */
  readonly key: string;
  readonly topic: string;
  readonly partition: number;
  /** The preferred leader first. */
  readonly replicas: readonly number[];
  readonly isMoving: boolean;
  readonly state: PartitionState;
  /** Of the state's znode: the partition epoch. */
  readonly version: number;
}

export interface StoredTopics {
  /** Those whose state or assignment was written since the last call. */
  changed(): StoredPartition[];
}

/** Another topic of the same name is another partition; before 2.8 there are no ids, and no way to tell. */
export function keyOf(partition: string, topicId: string): string {
  return topicId === zeroUuid ? partition : `${partition}/${topicId}`;
}

/** Reads the topics of ZooKeeper; what was not written since is not decoded again. */
export function brokerTopicsOf(zookeeper: SimulatedZooKeeper): StoredTopics {
  const decoded = new Map<string, { readonly bytes: Buffer; readonly assignment: TopicAssignment }>();
  const states = new Map<string, { readonly bytes: Buffer; readonly topic: Buffer }>();

  function assignmentOf(name: string): { readonly bytes: Buffer; readonly assignment: TopicAssignment } | undefined {
    const bytes = zookeeper.peek(topicPath(name));
    if (bytes === undefined) return undefined;
    let known = decoded.get(name);
    if (known?.bytes !== bytes) decoded.set(name, (known = { bytes, assignment: decodeTopic(bytes) }));
    return known;
  }

  return {
    changed: () =>
      zookeeper.peekChildren(topicsPath).flatMap((topic) => {
        const known = assignmentOf(topic);
        if (known === undefined) return [];
        const { assignment } = known;
        return Array.from(assignment.partitions).flatMap(([partition, { replicas, addingReplicas, removingReplicas }]) => {
          const path = partitionStatePath(topic, partition);
          const bytes = zookeeper.peek(path);
          const before = states.get(path);
          if (bytes === undefined || (before?.bytes === bytes && before.topic === known.bytes)) return [];
          states.set(path, { bytes, topic: known.bytes });
          const isMoving = addingReplicas.length > 0 || removingReplicas.length > 0;
          return [{ key: keyOf(`${topic}-${partition}`, assignment.topicId ?? zeroUuid), topic, partition, replicas, isMoving, state: decodePartitionState(bytes), version: zookeeper.versionOf(path) }];
        });
      }),
  };
}
