import { leaderHintsFrom } from '../../../src/broker/current-leaders.ts';
import { createMetadataCache } from '../../../src/broker/metadata-cache.ts';
import { createRequestDispatcher } from '../../../src/broker/request-dispatcher.ts';
import { fetchHandler } from '../../../src/broker/handlers/fetch.ts';
import { leaderAndIsrHandler } from '../../../src/broker/handlers/leader-and-isr.ts';
import { listOffsetsHandler } from '../../../src/broker/handlers/list-offsets.ts';
import { offsetForLeaderEpochHandler } from '../../../src/broker/handlers/offset-for-leader-epoch.ts';
import { createVerifiedAppends } from '../../../src/broker/verified-appends.ts';
import { produceHandler } from '../../../src/broker/handlers/produce.ts';
import { stopReplicaHandler } from '../../../src/broker/handlers/stop-replica.ts';
import type { LogManager } from '../../../src/log/log-manager.ts';
import type { ClientConnection, RequestSink } from '../../../src/network/request-sink.ts';
import { apiByKey } from '../../../src/protocol/apis.ts';
import { decodeRequestHeader, decodeResponseHeader, encodeRequest } from '../../../src/protocol/frame.ts';
import type { MessageSchema } from '../../../src/protocol/schema.ts';
import { createFetchSessions } from '../../../src/replica/fetch-session.ts';
import { createFollowerFetchers } from '../../../src/replica/follower-fetchers.ts';
import { createRecordReader } from '../../../src/replica/record-reader.ts';
import { createReplicaManager } from '../../../src/replica/replica-manager.ts';
import type { ReplicaManager, WriteIsr } from '../../../src/replica/replica-manager.ts';
import { topicConfigOf } from '../../../src/runtime/config/topic-config.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { createBufferPool } from '../../../src/runtime/buffer-pool.ts';
import type { BufferPool } from '../../../src/runtime/buffer-pool.ts';
import { createNodeNetwork } from '../../../src/runtime/node-network.ts';
import { createObservation } from '../../../src/runtime/observation.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import { replicaSelectorOf } from '../../../src/replica/replica-selector.ts';
import { createReplicationQuota } from '../../../src/replica/replication-quota.ts';
import type { ReplicationQuota } from '../../../src/replica/replication-quota.ts';
import { brokerConfig, openManager } from '../../unit/log/support.ts';
import { bytesOf } from '../../support/bytes-of.ts';

/** Overwrites what is given back: who looks at it later is found out. */
function poisoning(): BufferPool {
  const pool = createBufferPool();
  return { borrow: pool.borrow, giveBack: (buffer) => pool.giveBack(buffer.fill(0xcc)) };
}

export interface TestReplicas {
  readonly id: number;
  readonly manager: ReplicaManager;
  readonly logs: LogManager;
  readonly sink: RequestSink;
  /** Topic ids that the broker knows, by name. */
  readonly topicIds: Map<string, string>;
  readonly knownPartitions: Set<string>;
  readonly aliveBrokers: Set<number>;
  /** Fetches that want to hear when their connection closes. */
  readonly closeListeners: Set<() => void>;
  /** Handles a frame without its size as the socket server would; each answer is decoded. */
  ask(frame: Buffer): Promise<unknown>;
  send<Q>(request: MessageSchema<unknown, Q>, version: number, value: Q, clientId?: string): Promise<unknown>;
  stop(): Promise<void>;
}

export interface TestReplicasOptions {
  readonly id: number;
  readonly folder: string;
  readonly clock: Clock;
  readonly writeIsr?: WriteIsr;
  readonly broker?: Readonly<Record<string, string>>;
  readonly topic?: Readonly<Record<string, string>>;
}

export class ConnectionClosed extends Error {}

/** The replica room with its handlers and a log on a real disk, without sockets, ZooKeeper and controller. */
export async function startReplicas({ id, folder, clock, writeIsr, broker = {}, topic = {} }: TestReplicasOptions): Promise<TestReplicas> {
  const properties = { 'broker.id': String(id), 'replica.fetch.wait.max.ms': '50', 'replica.fetch.backoff.ms': '20', ...broker };
  const config = brokerConfig([folder], properties);
  const logs = await openManager([folder], { clock, broker: properties, topic });
  const topicIds = new Map<string, string>();
  const knownPartitions = new Set<string>();
  const aliveBrokers = new Set([1, 2, 3]);
  const quota = (): ReplicationQuota => createReplicationQuota({ clock, rate: () => throttle.bytesPerSecond, windowCount: 11, windowMs: 1000 });
  const throttle = { bytesPerSecond: Infinity };
  const observation = createObservation(clock);
  const quotas = { leader: quota(), follower: quota(), alterLogDirs: quota() };
  const manager = createReplicaManager({
    brokerId: id,
    brokerEpoch: () => 0,
    clock,
    logger: silentLogger,
    config,
    logs,
    topicConfigOf: () => topicConfigOf(config, topic),
    isKnownPartition: (name, partition) => knownPartitions.has(`${name}-${partition}`),
    isBrokerAlive: (other) => aliveBrokers.has(other),
    writeIsr: writeIsr ?? ((partition, isr) => Promise.resolve({ isr, partitionEpoch: partition.state!.partitionEpoch + 1 })),
    selector: replicaSelectorOf(config['replica.selector.class']),
    reachableBroker: (other) => ({ rack: `rack-${other}` }),
    quotas,
    metrics: observation.metrics,
    fetchers: (self) => createFollowerFetchers({ brokerId: id, network: createNodeNetwork(), clock, logger: silentLogger, config, quota: quotas.follower, pool: poisoning(), changed: (partition) => self.replicaChanged(partition) }),
  });
  let sessions = 0;
  const createHints = leaderHintsFrom(manager, createMetadataCache());
  const handlers = [
    produceHandler(manager, createVerifiedAppends({ replicas: manager, verifier: { verify: (question, done) => done(question.partitions.map(() => 'NONE')) }, isEnabled: () => true }), createHints),
    fetchHandler({
      logger: silentLogger,
      manager,
      createHints,
      reader: createRecordReader(),
      clock,
      sessions: createFetchSessions({ sessionsMax: 100, evictAfterMs: 120_000, newId: () => ++sessions }),
      answerBytesMax: () => config['fetch.max.bytes'],
      topicNameOf: (topicId) => Array.from(topicIds).find(([, known]) => known === topicId)?.[0],
      topicIdOf: (name) => topicIds.get(name),
      isDownConversionAllowed: () => true,
    }),
    listOffsetsHandler(manager),
    offsetForLeaderEpochHandler(manager),
    leaderAndIsrHandler(manager, () => undefined, () => Promise.resolve()),
    stopReplicaHandler(manager, () => undefined),
  ];
  const sink = createRequestDispatcher({ logger: silentLogger, observation, handlers, endOfTurn: () => manager.flushAppends() });

  const closeListeners = new Set<() => void>();

  function ask(frame: Buffer): Promise<unknown> {
    const header = decodeRequestHeader(frame, 0, frame.length);
    return new Promise((resolve, reject) => {
      const connection: ClientConnection = {
        id: 1,
        listenerName: 'PLAINTEXT',
        securityProtocol: 'PLAINTEXT',
        remoteAddress: '127.0.0.1',
        remotePort: 1,
        principal: 'User:ANONYMOUS',
        clientSoftware: undefined,
        sendsFiles: () => true,
        onClosed(listener) {
          closeListeners.add(listener);
          return () => closeListeners.delete(listener);
        },
        destroy: (reason) => reject(new ConnectionClosed(reason)),
      };
      sink.handle({ header, buffer: frame, bodyStart: header.bodyStart, bodyEnd: frame.length, connection }, (chunks, sent) => {
        if (chunks === undefined) {
          resolve(undefined);
          return;
        }
        const answer = bytesOf(chunks).subarray(4);
        sent?.();
        const { bodyStart } = decodeResponseHeader(header.apiKey, header.apiVersion, answer, 0, answer.length);
        resolve(apiByKey(header.apiKey)!.response.decode(answer, bodyStart, answer.length, header.apiVersion));
      });
      sink.endOfTurn();
    });
  }

  return {
    id,
    manager,
    logs,
    sink,
    topicIds,
    knownPartitions,
    aliveBrokers,
    closeListeners,
    ask,
    send: (request, version, value, clientId = 'test') => ask(Buffer.concat(encodeRequest(request, version, 1, clientId, value)).subarray(4)),
    async stop() {
      manager.close();
      await logs.close();
    },
  };
}

export interface Leadership {
  readonly topic: string;
  readonly partition?: number;
  readonly topicId?: string;
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
  readonly replicas: readonly number[];
  readonly leaders?: readonly { readonly brokerId: number; readonly hostName: string; readonly port: number }[];
}

/** A LeaderAndIsr of version 7 with one partition. */
export function leadership({ topic, partition = 0, topicId, leader, leaderEpoch, isr, replicas, leaders = [] }: Leadership) {
  const state = { partitionIndex: partition, controllerEpoch: 1, leader, leaderEpoch, isr: [...isr], partitionEpoch: leaderEpoch, replicas: [...replicas], isNew: true };
  return {
    controllerId: 1,
    controllerEpoch: 1,
    brokerEpoch: 0,
    type: 0,
    topicStates: [{ topicName: topic, ...(topicId === undefined ? {} : { topicId }), partitionStates: [state] }],
    liveLeaders: leaders.map((one) => ({ ...one })),
  };
}
