import { errorCode, KafkaError } from '../../protocol/errors.ts';
import { zeroUuid } from '../../protocol/fields.ts';
import { metadataRequest, metadataResponse } from '../../protocol/messages/metadata.ts';
import type { MetadataRequest, MetadataResponseInput } from '../../protocol/messages/metadata.ts';
import { allClusterOperations, allTopicOperations } from '../authorized-operations.ts';
import type { Answer, Handler, RequestContext } from '../handler.ts';
import type { KnownBroker, KnownPartition, KnownTopic, MetadataCache } from '../metadata-cache.ts';
import { internalTopicNames, invalidTopicName } from '../topic-names.ts';

export interface MetadataHandlerDependencies {
  readonly cache: MetadataCache;
  readonly clusterId: string;
  /** auto.create.topics.enable */
  readonly createsTopics: boolean;
  /** Asks the controller for a topic with default settings. @throws KafkaError */
  readonly createTopic: (topic: string) => Promise<void>;
  /** Resolves when the controller has told of the cluster; undefined when it has. */
  readonly firstMetadata: () => Promise<void> | undefined;
}

const firstVersionWithTopicIds = 10;
const firstVersionNamingByIds = 12;
const firstVersionWithNullForAll = 1;
const firstVersionWithAutoCreationFlag = 4;
const firstVersionWithListenerError = 6;

/** Metadata, API key 3. */
export function metadataHandler(dependencies: MetadataHandlerDependencies): Handler<MetadataRequest, MetadataResponseInput> {
  const { cache, clusterId } = dependencies;

  return {
    request: metadataRequest,
    response: metadataResponse,
    handle(request, context, answer) {
      const waiting = dependencies.firstMetadata();
      return waiting === undefined ? tell(request, context, answer) : waiting.then(() => tell(request, context, answer));
    },
    failed: (request, code) => ({
      clusterId,
      topics: (request.topics ?? []).map(({ name, topicId }) => ({ errorCode: code, name: name ?? '', topicId })),
    }),
  };

  function tell(request: MetadataRequest, { apiVersion, connection }: RequestContext, answer: Answer<MetadataResponseInput>): Promise<void> | undefined {
    const asked = apiVersion < firstVersionWithNullForAll && request.topics?.length === 0 ? null : request.topics;
    const mayCreate = dependencies.createsTopics && (apiVersion < firstVersionWithAutoCreationFlag || request.allowAutoTopicCreation);
    const missing = asked === null || !mayCreate ? [] : asked.flatMap(({ name }) => (name !== null && !cache.topics.has(name) ? [name] : []));
    const created = missing.map((name) => autoCreate(name));
    const respond = (errors: ReadonlyMap<string, number>): void => {
      const topics = asked === null ? Array.from(cache.topics.values(), (topic) => known(topic, connection.listenerName, apiVersion)) : asked.map((one) => find(one, errors, connection.listenerName, apiVersion));
      answer({
        brokers: brokersOf(connection.listenerName),
        clusterId,
        controllerId: controllerIdFor(connection.listenerName),
        topics: request.includeTopicAuthorizedOperations ? topics.map((topic) => ({ ...topic, topicAuthorizedOperations: allTopicOperations })) : topics,
        ...(request.includeClusterAuthorizedOperations ? { clusterAuthorizedOperations: allClusterOperations } : {}),
      });
    };
    if (created.length === 0) respond(new Map());
    else return Promise.all(created).then((errors) => respond(new Map(errors)));
    return undefined;
  }

  async function autoCreate(topic: string): Promise<readonly [string, number]> {
    if (invalidTopicName(topic) !== undefined) return [topic, errorCode('INVALID_TOPIC_EXCEPTION')];
    try {
      await dependencies.createTopic(topic);
      // It exists, and its leaders are not known here yet: clients ask again.
      return [topic, errorCode('LEADER_NOT_AVAILABLE')];
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      const isThere = error.name === 'TOPIC_ALREADY_EXISTS';
      return [topic, isThere || error.name === 'NOT_CONTROLLER' ? errorCode('LEADER_NOT_AVAILABLE') : error.code];
    }
  }

  function find({ name, topicId }: NonNullable<MetadataRequest['topics']>[number], errors: ReadonlyMap<string, number>, listenerName: string, apiVersion: number) {
    const byId = name === null || (topicId !== zeroUuid && apiVersion >= firstVersionWithTopicIds);
    const wanted = byId ? cache.topicNameOf(topicId) : name;
    const topic = wanted === undefined || wanted === null ? undefined : cache.topics.get(wanted);
    if (topic !== undefined) return known(topic, listenerName, apiVersion);
    if (byId) return { errorCode: errorCode('UNKNOWN_TOPIC_ID'), name: apiVersion >= firstVersionNamingByIds ? null : '', topicId };
    const isValid = invalidTopicName(name) === undefined;
    return { errorCode: errors.get(name) ?? errorCode(isValid ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'INVALID_TOPIC_EXCEPTION'), name, isInternal: internalTopicNames.has(name) };
  }

  function known(topic: KnownTopic, listenerName: string, apiVersion: number) {
    return {
      errorCode: 0,
      name: topic.name,
      topicId: topic.topicId,
      isInternal: internalTopicNames.has(topic.name),
      partitions: Array.from(topic.partitions.values(), (partition) => partitionOf(partition, listenerName, apiVersion)),
    };
  }

  function partitionOf({ partition, leader, leaderEpoch, replicas, isr, offlineReplicas }: KnownPartition, listenerName: string, apiVersion: number) {
    const isReachable = (id: number): boolean => {
      const broker = cache.brokers.get(id);
      return broker !== undefined && nodeOf(broker, listenerName) !== undefined;
    };
    const isFirst = apiVersion === 0;
    const common = {
      partitionIndex: partition,
      leaderEpoch,
      replicaNodes: isFirst ? replicas.filter((id) => isReachable(id)) : replicas,
      isrNodes: isFirst ? isr.filter((id) => isReachable(id)) : isr,
      offlineReplicas: [...offlineReplicas, ...replicas.filter((id) => !isReachable(id) && !offlineReplicas.includes(id))],
    };
    if (!isReachable(leader)) {
      // The leader lives, but has no listener of this name (KIP-103).
      const isElsewhere = apiVersion >= firstVersionWithListenerError && cache.brokers.has(leader);
      return { ...common, leaderId: -1, errorCode: errorCode(isElsewhere ? 'LISTENER_NOT_FOUND' : 'LEADER_NOT_AVAILABLE') };
    }
    const isIncomplete = isFirst && (common.replicaNodes.length < replicas.length || common.isrNodes.length < isr.length);
    return { ...common, leaderId: leader, errorCode: isIncomplete ? errorCode('REPLICA_NOT_AVAILABLE') : 0 };
  }

  /** Brokers as they can be reached on the listener that was asked. */
  function brokersOf(listenerName: string) {
    return Array.from(cache.brokers.values()).flatMap((broker) => nodeOf(broker, listenerName) ?? []);
  }

  function controllerIdFor(listenerName: string): number {
    const controller = cache.brokers.get(cache.controllerId);
    return controller !== undefined && nodeOf(controller, listenerName) !== undefined ? controller.id : -1;
  }
}

/** A broker's address on a listener; undefined when it does not have that listener. */
export function nodeOf(broker: KnownBroker, listenerName: string): { nodeId: number; host: string; port: number; rack: string | null } | undefined {
  const endpoint = broker.endpoints.find(({ listener }) => listener === listenerName);
  return endpoint === undefined ? undefined : { nodeId: broker.id, host: endpoint.host, port: endpoint.port, rack: broker.rack };
}
