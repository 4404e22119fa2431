import { zeroUuid } from '../protocol/fields.ts';
import type { UpdateMetadataRequest } from '../protocol/messages/update-metadata.ts';

/** What this broker knows of the cluster: what the controller last told it (UpdateMetadata). */
export interface MetadataCache {
  readonly brokers: ReadonlyMap<number, KnownBroker>;
  /** Broker id; -1 when none is known. */
  readonly controllerId: number;
  readonly topics: ReadonlyMap<string, KnownTopic>;
  topicNameOf(topicId: string): string | undefined;
  /** Returns the partitions that the request told to be deleted. */
  update(request: UpdateMetadataRequest, version: number): readonly { readonly topic: string; readonly partition: number }[];
  /** Calls back after each update until the returned function is called. */
  onUpdate(listener: () => void): () => void;
}

export interface KnownEndpoint {
  readonly listener: string;
  readonly host: string;
  readonly port: number;
}

export interface KnownBroker {
  readonly id: number;
  readonly endpoints: readonly KnownEndpoint[];
  readonly rack: string | null;
}

export interface KnownPartition {
  readonly partition: number;
  readonly controllerEpoch: number;
  /** Broker id; -1 for none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
  readonly replicas: readonly number[];
  readonly offlineReplicas: readonly number[];
}

export interface KnownTopic {
  readonly name: string;
  /** `zeroUuid` when the topic has none. */
  readonly topicId: string;
  /** By ascending number. */
  readonly partitions: ReadonlyMap<number, KnownPartition>;
}

interface Topic extends KnownTopic {
  topicId: string;
  partitions: Map<number, KnownPartition>;
}

/** A leader of -2 tells that the partition is being deleted (LeaderAndIsr.LEADER_DURING_DELETE). */
export const leaderDuringDelete = -2;
const securityProtocolNames = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;

/** Another topic of the same name; before 2.8 there are no ids, and no way to tell. */
function isAnother(topic: Topic, topicId: string): boolean {
  return topicId !== zeroUuid && topic.topicId !== zeroUuid && topic.topicId !== topicId;
}

export function createMetadataCache(): MetadataCache {
  let brokers: ReadonlyMap<number, KnownBroker> = new Map();
  let controllerId = -1;
  const topics = new Map<string, Topic>();
  /** Topics with partitions that this update brought. */
  const grown = new Set<Topic>();
  const namesById = new Map<string, string>();
  const listeners = new Set<() => void>();

  function put(name: string, topicId: string, state: KnownPartition, deleted: { topic: string; partition: number }[]): void {
    let topic = topics.get(name);
    if (state.leader === leaderDuringDelete) {
      deleted.push({ topic: name, partition: state.partition });
      topic?.partitions.delete(state.partition);
      if (topic?.partitions.size === 0) {
        topics.delete(name);
        namesById.delete(topic.topicId);
      }
      return;
    }
    if (topic !== undefined && isAnother(topic, topicId)) {
      // Its deletion was told while this broker was cut off. Apache Kafka keeps the partitions that the new topic does not name yet.
      namesById.delete(topic.topicId);
      topic = undefined;
    }
    if (topic === undefined) {
      topic = { name, topicId, partitions: new Map() };
      topics.set(name, topic);
    }
    if (topicId !== zeroUuid) {
      topic.topicId = topicId;
      namesById.set(topicId, name);
    }
    if (!topic.partitions.has(state.partition)) grown.add(topic);
    topic.partitions.set(state.partition, state);
  }

  /** Once per update, whatever the number of new partitions. */
  function sortGrown(): void {
    for (const topic of grown) topic.partitions = new Map(Array.from(topic.partitions).sort(([a], [b]) => a - b));
    grown.clear();
  }

  return {
    get brokers() {
      return brokers;
    },
    get controllerId() {
      return controllerId;
    },
    topics,
    topicNameOf: (topicId) => namesById.get(topicId),
    update(request, version) {
      const deleted: { topic: string; partition: number }[] = [];
      controllerId = request.controllerId;
      brokers = new Map(request.liveBrokers.map((broker) => [broker.id, { id: broker.id, endpoints: endpointsOf(broker, version), rack: broker.rack }]));
      if (version < 5) {
        for (const state of request.ungroupedPartitionStates) put(state.topicName, zeroUuid, { ...state, partition: state.partitionIndex }, deleted);
      } else {
        for (const { topicName, topicId, partitionStates } of request.topicStates) {
          for (const state of partitionStates) put(topicName, topicId, { ...state, partition: state.partitionIndex }, deleted);
        }
      }
      sortGrown();
      for (const listener of listeners) listener();
      return deleted;
    },
    onUpdate(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Before v3 a listener had no name of its own: it went by its security protocol. */
function endpointsOf(broker: UpdateMetadataRequest['liveBrokers'][number], version: number): readonly KnownEndpoint[] {
  if (version === 0) return [{ listener: 'PLAINTEXT', host: broker.v0Host, port: broker.v0Port }];
  return broker.endpoints.map(({ listener, host, port, securityProtocol }) => ({
    listener: version < 3 ? (securityProtocolNames[securityProtocol] ?? 'PLAINTEXT') : listener,
    host,
    port,
  }));
}
