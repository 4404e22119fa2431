import { createGroupCoordinator } from '../coordinator/group/coordinator.ts';
import type { GroupCoordinator } from '../coordinator/group/coordinator.ts';
import { groupTopic } from '../coordinator/group/group-log.ts';
import { createTransactionCoordinator } from '../coordinator/transaction/coordinator.ts';
import type { TransactionCoordinator } from '../coordinator/transaction/coordinator.ts';
import { transactionTopic } from '../coordinator/transaction/transaction-log.ts';
import { latchedPartitionCount } from '../coordinator/partition-for.ts';
import { createController } from '../controller/controller.ts';
import type { Controller } from '../controller/controller.ts';
import { interBrokerVersions } from '../protocol/inter-broker-versions.ts';
import type { InterBrokerVersions } from '../protocol/inter-broker-versions.ts';
import type { LogManager } from '../log/log-manager.ts';
import { openLogManager } from '../log/disk-log-manager.ts';
import { readMetaProperties, writeMetaProperties } from '../log/meta-properties.ts';
import type { SocketServer } from '../network/socket-server.ts';
import { startSocketServer } from '../network/socket-server.ts';
import { initialiseCodecs, loadCodecsOnDemand } from '../record/initialise-codecs.ts';
import type { CodecChoice } from '../record/initialise-codecs.ts';
import { createFetchSessions } from '../replica/fetch-session.ts';
import { createFollowerFetchers } from '../replica/follower-fetchers.ts';
import { writeIsrToZooKeeper } from '../replica/isr-store.ts';
import { createLentMemory } from '../replica/lent-memory.ts';
import { createRecordReader } from '../replica/record-reader.ts';
import { createReplicaManager } from '../replica/replica-manager.ts';
import type { ReplicaManager } from '../replica/replica-manager.ts';
import { replicaSelectorOf } from '../replica/replica-selector.ts';
import type { Clock } from '../runtime/clock.ts';
import { sleep } from '../runtime/clock.ts';
import type { BrokerConfig, BrokerConfiguration } from '../runtime/config/broker-config.ts';
import { logDirectories } from '../runtime/config/broker-config.ts';
import { createLiveConfiguration } from '../runtime/config/live-config.ts';
import { topicConfigOf } from '../runtime/config/topic-config.ts';
import type { Disk } from '../runtime/disk.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Network } from '../runtime/network.ts';
import { createObservation } from '../runtime/observation.ts';
import type { Observation } from '../runtime/observation.ts';
import type { Random } from '../runtime/random.ts';
import type { Workers } from '../runtime/workers.ts';
import { clusterIdPath } from '../zookeeper/paths.ts';
import { decodeClusterId, encodeClusterId } from '../zookeeper/znodes/cluster-id.ts';
import type { BrokerEndpoint } from '../zookeeper/znodes/broker-id.ts';
import type { SessionEvent, ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';
import { createBrokerChannels } from './broker-channels.ts';
import type { BrokerChannels } from './broker-channels.ts';
import { showBroker } from './broker-metrics.ts';
import { createConfigWatcher } from './config-watcher.ts';
import { handOver } from './controlled-shutdown.ts';
import { createDynamicBrokerConfigs } from './dynamic-broker-configs.ts';
import { createHandlers } from './handlers.ts';
import { readListeners, reachableBy } from './listeners.ts';
import type { Listeners } from './listeners.ts';
import { tellLogDirFailures } from './log-dir-events.ts';
import { createMetadataCache } from './metadata-cache.ts';
import type { MetadataCache } from './metadata-cache.ts';
import { observe } from './observed-broker.ts';
import { askControllerForProducerIds } from './allocate-producer-ids.ts';
import { makePersistentPaths } from './persistent-paths.ts';
import { createProducerIds } from './producer-ids.ts';
import { connectionLimits, createReconfiguration } from './reconfiguration.ts';
import { generateBrokerId, registerBroker } from './registration.ts';
import { createRequestDispatcher } from './request-dispatcher.ts';
import { createTopicAdmin } from './topic-admin.ts';
import { createTopicConfigCache } from './topic-config-cache.ts';
import { createTopicOverrides } from './topic-overrides.ts';
import { createMarkerWriter, markerDestination, sendMarkersVia } from './transaction-markers.ts';
import { createTransactionVerifier } from './transaction-verifier.ts';
import { createVerifiedAppends } from './verified-appends.ts';
import { createZooKeeperOffsets } from './zookeeper-offsets.ts';

export interface BrokerOptions {
  readonly configuration: BrokerConfiguration;
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly workers: Workers;
  readonly network: Network;
  readonly logger: Logger;
  /** The process to be watched and measured; a simulated broker has none. */
  readonly machine?: Machine;
  /** This machine's name, for listeners that bind all addresses and advertise none. */
  readonly hostName: string;
  readonly connectZooKeeper: () => Promise<ZooKeeper>;
  /** Called when no log directory is left: the process is to end, as Apache Kafka's does. Unless given the broker goes on, and answers KAFKA_STORAGE_ERROR. */
  readonly halt?: () => void;
  /** Loads native codecs; the simulator goes without, since loading takes real time. Unless given: CRC-32C now, the others when first needed. */
  readonly loadCodecs?: () => Promise<readonly CodecChoice[]>;
  /** Shown the parts before any of them works: for tests that look inside. */
  readonly inspect?: (inside: BrokerInside) => void;
}

/** What a broker is made of, to be looked at. */
export interface BrokerInside {
  readonly replicas: ReplicaManager;
  readonly logs: LogManager;
  readonly cache: MetadataCache;
  readonly controller: Controller;
}

/** No property: Apache Kafka has it fixed too (MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS). */
const fetchSessionEvictionMs = 120_000;
/** Between two tries to register with a new session. */
const sessionRetryMs = 1000;

export interface Broker {
  readonly id: number;
  readonly clusterId: string;
  /** Where each listener listens. */
  readonly endpoints: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  readonly isController: boolean;
  /** Hands over its leaders, closes everything, and leaves the clean-shutdown marker. */
  stop(): Promise<void>;
}

/**
 * Starts a broker in Apache Kafka's order: ZooKeeper, cluster id, logs, sockets, registration, controller race.
 * @throws InvalidProperty, InconsistentBrokerMetadata, LogFailure, ZooKeeperError, or an Error that says what to do
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { machine, clock, logger } = options;
  const observation = createObservation(clock);
  const endObservation = machine === undefined ? () => Promise.resolve() : await observe({ machine, clock, logger, config: options.configuration.own, observation });
  try {
    return await startParts(options, observation, endObservation);
  } catch (error) {
    await endObservation();
    throw error;
  }
}

async function startParts(options: BrokerOptions, observation: Observation, endObservation: () => Promise<void>): Promise<Broker> {
  const { clock, disk, random, network, workers } = options;
  const live = createLiveConfiguration(options.configuration);
  const config = live.values;
  const listeners = readListeners(config);
  const protocol = interBrokerVersions(config['inter.broker.protocol.version']);
  const selector = replicaSelectorOf(config['replica.selector.class']);
  const codecs = (options.loadCodecs ?? loadCodecsLazilyTo(options.logger))();
  const { metrics, work } = observation;
  const zookeeper = await options.connectZooKeeper();
  let server: SocketServer | undefined;
  let logs: LogManager | undefined;
  try {
    const [clusterId] = await Promise.all([clusterIdOf(zookeeper, random), makePersistentPaths(zookeeper)]);
    const brokerId = await identify(zookeeper, disk, config, clusterId);
    const logger = options.logger.with({ broker: brokerId });
    logger.info('codecs ready', { choices: await codecs });
    logger.info('cluster id', { clusterId });

    const overrides = createTopicOverrides(() => zookeeper, (topic) => reconfiguration.topicChanged(topic));
    const configOf = createTopicConfigCache(live, overrides);
    const reconfiguration = createReconfiguration({ brokerId, live, clock, topicConfigOf: configOf });
    const { quotas, parts } = reconfiguration;
    const brokerConfigs = createDynamicBrokerConfigs({ brokerId, live, zookeeper: () => zookeeper, logger, changed: (before) => reconfiguration.brokerChanged(before) });
    const configs = createConfigWatcher({ zookeeper: () => zookeeper, clock, logger });
    configs.listen(brokerConfigs);
    configs.listen(overrides);
    await configs.start();
    logs = await openLogManager({ clock, random, disk, workers, logger, config, topicConfigOf: configOf, work });
    parts.logs = logs;
    writeMetaProperties(disk, clock, logs.liveDirectories, brokerId, clusterId);

    let brokerEpoch = -1;
    const cache = createMetadataCache();
    const replicas: ReplicaManager = createReplicaManager({
      brokerId,
      brokerEpoch: () => brokerEpoch,
      clock,
      logger,
      config,
      logs,
      topicConfigOf: configOf,
      isKnownPartition: (topic, partition) => cache.topics.get(topic)?.partitions.has(partition) ?? false,
      isBrokerAlive: (id) => cache.brokers.has(id),
      writeIsr: writeIsrToZooKeeper(() => zookeeper),
      quotas,
      metrics,
      selector,
      reachableBroker(id, listenerName) {
        const broker = cache.brokers.get(id);
        return broker?.endpoints.some(({ listener }) => listener === listenerName) === true ? { rack: broker.rack ?? undefined } : undefined;
      },
      fetchers: (manager) => createFollowerFetchers({ brokerId, network, clock, logger, config, quota: quotas.follower, changed: (partition) => manager.replicaChanged(partition) }),
    });
    const groupPartitionCount = latchedPartitionCount(() => cache.topics.get(groupTopic)?.partitions.size);
    const groups = createGroupCoordinator({ clock, random, logger, config, protocol, replicas, partitionCount: groupPartitionCount });
    const channelsAs = (clientId: string): BrokerChannels => createBrokerChannels({ network, clock, config, cache, listenerName: listeners.interBroker, clientId });
    const controllerChannels = channelsAs(`broker-${brokerId}-to-controller`);
    const producerIds = createProducerIds({
      zookeeper: () => zookeeper,
      brokerId,
      askController: protocol.allocateProducerIds === null ? undefined : askControllerForProducerIds({ brokerId, brokerEpoch: () => brokerEpoch, cache, channels: controllerChannels }),
      logger,
    });
    const markerChannels = channelsAs(`broker-${brokerId}-txn-marker-sender`);
    const verificationChannels = channelsAs(`broker-${brokerId}-add-partitions-to-txn-sender`);
    const transactionPartitionCount = latchedPartitionCount(() => cache.topics.get(transactionTopic)?.partitions.size);
    const markerWriter = createMarkerWriter({ replicas, groups, clock, timeoutMs: config['request.timeout.ms'] });
    const transactions = createTransactionCoordinator({
      clock,
      logger,
      config,
      replicas,
      partitionCount: transactionPartitionCount,
      newProducerId: () => producerIds.next(),
      leaderOf: (topic, partition) => markerDestination(cache, topic, partition),
      sendMarkers: sendMarkersVia(brokerId, markerWriter, markerChannels, protocol.writeTxnMarkers),
    });
    const verifier = createTransactionVerifier({ brokerId, cache, channels: verificationChannels, coordinator: transactions, partitionCount: transactionPartitionCount, logger });
    const verifiedAppends = createVerifiedAppends({ replicas, verifier, isEnabled: () => config['transaction.partition.verification.enable'] });
    const admin = createTopicAdmin({ zookeeper: () => zookeeper, random, config, protocol });
    const controller = createController({
      brokerId,
      clock,
      random,
      network,
      logger,
      zookeeper: () => zookeeper,
      protocol,
      listenerName: listeners.interBroker,
      requestTimeoutMs: config['controller.socket.timeout.ms'],
      rebalance: {
        isEnabled: config['auto.leader.rebalance.enable'],
        intervalMs: config['leader.imbalance.check.interval.seconds'] * 1000,
        percentage: config['leader.imbalance.per.broker.percentage'],
      },
      isTopicDeletionEnabled: config['delete.topic.enable'],
      isUncleanElectionAllowed: async (topic) => topicConfigOf(config, await admin.configOf(topic))['unclean.leader.election.enable'],
    });
    parts.controller = controller;
    options.inspect?.({ replicas, logs, cache, controller });
    const lent = createLentMemory(createRecordReader());
    const sessions = createFetchSessions({
      sessionsMax: config['max.incremental.fetch.session.cache.slots'],
      evictAfterMs: fetchSessionEvictionMs,
      newId: () => 1 + random.integer(0x7ffffffe),
    });
    const sink = createRequestDispatcher({
      logger,
      observation,
      handlers: createHandlers({
        brokerId,
        clusterId,
        broker: live,
        brokerConfigs,
        clock,
        cache,
        disk,
        logger,
        metrics,
        logs,
        replicas,
        controller,
        groups,
        groupPartitionCount,
        transactions,
        transactionPartitionCount,
        markerWriter,
        verifiedAppends,
        zookeeperOffsets: createZooKeeperOffsets(() => zookeeper),
        admin,
        overrides,
        producerIds,
        lent,
        sessions,
        topicConfigOf: configOf,
        brokerEpoch: () => brokerEpoch,
      }),
      endOfTurn: () => replicas.flushAppends(),
    });
    server = await startSocketServer({
      network,
      clock,
      logger,
      sink,
      listeners: listeners.bound,
      requestBytesMax: config['socket.request.max.bytes'],
      queuedBytesMax: config['queued.max.request.bytes'],
      limits: connectionLimits(config),
      idleMsMax: config['connections.max.idle.ms'],
      sendBufferBytes: config['socket.send.buffer.bytes'],
      work,
    });
    parts.server = server;
    showBroker(metrics, { replicas, controller, groups, logs, server, sessions, lent, queuedBytesMax: config['queued.max.request.bytes'] });
    const endpoints = advertisedEndpoints(listeners, server, options.hostName);
    const register = (): Promise<number> => registerBroker({ zookeeper, clock, logger, config, protocol, brokerId, endpoints });
    brokerEpoch = await register();
    for (const { listener, host, port } of endpoints) logger.info('listener advertised', { listener, address: `${host}:${port}`, reachableBy: reachableBy(host) });
    const forgetSession = zookeeper.onSession((event) => void sessionChanged(event));

    async function sessionChanged(event: SessionEvent): Promise<void> {
      if (event.kind === 'expired') {
        logger.warn('ZooKeeper session expired: no longer registered, nor the controller');
        controller.resign();
      }
      if (event.kind !== 'new-session') return;
      for (const session = zookeeper.sessionId; session === zookeeper.sessionId; await sleep(clock, sessionRetryMs)) {
        try {
          brokerEpoch = await register();
          logger.info('registered again with a new session', { brokerEpoch });
          await configs.start();
          await controller.start();
          return;
        } catch (error) {
          if (error instanceof ZooKeeperError && error.name === 'SESSION_EXPIRED') return; // the next session tries again
          logger.error('cannot register again; trying on', { error });
        }
      }
    }

    tellLogDirFailures({ logs, zookeeper: () => zookeeper, brokerId, logger, halt: options.halt ?? (() => undefined) });
    replicas.start();
    groups.start();
    transactions.start();
    server.enableRequestProcessing();
    await controller.start();
    logger.info(`[KafkaServer id=${brokerId}] started (kafka.server.KafkaServer)`, { brokerEpoch });
    return runningBroker({ brokerId, clusterId, config, protocol, listeners, clock, network, logger, zookeeper, cache, controller, groups, transactions, channels: [controllerChannels, markerChannels, verificationChannels], replicas, logs, server, forgetSession, endObservation, brokerEpoch: () => brokerEpoch });
  } catch (error) {
    await server?.close();
    await logs?.close();
    await zookeeper.close();
    throw error;
  }
}

function loadCodecsLazilyTo(logger: Logger): () => Promise<readonly CodecChoice[]> {
  return () => {
    loadCodecsOnDemand((choice) => logger.info('codec loaded', { ...choice }));
    return initialiseCodecs(['crc32c']);
  };
}

interface Running {
  readonly brokerId: number;
  readonly clusterId: string;
  readonly config: BrokerConfig;
  readonly protocol: InterBrokerVersions;
  readonly listeners: Listeners;
  readonly clock: Clock;
  readonly network: Network;
  readonly logger: Logger;
  readonly zookeeper: ZooKeeper;
  readonly cache: MetadataCache;
  readonly controller: Controller;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly channels: readonly BrokerChannels[];
  readonly replicas: ReplicaManager;
  readonly logs: LogManager;
  readonly server: SocketServer;
  readonly forgetSession: () => void;
  readonly endObservation: () => Promise<void>;
  readonly brokerEpoch: () => number;
}

function runningBroker(running: Running): Broker {
  const { brokerId, clusterId, config, logger, zookeeper, controller, groups, transactions, replicas, logs, server } = running;
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    logger.info(`[KafkaServer id=${brokerId}] shutting down (kafka.server.KafkaServer)`);
    if (config['controlled.shutdown.enable']) await handOver({ ...running, listenerName: running.listeners.interBroker });
    running.forgetSession();
    controller.stop();
    await server.close();
    groups.close();
    transactions.close();
    for (const channels of running.channels) channels.close();
    replicas.close();
    await logs.close();
    await zookeeper.close();
    await running.endObservation();
    logger.info(`[KafkaServer id=${brokerId}] shut down completed (kafka.server.KafkaServer)`);
  }

  return {
    id: brokerId,
    clusterId,
    endpoints: server.endpoints,
    get isController() {
      return controller.isActive;
    },
    stop: () => (stopped ??= stop()),
  };
}

async function clusterIdOf(zookeeper: ZooKeeper, random: Random): Promise<string> {
  const found = await zookeeper.find(clusterIdPath);
  if (found !== undefined) return decodeClusterId(found.data);
  const proposed = random.bytes(16).toString('base64url');
  try {
    await zookeeper.createPath(clusterIdPath.slice(0, clusterIdPath.lastIndexOf('/')));
    await zookeeper.create(clusterIdPath, encodeClusterId(proposed));
    return proposed;
  } catch (error) {
    if (!(error instanceof ZooKeeperError) || error.name !== 'NODE_EXISTS') throw error;
    return decodeClusterId((await zookeeper.get(clusterIdPath)).data);
  }
}

/** Which broker this is: by broker.id, meta.properties, or a new id. @throws Error when they contradict each other */
async function identify(zookeeper: ZooKeeper, disk: Disk, config: BrokerConfig, clusterId: string): Promise<number> {
  const { common } = readMetaProperties(disk, logDirectories(config));
  if (common.clusterId !== undefined && common.clusterId !== clusterId) {
    throw new Error(
      `The Cluster ID ${clusterId} doesn't match stored clusterId Some(${common.clusterId}) in meta.properties. The broker is trying to join the wrong cluster: check zookeeper.connect and log.dirs, or empty log.dirs to start anew.`,
    );
  }
  const configured = config['broker.id'];
  if (configured >= 0 && common.brokerId !== undefined && common.brokerId !== configured) {
    throw new Error(`Configured broker.id ${configured} doesn't match stored broker.id ${common.brokerId} in meta.properties. If you moved your data, make sure your configured broker.id matches.`);
  }
  if (configured >= 0) return configured;
  if (common.brokerId !== undefined) return common.brokerId;
  if (!config['broker.id.generation.enable']) throw new Error('broker.id is not set and broker.id.generation.enable is false; set one of them');
  return generateBrokerId(zookeeper, config);
}

function advertisedEndpoints({ bound, advertised }: Listeners, server: SocketServer, hostName: string): BrokerEndpoint[] {
  return advertised.map(({ name, host, port, securityProtocol }) => {
    const index = bound.findIndex((listener) => listener.name === name);
    return { listener: name, host: host ?? hostName, port: port === 0 ? server.endpoints[index]!.port : port, securityProtocol };
  });
}
