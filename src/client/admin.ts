import { KafkaError, errorByCode } from '../protocol/errors.ts';
import { createPartitionsRequest, createPartitionsResponse } from '../protocol/messages/create-partitions.ts';
import { createTopicsRequest, createTopicsResponse } from '../protocol/messages/create-topics.ts';
import { deleteTopicsRequest, deleteTopicsResponse } from '../protocol/messages/delete-topics.ts';
import { describeConfigsRequest, describeConfigsResponse } from '../protocol/messages/describe-configs.ts';
import { listPartitionReassignmentsRequest, listPartitionReassignmentsResponse } from '../protocol/messages/list-partition-reassignments.ts';
import { alterConfigs, incrementalAlterConfigs } from './admin-alter-configs.ts';
import type { AdminCalls, Target } from './admin-calls.ts';
import { deleteRecords } from './admin-delete-records.ts';
import { groupAdmin } from './admin-groups.ts';
import { alterReplicaLogDirs, describeLogDirs } from './admin-log-dirs.ts';
import type { BrokerLogDirs, ConfigChanges, ConfigOutcome, ConfigValues, ElectionType, LogDirMove, LogDirMoveOutcome, PartitionOutcome, ReassignmentChange } from './admin-partition-types.ts';
import { alterPartitionReassignments, electLeaders } from './admin-partitions.ts';
import type { Admin, AdminOptions, BrokerApiVersions, ConfigDescription, ConfigEntry, ConfigResource, DeletedRecords, NewTopic, Outcome, TopicDescription } from './admin-types.ts';
import { configResourceTypes, configSources } from './admin-types.ts';
import type { HangingTransaction, ProducerState, TransactionAdmin, TransactionDescription, TransactionListing } from './admin-transactions.ts';
import { transactionAdmin } from './admin-transactions.ts';
import type { UserAdmin } from './admin-user-types.ts';
import { userAdmin } from './admin-users.ts';
import type { Cluster } from './cluster.ts';
import { openCluster } from './cluster.ts';
import { connectionSettings } from './connection-options.ts';
import type { BrokerConnection } from './connections.ts';
import { nodesOf, topicsOf } from './metadata.ts';
import type { Node, TopicMetadata } from './metadata.ts';
import { listOffsets } from './offsets.ts';
import type { TopicPartition } from './records.ts';
import type { ClientRuntime } from './runtime.ts';
import { withinTime } from './waiting.ts';

/** @throws KafkaError INVALID_CONFIG */
export function createAdminWith(runtime: ClientRuntime, options: AdminOptions): Admin {
  return new ClusterAdmin(openCluster(runtime, connectionSettings(options, 'adminclient-1'), { allowAutoTopicCreation: false }));
}

class ClusterAdmin implements Admin {
  readonly #cluster: Cluster;
  readonly #calls: AdminCalls = { call: (name, target, run) => this.#call(name, target, run), brokerAt: (brokerId) => this.#connectionTo(brokerId) };
  readonly #groups = groupAdmin(this.#calls, async () => (await this.describeCluster()).nodes);
  readonly #transactions: TransactionAdmin;
  readonly #users: UserAdmin;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#transactions = transactionAdmin(cluster, this.#calls);
    this.#users = userAdmin(this.#calls, cluster.runtime.random);
  }

  /** Tries until the time is up. `name` is Kafka's for the call, for the message. */
  #call<T>(name: string, target: Target, run: (connection: BrokerConnection, timeoutMs: number) => Promise<T>): Promise<T> {
    const { runtime, settings } = this.#cluster;
    let isAssigned = false;
    const attempt = async (remainingMs: number): Promise<T> => {
      const connection = await withinTime(runtime.clock, remainingMs, this.#connectionTo(target), () => 'no connection in time');
      isAssigned = true;
      return run(connection, Math.max(1, Math.min(remainingMs, settings.requestTimeoutMs)));
    };
    const give = (last: unknown, attempts: number): KafkaError =>
      new KafkaError('REQUEST_TIMED_OUT', isAssigned ? `Call(callName=${name}) timed out after ${attempts} attempt(s)` : `Timed out waiting for a node assignment. Call: ${name}`, { cause: last });
    return this.#cluster.retry(settings.defaultApiTimeoutMs, attempt, give);
  }

  async #connectionTo(target: Target): Promise<BrokerConnection> {
    if (target === 'any') return this.#cluster.anyBroker();
    if (target === 'controller') return this.#cluster.broker(await this.#controllerId());
    if (!this.#cluster.metadata.nodes.has(target)) await this.#cluster.update();
    return this.#cluster.broker(target);
  }

  async #controllerId(): Promise<number> {
    // Asked for each time: an admin call is rare, and a stale controller would cost it a failed attempt.
    await this.#cluster.update();
    const { controllerId } = this.#cluster.metadata;
    if (controllerId < 0) throw new KafkaError('LEADER_NOT_AVAILABLE', 'the cluster has no controller at the moment');
    return controllerId;
  }

  async createTopics(topics: readonly NewTopic[], options: { readonly validateOnly?: boolean } = {}): Promise<Outcome[]> {
    const entries = topics.map(({ name, partitions, replicationFactor, assignments, configs = {} }) => ({
      name,
      numPartitions: assignments === undefined ? (partitions ?? -1) : -1,
      replicationFactor: assignments === undefined ? (replicationFactor ?? -1) : -1,
      assignments: (assignments ?? []).map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    }));
    return this.#call('createTopics', 'controller', async (connection, timeoutMs) => {
      const request = { topics: entries, timeoutMs, validateOnly: options.validateOnly ?? false };
      const response = await connection.call(createTopicsRequest, createTopicsResponse, request, timeoutMs);
      return outcomes(response.topics);
    });
  }

  async deleteTopics(names: readonly string[]): Promise<Outcome[]> {
    return this.#call('deleteTopics', 'controller', async (connection, timeoutMs) => {
      const version = connection.requests.versionFor(deleteTopicsRequest);
      const named = version >= 6 ? { topics: names.map((name) => ({ name })) } : { topicNames: names };
      const response = await connection.call(deleteTopicsRequest, deleteTopicsResponse, { ...named, timeoutMs }, timeoutMs);
      return outcomes(response.responses);
    });
  }

  async createPartitions(topics: Parameters<Admin['createPartitions']>[0], options: { readonly validateOnly?: boolean } = {}): Promise<Outcome[]> {
    const entries = topics.map(({ topic, count, assignments }) => ({
      name: topic,
      count,
      assignments: assignments === undefined ? null : assignments.map((brokerIds) => ({ brokerIds })),
    }));
    return this.#call('createPartitions', 'controller', async (connection, timeoutMs) => {
      const request = { topics: entries, timeoutMs, validateOnly: options.validateOnly ?? false };
      const response = await connection.call(createPartitionsRequest, createPartitionsResponse, request, timeoutMs);
      return outcomes(response.results);
    });
  }

  listTopics(): Promise<TopicMetadata[]> {
    return this.#call('listTopics', 'any', async (_connection, timeoutMs) => topicsOf(await this.#cluster.ask({ topics: null, allowAutoTopicCreation: false }, timeoutMs)));
  }

  describeTopics(names: readonly string[]): Promise<TopicDescription[]> {
    return this.#describe(names.map((name) => ({ name })));
  }

  describeTopicsById(topicIds: readonly string[]): Promise<TopicDescription[]> {
    return this.#describe(topicIds.map((topicId) => ({ topicId, name: null })));
  }

  #describe(topics: readonly { name: string | null; topicId?: string }[]): Promise<TopicDescription[]> {
    return this.#call('describeTopics', 'any', async (_connection, timeoutMs) => {
      const response = await this.#cluster.ask({ topics, allowAutoTopicCreation: false }, timeoutMs);
      const found = new Map(topicsOf(response).map((topic) => [topic.name, topic]));
      return response.topics.map(({ name, errorCode, topicId }) => ({
        name: name ?? topicId,
        topic: found.get(name ?? ''),
        error: errorCode === 0 ? undefined : new KafkaError(errorByCode(errorCode), `topic ${name ?? topicId} cannot be described: ${errorByCode(errorCode)}`),
      }));
    });
  }

  async describeConfigs(resources: readonly ConfigResource[]): Promise<ConfigDescription[]> {
    // What a broker was started with only that broker knows; the rest any broker does.
    const byTarget = new Map<Target, ConfigResource[]>();
    for (const resource of resources) {
      const target: Target = (resource.type === 'broker' || resource.type === 'brokerLogger') && resource.name !== '' ? Number(resource.name) : 'any';
      byTarget.set(target, [...(byTarget.get(target) ?? []), resource]);
    }
    const parts = await Promise.all([...byTarget].map(([target, its]) => this.#describeConfigsAt(target, its)));
    return parts.flat();
  }

  #describeConfigsAt(target: Target, resources: readonly ConfigResource[]): Promise<ConfigDescription[]> {
    const entries = resources.map(({ type, name }) => ({ resourceType: configResourceTypes[type], resourceName: name, configurationKeys: null }));
    return this.#call('describeConfigs', target, async (connection, timeoutMs) => {
      const request = { resources: entries, includeSynonyms: true, includeDocumentation: false };
      const version = connection.requests.versionFor(describeConfigsRequest);
      const response = await connection.call(describeConfigsRequest, describeConfigsResponse, version === 0 ? { resources: entries } : request, timeoutMs);
      return response.results.map((result): ConfigDescription => {
        const resource = resources.find(({ type, name }) => configResourceTypes[type] === result.resourceType && name === result.resourceName);
        const error = result.errorCode === 0 ? undefined : new KafkaError(errorByCode(result.errorCode), result.errorMessage ?? errorByCode(result.errorCode));
        return { type: resource?.type ?? 'topic', name: result.resourceName, error, entries: result.configs.map(configEntry) };
      });
    });
  }

  async describeCluster(): Promise<{ clusterId: string | null; controllerId: number; nodes: readonly Node[] }> {
    return this.#call('listNodes', 'any', async (_connection, timeoutMs) => {
      const response = await this.#cluster.ask({ topics: [] }, timeoutMs);
      return { clusterId: response.clusterId, controllerId: response.controllerId, nodes: [...nodesOf(response).values()] };
    });
  }

  async listPartitionReassignments(partitions?: readonly TopicPartition[]): ReturnType<Admin['listPartitionReassignments']> {
    const names = partitions === undefined ? undefined : [...new Set(partitions.map(({ topic }) => topic))];
    const topics = names?.map((name) => ({ name, partitionIndexes: partitions!.filter(({ topic }) => topic === name).map(({ partition }) => partition) })) ?? null;
    return this.#call('listPartitionReassignments', 'controller', async (connection, timeoutMs) => {
      const response = await connection.call(listPartitionReassignmentsRequest, listPartitionReassignmentsResponse, { timeoutMs, topics }, timeoutMs);
      if (response.errorCode !== 0) throw new KafkaError(errorByCode(response.errorCode), response.errorMessage ?? errorByCode(response.errorCode));
      return response.topics.flatMap(({ name, partitions: its }) =>
        its.map(({ partitionIndex, replicas, addingReplicas, removingReplicas }) => ({ topic: name, partition: partitionIndex, replicas, addingReplicas, removingReplicas })),
      );
    });
  }

  listOffsets(queries: Parameters<Admin['listOffsets']>[0], options: { readonly isolationLevel?: 'read_uncommitted' | 'read_committed' } = {}): ReturnType<Admin['listOffsets']> {
    return listOffsets(this.#cluster, queries, options.isolationLevel ?? 'read_uncommitted', this.#cluster.settings.defaultApiTimeoutMs);
  }

  deleteRecords(before: Parameters<Admin['deleteRecords']>[0]): Promise<DeletedRecords[]> {
    return deleteRecords(this.#cluster, before);
  }

  describeProducers(partition: TopicPartition, brokerId?: number): Promise<ProducerState[]> {
    return this.#transactions.describeProducers(partition, brokerId);
  }

  listTransactions(filter?: Parameters<Admin['listTransactions']>[0]): Promise<TransactionListing[]> {
    return this.#transactions.listTransactions(filter);
  }

  describeTransaction(transactionalId: string): Promise<TransactionDescription> {
    return this.#transactions.describeTransaction(transactionalId);
  }

  abortTransaction(transaction: HangingTransaction): Promise<void> {
    return this.#transactions.abortTransaction(transaction);
  }

  electLeaders(type: ElectionType, partitions?: readonly TopicPartition[]): Promise<PartitionOutcome[]> {
    return electLeaders(this.#calls, type, partitions);
  }

  alterPartitionReassignments(changes: readonly ReassignmentChange[]): Promise<PartitionOutcome[]> {
    return alterPartitionReassignments(this.#calls, changes);
  }

  describeLogDirs(brokerIds: readonly number[], partitions?: readonly TopicPartition[]): Promise<BrokerLogDirs[]> {
    return describeLogDirs(this.#calls, brokerIds, partitions);
  }

  alterReplicaLogDirs(moves: readonly LogDirMove[]): Promise<LogDirMoveOutcome[]> {
    return alterReplicaLogDirs(this.#calls, moves);
  }

  incrementalAlterConfigs(changes: readonly ConfigChanges[], options: { readonly validateOnly?: boolean } = {}): Promise<ConfigOutcome[]> {
    return incrementalAlterConfigs(this.#calls, changes, options.validateOnly ?? false);
  }

  listConsumerGroups(filter?: Parameters<Admin['listConsumerGroups']>[0]): ReturnType<Admin['listConsumerGroups']> {
    return this.#groups.listConsumerGroups(filter);
  }

  describeConsumerGroups(groupIds: readonly string[]): ReturnType<Admin['describeConsumerGroups']> {
    return this.#groups.describeConsumerGroups(groupIds);
  }

  listConsumerGroupOffsets(groupId: string, partitions?: readonly TopicPartition[]): ReturnType<Admin['listConsumerGroupOffsets']> {
    return this.#groups.listConsumerGroupOffsets(groupId, partitions);
  }

  alterConsumerGroupOffsets(groupId: string, offsets: Parameters<Admin['alterConsumerGroupOffsets']>[1]): ReturnType<Admin['alterConsumerGroupOffsets']> {
    return this.#groups.alterConsumerGroupOffsets(groupId, offsets);
  }

  deleteConsumerGroupOffsets(groupId: string, partitions: readonly TopicPartition[]): ReturnType<Admin['deleteConsumerGroupOffsets']> {
    return this.#groups.deleteConsumerGroupOffsets(groupId, partitions);
  }

  deleteConsumerGroups(groupIds: readonly string[]): ReturnType<Admin['deleteConsumerGroups']> {
    return this.#groups.deleteConsumerGroups(groupIds);
  }

  alterConfigs(resources: readonly ConfigValues[], options: { readonly validateOnly?: boolean } = {}): Promise<ConfigOutcome[]> {
    return alterConfigs(this.#calls, resources, options.validateOnly ?? false);
  }

  describeClientQuotas(filters: Parameters<Admin['describeClientQuotas']>[0]): ReturnType<Admin['describeClientQuotas']> {
    return this.#users.describeClientQuotas(filters);
  }

  alterClientQuotas(changes: Parameters<Admin['alterClientQuotas']>[0]): Promise<void> {
    return this.#users.alterClientQuotas(changes);
  }

  describeUserScramCredentials(users?: readonly string[]): ReturnType<Admin['describeUserScramCredentials']> {
    return this.#users.describeUserScramCredentials(users);
  }

  alterUserScramCredentials(changes: Parameters<Admin['alterUserScramCredentials']>[0]): Promise<Outcome[]> {
    return this.#users.alterUserScramCredentials(changes);
  }

  async apiVersions(): Promise<BrokerApiVersions[]> {
    await this.#call('apiVersions', 'any', () => this.#cluster.update());
    return Promise.all(
      [...this.#cluster.metadata.nodes.values()].map(async (node): Promise<BrokerApiVersions> => {
        try {
          const connection = await this.#cluster.broker(node.id);
          return { node, ranges: connection.requests.apiVersions, error: undefined };
        } catch (error) {
          return { node, ranges: undefined, error: error as KafkaError };
        }
      }),
    );
  }

  close(): Promise<void> {
    this.#cluster.close();
    return Promise.resolve();
  }
}

/** @throws KafkaError when the whole call must be sent again, to the controller of now */
function outcomes(results: readonly { readonly name: string | null; readonly errorCode: number; readonly errorMessage?: string | null }[]): Outcome[] {
  return results.map(({ name, errorCode, errorMessage }) => {
    const error = errorCode === 0 ? undefined : new KafkaError(errorByCode(errorCode), errorMessage ?? `${name}: ${errorByCode(errorCode)}`);
    if (error?.name === 'NOT_CONTROLLER') throw error;
    return { name: name ?? '', error };
  });
}

function configEntry(entry: { name: string; value: string | null; readOnly: boolean; configSource: number; isSensitive: boolean; synonyms: readonly { name: string; value: string | null; source: number }[] }): ConfigEntry {
  return {
    name: entry.name,
    value: entry.value,
    source: configSources[entry.configSource] ?? 'UNKNOWN',
    isReadOnly: entry.readOnly,
    isSensitive: entry.isSensitive,
    synonyms: entry.synonyms.map(({ name, value, source }) => ({ name, value, source: configSources[source] ?? 'UNKNOWN' })),
  };
}
