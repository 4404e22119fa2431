import type { GroupAdmin } from './admin-group-types.ts';
import type { TransactionAdmin } from './admin-transactions.ts';
import type { UserAdmin } from './admin-user-types.ts';
import type { PartitionAdmin } from './admin-partition-types.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { KafkaError } from '../protocol/errors.ts';
import type { Node, TopicMetadata } from './metadata.ts';
import type { OffsetAnswer, OffsetQuery } from './offsets.ts';
import type { TopicPartition } from './records.ts';

export interface NewTopic {
  readonly name: string;
  /** Left out: num.partitions of the broker. */
  readonly partitions?: number | undefined;
  /** Left out: default.replication.factor of the broker. */
  readonly replicationFactor?: number | undefined;
  /** Broker ids by partition, the preferred leader first; instead of the two above. */
  readonly assignments?: readonly (readonly number[])[] | undefined;
  readonly configs?: Readonly<Record<string, string>>;
}

/** What became of one of several things asked for: done, or why not. */
export interface Outcome {
  readonly name: string;
  readonly error: KafkaError | undefined;
}

export interface NewPartitions {
  readonly topic: string;
  /** Partitions afterwards, the present ones counted in. */
  readonly count: number;
  /** Broker ids for each added partition. */
  readonly assignments?: readonly (readonly number[])[] | undefined;
}

/** Kafka's numbers of ConfigResource.Type. */
export const configResourceTypes = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16 } as const;

export interface ConfigResource {
  readonly type: keyof typeof configResourceTypes;
  readonly name: string;
}

/** Where a value comes from: ConfigEntry.ConfigSource. */
export const configSources = [
  'UNKNOWN',
  'DYNAMIC_TOPIC_CONFIG',
  'DYNAMIC_BROKER_CONFIG',
  'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'STATIC_BROKER_CONFIG',
  'DEFAULT_CONFIG',
  'DYNAMIC_BROKER_LOGGER_CONFIG',
  'DYNAMIC_CLIENT_METRICS_CONFIG',
] as const;
export type ConfigSource = (typeof configSources)[number];

export interface ConfigEntry {
  readonly name: string;
  /** Null for sensitive values too. */
  readonly value: string | null;
  readonly source: ConfigSource;
  readonly isReadOnly: boolean;
  readonly isSensitive: boolean;
  readonly synonyms: readonly { readonly name: string; readonly value: string | null; readonly source: ConfigSource }[];
}

export interface ConfigDescription extends ConfigResource {
  readonly error: KafkaError | undefined;
  readonly entries: readonly ConfigEntry[];
}

export interface ClusterDescription {
  readonly clusterId: string | null;
  /** -1 when there is none. */
  readonly controllerId: number;
  readonly nodes: readonly Node[];
}

export interface Reassignment extends TopicPartition {
  readonly replicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

export interface TopicDescription {
  readonly name: string;
  readonly topic: TopicMetadata | undefined;
  readonly error: KafkaError | undefined;
}

export interface DeletedRecords extends TopicPartition {
  /** First offset left; -1 on error. */
  readonly lowWatermark: number;
  readonly error: KafkaError | undefined;
}

export interface BrokerApiVersions {
  readonly node: Node;
  readonly ranges: ReadonlyMap<number, { readonly min: number; readonly max: number }> | undefined;
  readonly error: KafkaError | undefined;
}

export type AdminOptions = ConnectionOptions;

/**
 * Looks at a cluster and changes it. Each call tries again while the failure may pass, for default.api.timeout.ms, and
 * then throws REQUEST_TIMED_OUT; a refusal of one thing among several is in that thing's outcome.
 */
export interface Admin extends PartitionAdmin, GroupAdmin, TransactionAdmin, UserAdmin {
  createTopics(topics: readonly NewTopic[], options?: { readonly validateOnly?: boolean }): Promise<Outcome[]>;
  deleteTopics(names: readonly string[]): Promise<Outcome[]>;
  createPartitions(topics: readonly NewPartitions[], options?: { readonly validateOnly?: boolean }): Promise<Outcome[]>;
  /** All topics, unsorted; internal ones are marked. */
  listTopics(): Promise<TopicMetadata[]>;
  describeTopics(names: readonly string[]): Promise<TopicDescription[]>;
  describeTopicsById(topicIds: readonly string[]): Promise<TopicDescription[]>;
  describeConfigs(resources: readonly ConfigResource[]): Promise<ConfigDescription[]>;
  describeCluster(): Promise<ClusterDescription>;
  listPartitionReassignments(partitions?: readonly TopicPartition[]): Promise<Reassignment[]>;
  listOffsets(queries: readonly OffsetQuery[], options?: { readonly isolationLevel?: 'read_uncommitted' | 'read_committed' }): Promise<OffsetAnswer[]>;
  /** Deletes all records before an offset (-1: up to the high watermark) in each partition. */
  deleteRecords(before: readonly (TopicPartition & { readonly offset: number })[]): Promise<DeletedRecords[]>;
  /** What every broker speaks. */
  apiVersions(): Promise<BrokerApiVersions[]>;
  close(): Promise<void>;
}
