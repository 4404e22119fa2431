import type { BrokerRegistration } from '../zookeeper/znodes/broker-id.ts';
import type { PartitionState } from '../zookeeper/znodes/partition-state.ts';
import type { PartitionAssignment } from '../zookeeper/znodes/topic.ts';

/** The controller's copy of what ZooKeeper holds. Writes go to ZooKeeper first, then here, then to the brokers. */
export interface ClusterState {
  readonly brokers: Map<number, LiveBroker>;
  /** By broker: its replicas, as `replicaKey` names them, that lie in failed log directories. */
  readonly offlineReplicas: Map<number, ReadonlySet<string>>;
  /** Brokers that asked to stop: they are not elected, and still get requests. */
  readonly stopping: Set<number>;
  readonly topics: Map<string, ControlledTopic>;
  /** Topics under /admin/delete_topics. */
  readonly toDelete: Set<string>;
}

export interface LiveBroker {
  readonly id: number;
  /** czxid of its znode. */
  readonly epoch: number;
  readonly registration: BrokerRegistration;
}

export interface ControlledTopic {
  readonly name: string;
  readonly topicId: string | undefined;
  readonly partitions: Map<number, ControlledPartition>;
}

export interface ControlledPartition {
  readonly topic: string;
  readonly partition: number;
  assignment: PartitionAssignment;
  /** Undefined until the partition has had a leader. */
  leadership: { readonly state: PartitionState; readonly version: number } | undefined;
}

export function emptyClusterState(): ClusterState {
  return { brokers: new Map(), offlineReplicas: new Map(), stopping: new Set(), topics: new Map(), toDelete: new Set() };
}

export function replicaKey({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}-${partition}`;
}

export function isReplicaOnline(state: ClusterState, brokerId: number, partition: ControlledPartition): boolean {
  return state.brokers.has(brokerId) && state.offlineReplicas.get(brokerId)?.has(replicaKey(partition)) !== true;
}

export function* partitionsOf(state: ClusterState): Generator<ControlledPartition> {
  for (const topic of state.topics.values()) yield* topic.partitions.values();
}
