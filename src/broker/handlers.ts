import type { TransactionCoordinator } from '../coordinator/transaction/coordinator.ts';
import type { GroupCoordinator } from '../coordinator/group/coordinator.ts';
import type { Controller } from '../controller/controller.ts';
import type { LogManager } from '../log/log-manager.ts';
import { KafkaError } from '../protocol/errors.ts';
import type { FetchSessions } from '../replica/fetch-session.ts';
import type { LentMemory } from '../replica/lent-memory.ts';
import type { ReplicaManager } from '../replica/replica-manager.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Disk } from '../runtime/disk.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { LiveConfiguration } from '../runtime/config/live-config.ts';
import type { TopicConfig } from '../runtime/config/topic-config.ts';
import { createConfigAdmin } from './config-admin.ts';
import { leaderHintsFrom } from './current-leaders.ts';
import type { DynamicBrokerConfigs } from './dynamic-broker-configs.ts';
import { countedFetch } from './fetch-traffic.ts';
import { firstMetadata } from './first-metadata.ts';
import type { AnyHandler } from './handler.ts';
import { addOffsetsToTxnHandler } from './handlers/add-offsets-to-txn.ts';
import { addPartitionsToTxnHandler } from './handlers/add-partitions-to-txn.ts';
import { allocateProducerIdsHandler } from './handlers/allocate-producer-ids.ts';
import { alterConfigsHandler } from './handlers/alter-configs.ts';
import { alterPartitionReassignmentsHandler } from './handlers/alter-partition-reassignments.ts';
import { alterPartitionHandler } from './handlers/alter-partition.ts';
import { alterReplicaLogDirsHandler } from './handlers/alter-replica-log-dirs.ts';
import { apiVersionsHandler } from './handlers/api-versions.ts';
import { consumerGroupDescribeHandler } from './handlers/consumer-group-describe.ts';
import { consumerGroupHeartbeatHandler } from './handlers/consumer-group-heartbeat.ts';
import { controlledShutdownHandler } from './handlers/controlled-shutdown.ts';
import { createPartitionsHandler } from './handlers/create-partitions.ts';
import { createTopicsHandler } from './handlers/create-topics.ts';
import { deleteGroupsHandler } from './handlers/delete-groups.ts';
import { deleteRecordsHandler } from './handlers/delete-records.ts';
import { deleteTopicsHandler } from './handlers/delete-topics.ts';
import { describeClusterHandler } from './handlers/describe-cluster.ts';
import { describeConfigsHandler } from './handlers/describe-configs.ts';
import { describeGroupsHandler } from './handlers/describe-groups.ts';
import { describeLogDirsHandler } from './handlers/describe-log-dirs.ts';
import { describeProducersHandler } from './handlers/describe-producers.ts';
import { describeTransactionsHandler } from './handlers/describe-transactions.ts';
import { electLeadersHandler } from './handlers/elect-leaders.ts';
import { endTxnHandler } from './handlers/end-txn.ts';
import { fetchHandler } from './handlers/fetch.ts';
import { findCoordinatorHandler } from './handlers/find-coordinator.ts';
import { heartbeatHandler } from './handlers/heartbeat.ts';
import { incrementalAlterConfigsHandler } from './handlers/incremental-alter-configs.ts';
import { initProducerIdHandler } from './handlers/init-producer-id.ts';
import { joinGroupHandler } from './handlers/join-group.ts';
import { leaderAndIsrHandler } from './handlers/leader-and-isr.ts';
import { leaveGroupHandler } from './handlers/leave-group.ts';
import { listGroupsHandler } from './handlers/list-groups.ts';
import { listOffsetsHandler } from './handlers/list-offsets.ts';
import { listPartitionReassignmentsHandler } from './handlers/list-partition-reassignments.ts';
import { listTransactionsHandler } from './handlers/list-transactions.ts';
import { metadataHandler } from './handlers/metadata.ts';
import { offsetCommitHandler } from './handlers/offset-commit.ts';
import { offsetDeleteHandler } from './handlers/offset-delete.ts';
import { offsetFetchHandler } from './handlers/offset-fetch.ts';
import { offsetForLeaderEpochHandler } from './handlers/offset-for-leader-epoch.ts';
import { produceHandler } from './handlers/produce.ts';
import { stopReplicaHandler } from './handlers/stop-replica.ts';
import { syncGroupHandler } from './handlers/sync-group.ts';
import { txnOffsetCommitHandler } from './handlers/txn-offset-commit.ts';
import { updateMetadataHandler } from './handlers/update-metadata.ts';
import { writeTxnMarkersHandler } from './handlers/write-txn-markers.ts';
import type { MetadataCache } from './metadata-cache.ts';
import type { ProducerIds } from './producer-ids.ts';
import type { TopicAdmin } from './topic-admin.ts';
import type { TopicOverrides } from './topic-overrides.ts';
import type { MarkerWriter } from './transaction-markers.ts';
import type { VerifiedAppends } from './verified-appends.ts';
import type { ZooKeeperOffsets } from './zookeeper-offsets.ts';

export interface HandlerDependencies {
  readonly brokerId: number;
  readonly clusterId: string;
  readonly broker: LiveConfiguration;
  readonly brokerConfigs: DynamicBrokerConfigs;
  readonly clock: Clock;
  readonly cache: MetadataCache;
  readonly disk: Disk;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly logs: LogManager;
  readonly replicas: ReplicaManager;
  readonly controller: Controller;
  readonly groups: GroupCoordinator;
  /** Partitions of __consumer_offsets; undefined while the topic is not known. */
  readonly groupPartitionCount: () => number | undefined;
  readonly transactions: TransactionCoordinator;
  /** Partitions of __transaction_state; undefined while the topic is not known. */
  readonly transactionPartitionCount: () => number | undefined;
  readonly markerWriter: MarkerWriter;
  readonly verifiedAppends: VerifiedAppends;
  readonly zookeeperOffsets: ZooKeeperOffsets;
  readonly admin: TopicAdmin;
  readonly overrides: TopicOverrides;
  readonly producerIds: ProducerIds;
  /** Reads records for answers. */
  readonly lent: LentMemory;
  readonly sessions: FetchSessions;
  readonly topicConfigOf: (topic: string) => TopicConfig;
  readonly brokerEpoch: () => number;
}

/** Every API that works; ApiVersions offers these and no others. */
export function createHandlers(dependencies: HandlerDependencies): readonly AnyHandler[] {
  const { brokerId, clusterId, broker, clock, cache, replicas, controller, groups, transactions, zookeeperOffsets, admin, overrides, lent, sessions, topicConfigOf } = dependencies;
  const config = broker.values;
  const configAdmin = createConfigAdmin({ brokerId, cache, topics: admin, brokers: dependencies.brokerConfigs, topicConfigOf });
  const createHints = leaderHintsFrom(replicas, cache);
  const isController = (): boolean => controller.isActive;
  const hasPartitions = dependencies.logs.logs()[Symbol.iterator]().next().done === false;

  function checkBrokerEpoch(epoch: number): void {
    // -1 comes from controllers before 2.2, which know no broker epochs (KIP-380).
    if (epoch >= 0 && epoch < dependencies.brokerEpoch()) throw new KafkaError('STALE_BROKER_EPOCH', `broker epoch ${epoch} is of an earlier registration`);
  }

  async function createTopic(name: string): Promise<void> {
    await admin.create({ name, partitions: -1, replicationFactor: -1, assignment: new Map(), configs: {} }, false);
  }

  async function createInternalTopic(name: string): Promise<void> {
    const isOffsets = name === '__consumer_offsets';
    await admin.create(
      {
        name,
        partitions: config[isOffsets ? 'offsets.topic.num.partitions' : 'transaction.state.log.num.partitions'],
        replicationFactor: config[isOffsets ? 'offsets.topic.replication.factor' : 'transaction.state.log.replication.factor'],
        assignment: new Map(),
        configs: isOffsets
          ? { 'cleanup.policy': 'compact', 'compression.type': 'producer', 'segment.bytes': String(config['offsets.topic.segment.bytes']) }
          : {
              'cleanup.policy': 'compact',
              'compression.type': 'uncompressed',
              'min.insync.replicas': String(config['transaction.state.log.min.isr']),
              'segment.bytes': String(config['transaction.state.log.segment.bytes']),
              'unclean.leader.election.enable': 'false',
            },
      },
      false,
    );
  }

  const handlers: readonly AnyHandler[] = [
    produceHandler(replicas, dependencies.verifiedAppends, createHints),
    countedFetch(fetchHandler({
      logger: dependencies.logger,
      manager: replicas,
      createHints,
      reader: lent.reader,
      clock,
      sessions,
      answerBytesMax: () => lent.answerBytesMax(config['fetch.max.bytes']),
      topicNameOf: (topicId) => cache.topicNameOf(topicId),
      topicIdOf: (topic) => cache.topics.get(topic)?.topicId,
      isDownConversionAllowed: (topic) => topicConfigOf(topic)['message.downconversion.enable'],
    }), dependencies.metrics),
    listOffsetsHandler(replicas),
    metadataHandler({ cache, clusterId, createsTopics: config['auto.create.topics.enable'], createTopic, firstMetadata: firstMetadata(cache, clock, hasPartitions) }),
    leaderAndIsrHandler(replicas, checkBrokerEpoch, (topics, fresh) => overrides.prepare(topics, fresh)),
    stopReplicaHandler(replicas, checkBrokerEpoch),
    updateMetadataHandler({ cache, replicas, groups, checkBrokerEpoch }),
    controlledShutdownHandler(controller),
    offsetCommitHandler({ coordinator: groups, cache, clock, zookeeperOffsets, metadataLengthMax: config['offset.metadata.max.bytes'] }),
    offsetFetchHandler({ coordinator: groups, cache, zookeeperOffsets }),
    findCoordinatorHandler({ cache, config, groupPartitionCount: dependencies.groupPartitionCount, transactionPartitionCount: dependencies.transactionPartitionCount, createInternalTopic }),
    joinGroupHandler(groups),
    heartbeatHandler(groups),
    leaveGroupHandler(groups),
    syncGroupHandler(groups),
    describeGroupsHandler(groups),
    listGroupsHandler(groups),
    apiVersionsHandler(() => handlers.map(({ request }) => request)),
    createTopicsHandler({ admin, isController, cache, clock, broker }),
    deleteTopicsHandler({ admin, isController, cache, clock, isEnabled: config['delete.topic.enable'] }),
    initProducerIdHandler(dependencies.producerIds, transactions),
    offsetForLeaderEpochHandler(replicas),
    addPartitionsToTxnHandler(transactions, cache),
    addOffsetsToTxnHandler(transactions, dependencies.groupPartitionCount),
    endTxnHandler(transactions),
    writeTxnMarkersHandler(dependencies.markerWriter),
    txnOffsetCommitHandler({ coordinator: groups, cache, clock, appends: dependencies.verifiedAppends }),
    describeConfigsHandler({ brokerId, broker, cache, admin }),
    createPartitionsHandler({ admin, isController, cache, clock }),
    alterConfigsHandler(configAdmin),
    alterPartitionHandler(controller, (topicId) => cache.topicNameOf(topicId)),
    alterPartitionReassignmentsHandler(controller),
    listPartitionReassignmentsHandler(controller),
    deleteGroupsHandler(groups),
    electLeadersHandler(controller, cache, clock),
    deleteRecordsHandler(replicas),
    offsetDeleteHandler(groups, cache),
    incrementalAlterConfigsHandler(configAdmin),
    alterReplicaLogDirsHandler(replicas),
    describeLogDirsHandler(dependencies.logs, dependencies.disk, dependencies.logger),
    allocateProducerIdsHandler(controller, dependencies.producerIds),
    describeClusterHandler(cache, clusterId),
    describeProducersHandler(replicas, cache),
    describeTransactionsHandler(transactions),
    listTransactionsHandler(transactions),
    consumerGroupHeartbeatHandler,
    consumerGroupDescribeHandler,
  ];
  return handlers;
}
