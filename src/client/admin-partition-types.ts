import type { KafkaError } from '../protocol/errors.ts';
import type { ConfigResource } from './admin-types.ts';
import type { TopicPartition } from './records.ts';

/** Preferred: the first replica of the assignment. Unclean: any live replica, which may lose records. */
export type ElectionType = 'preferred' | 'unclean';

export interface PartitionOutcome extends TopicPartition {
  readonly error: KafkaError | undefined;
}

export interface ReassignmentChange extends TopicPartition {
  /** Broker ids, the preferred leader first; undefined cancels what is under way. */
  readonly replicas: readonly number[] | undefined;
}

export interface LogDirReplica extends TopicPartition {
  readonly sizeBytes: number;
  /** Records behind: a future replica behind the current one, else the log end behind the high watermark. */
  readonly offsetLag: number;
  /** A copy under way that will take the place of the replica in another directory. */
  readonly isFuture: boolean;
}

export interface LogDirectory {
  readonly path: string;
  readonly error: KafkaError | undefined;
  /** Of the volume; undefined where the broker does not tell it (before 3.3). */
  readonly totalBytes: number | undefined;
  readonly usableBytes: number | undefined;
  readonly replicas: readonly LogDirReplica[];
}

export interface BrokerLogDirs {
  readonly brokerId: number;
  readonly logDirs: readonly LogDirectory[];
}

export interface LogDirMove extends TopicPartition {
  readonly brokerId: number;
  /** Absolute path of the directory to move the replica to, one of the broker's log.dirs. */
  readonly path: string;
}

export interface LogDirMoveOutcome extends LogDirMove {
  readonly error: KafkaError | undefined;
}

export interface ConfigChange {
  readonly name: string;
  /** Append and subtract are for lists. */
  readonly operation: 'set' | 'delete' | 'append' | 'subtract';
  /** Null with delete. */
  readonly value: string | null;
}

export interface ConfigChanges extends ConfigResource {
  readonly changes: readonly ConfigChange[];
}

/** All configs that a resource is to have. */
export interface ConfigValues extends ConfigResource {
  readonly values: Readonly<Record<string, string | null>>;
}

export interface ConfigOutcome extends ConfigResource {
  readonly error: KafkaError | undefined;
}

/** The part of the admin client about replicas: where they are, who leads, and how they get elsewhere. */
export interface PartitionAdmin {
  /** For all partitions of the cluster when none are named; then those that need no election are left out of the answer. */
  electLeaders(type: ElectionType, partitions?: readonly TopicPartition[]): Promise<PartitionOutcome[]>;
  alterPartitionReassignments(changes: readonly ReassignmentChange[]): Promise<PartitionOutcome[]>;
  /** For all replicas of the brokers when no partitions are named. */
  describeLogDirs(brokerIds: readonly number[], partitions?: readonly TopicPartition[]): Promise<BrokerLogDirs[]>;
  alterReplicaLogDirs(moves: readonly LogDirMove[]): Promise<LogDirMoveOutcome[]>;
  incrementalAlterConfigs(changes: readonly ConfigChanges[], options?: { readonly validateOnly?: boolean }): Promise<ConfigOutcome[]>;
  /** Replaces all configs of each resource. */
  alterConfigs(resources: readonly ConfigValues[], options?: { readonly validateOnly?: boolean }): Promise<ConfigOutcome[]>;
}
