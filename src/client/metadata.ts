import { KafkaError, errorByCode, errorCode } from '../protocol/errors.ts';
import type { ErrorName } from '../protocol/errors.ts';
import { zeroUuid } from '../protocol/fields.ts';
import type { MetadataResponse } from '../protocol/messages/metadata.ts';

export interface Node {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface PartitionMetadata {
  readonly partition: number;
  /** -1 while the partition has no leader. */
  readonly leaderId: number;
  /** -1 where the broker does not tell it (Metadata before v7). */
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly offlineReplicas: readonly number[];
}

export interface TopicMetadata {
  readonly name: string;
  /** Undefined where the cluster does not know topic ids (before 2.8). */
  readonly topicId: string | undefined;
  readonly isInternal: boolean;
  /** By partition number, without gaps. */
  readonly partitions: readonly PartitionMetadata[];
}

/** What the client knows of the cluster; replaced as a whole, never changed in place. */
export interface ClusterMetadata {
  readonly clusterId: string | null;
  /** -1 when not known. */
  readonly controllerId: number;
  readonly nodes: ReadonlyMap<number, Node>;
  readonly topics: ReadonlyMap<string, TopicMetadata>;
  /** Topics that the last answer refused, and why. */
  readonly errors: ReadonlyMap<string, ErrorName>;
}

export const emptyMetadata: ClusterMetadata = { clusterId: null, controllerId: -1, nodes: new Map(), topics: new Map(), errors: new Map() };

/** Topics of an answer alone, as the admin client wants them. */
export function topicsOf(response: MetadataResponse): TopicMetadata[] {
  return response.topics.filter((topic) => topic.errorCode === 0).map((topic) => topicOf(topic, undefined));
}

/**
 * Takes an answer in. Topics that were not asked for stay, unless all were; a partition's leader epoch never goes back while the topic id
 * is the same, for brokers learn of elections at different times (KIP-320).
 */
export function mergeMetadata(before: ClusterMetadata, response: MetadataResponse, isOfAllTopics = false): ClusterMetadata {
  const topics = new Map(isOfAllTopics ? [] : before.topics);
  const errors = new Map<string, ErrorName>();
  for (const topic of response.topics) {
    const name = topic.name ?? '';
    if (topic.errorCode === 0) {
      topics.set(name, topicOf(topic, before.topics.get(name)));
    } else {
      errors.set(name, errorByCode(topic.errorCode));
      if (topic.errorCode === errorCode('UNKNOWN_TOPIC_OR_PARTITION')) topics.delete(name);
    }
  }
  return { clusterId: response.clusterId, controllerId: response.controllerId, nodes: nodesOf(response), topics, errors };
}

export function nodesOf(response: MetadataResponse): Map<number, Node> {
  return new Map(response.brokers.map(({ nodeId, host, port, rack }) => [nodeId, { id: nodeId, host, port, rack }]));
}

function topicOf(topic: MetadataResponse['topics'][number], before: TopicMetadata | undefined): TopicMetadata {
  const topicId = topic.topicId === zeroUuid ? undefined : topic.topicId;
  const known = before !== undefined && before.topicId === topicId ? before.partitions : [];
  const partitions: PartitionMetadata[] = topic.partitions
    .map((partition) => ({
      partition: partition.partitionIndex,
      leaderId: partition.leaderId,
      leaderEpoch: partition.leaderEpoch,
      replicas: partition.replicaNodes,
      isr: partition.isrNodes,
      offlineReplicas: partition.offlineReplicas,
    }))
    .toSorted((a, b) => a.partition - b.partition)
    .map((partition) => newer(known[partition.partition], partition));
  return { name: topic.name ?? '', topicId, isInternal: topic.isInternal, partitions };
}

function newer(before: PartitionMetadata | undefined, after: PartitionMetadata): PartitionMetadata {
  return before !== undefined && after.leaderEpoch !== -1 && after.leaderEpoch < before.leaderEpoch ? before : after;
}

/** A leader that a Produce or Fetch answer named (KIP-951); older epochs than the known one change nothing. */
export interface LeaderHint {
  readonly topic: string;
  readonly partition: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly nodes: readonly Node[];
}

export function withLeader(before: ClusterMetadata, hint: LeaderHint): ClusterMetadata {
  const topic = before.topics.get(hint.topic);
  const partition = topic?.partitions[hint.partition];
  if (topic === undefined || partition === undefined || hint.leaderId < 0 || hint.leaderEpoch <= partition.leaderEpoch) return before;
  const nodes = new Map(before.nodes);
  for (const node of hint.nodes) nodes.set(node.id, node);
  if (!nodes.has(hint.leaderId)) return before;
  const partitions = topic.partitions.with(hint.partition, { ...partition, leaderId: hint.leaderId, leaderEpoch: hint.leaderEpoch });
  return { ...before, nodes, topics: new Map(before.topics).set(hint.topic, { ...topic, partitions }) };
}

/**
 * What asking again does not change. Kafka's producer stops for these alone: a broker that has just started, say, knows of no broker that could have
 * the topic which it would make, and answers INVALID_REPLICATION_FACTOR.
 */
const refusals: ReadonlySet<ErrorName> = new Set(['INVALID_TOPIC_EXCEPTION', 'TOPIC_AUTHORIZATION_FAILED']);

/** Why a topic is not there: a refusal, or what goes away when it is made. */
export function unknownTopic({ errors }: ClusterMetadata, name: string): KafkaError {
  const told = errors.get(name);
  const message = `topic ${name} is not known to the cluster${told === undefined ? '' : `: ${told}`}`;
  return new KafkaError(told !== undefined && refusals.has(told) ? told : 'UNKNOWN_TOPIC_OR_PARTITION', message);
}
