import { startBroker } from '../broker/broker.ts';
import type { Broker } from '../broker/broker.ts';
import { readBrokerConfiguration } from '../runtime/config/broker-config.ts';
import { silentLogger } from '../runtime/logger.ts';
import type { Logger } from '../runtime/logger.ts';
import { nodeClock } from '../runtime/node-clock.ts';
import { nodeDisk } from '../runtime/node-disk.ts';
import { nodeMachine } from '../runtime/node-machine.ts';
import { createNodeNetwork } from '../runtime/node-network.ts';
import { nodeRandom } from '../runtime/node-random.ts';
import { nodeWorkers } from '../runtime/node-workers.ts';
import { temporaryDirectory } from '../runtime/temporary-directory.ts';
import { startZooKeeperServer } from '../zookeeper-server/server.ts';
import type { ZooKeeperServer } from '../zookeeper-server/server.ts';
import { connectZooKeeper } from '../zookeeper/node-client.ts';

export interface TestClusterOptions {
  /** How many brokers; 1 unless given. Their ids begin with 1. */
  readonly brokers?: number;
  /** Kafka properties for every broker. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
  /** More Kafka properties for one broker, such as its `broker.rack`. */
  readonly propertiesOf?: (id: number) => Readonly<Record<string, string | number | boolean>>;
  /** Where everything is kept; a temporary folder that goes with the cluster unless given. */
  readonly dataDirectory?: string;
  readonly logger?: Logger;
}

/** ZooKeeper and brokers in this process, on free ports of 127.0.0.1: a real cluster, over real sockets and files. */
export interface TestCluster {
  /** For `bootstrap.servers`. */
  readonly bootstrapServers: string;
  /** For `zookeeper.connect`. */
  readonly zookeeperConnect: string;
  readonly dataDirectory: string;
  /** The brokers that run, by id. */
  readonly brokers: ReadonlyMap<number, Broker>;
  /** Stops a broker as SIGTERM does. */
  stopBroker(id: number): Promise<void>;
  /** Starts it again, on its port and data. */
  startBroker(id: number): Promise<void>;
  stop(): Promise<void>;
}

const sessionTimeoutMs = 2000;

export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const count = options.brokers ?? 1;
  const logger = options.logger ?? silentLogger;
  const network = createNodeNetwork();
  const folder = options.dataDirectory === undefined ? temporaryDirectory('ottla-test-') : { path: options.dataDirectory, remove: (): void => undefined };
  const ports = new Map<number, number>();
  const brokers = new Map<number, Broker>();
  const zookeeper: ZooKeeperServer = await startZooKeeperServer({
    clock: nodeClock,
    random: nodeRandom,
    disk: nodeDisk,
    network,
    logger,
    dataDirectory: `${folder.path}/zookeeper`,
    host: '127.0.0.1',
    port: 0,
    tickTimeMs: 200,
    maxClientConnections: 0,
    whitelist: ['*'],
  });
  const zookeeperConnect = `127.0.0.1:${zookeeper.port}`;

  async function start(id: number): Promise<void> {
    const internalReplicas = Math.min(3, count);
    const configuration = readBrokerConfiguration({
      'broker.id': String(id),
      listeners: `PLAINTEXT://127.0.0.1:${ports.get(id) ?? 0}`,
      'log.dirs': `${folder.path}/broker-${id}`,
      'zookeeper.connect': zookeeperConnect,
      'zookeeper.session.timeout.ms': String(sessionTimeoutMs),
      'offsets.topic.replication.factor': String(internalReplicas),
      'transaction.state.log.replication.factor': String(internalReplicas),
      'transaction.state.log.min.isr': String(Math.min(2, internalReplicas)),
      'group.initial.rebalance.delay.ms': '0',
      'controlled.shutdown.retry.backoff.ms': '100',
      ...Object.fromEntries(Object.entries({ ...options.properties, ...options.propertiesOf?.(id) }).map(([name, value]) => [name, String(value)])),
    });
    const broker = await startBroker({
      configuration,
      clock: nodeClock,
      random: nodeRandom,
      disk: nodeDisk,
      workers: nodeWorkers,
      network,
      logger,
      machine: nodeMachine,
      hostName: '127.0.0.1',
      connectZooKeeper: () => connectZooKeeper({ clock: nodeClock, random: nodeRandom, logger, connectString: zookeeperConnect, sessionTimeoutMs, connectionTimeoutMs: 10_000 }),
    });
    ports.set(id, broker.endpoints[0]!.port);
    brokers.set(id, broker);
  }

  async function stopBroker(id: number): Promise<void> {
    const broker = brokers.get(id);
    brokers.delete(id);
    await broker?.stop();
  }

  async function stop(): Promise<void> {
    await Promise.all(Array.from(brokers.keys(), (id) => stopBroker(id)));
    await zookeeper.stop();
    folder.remove();
  }

  try {
    await Promise.all(Array.from({ length: count }, (_, index) => start(index + 1)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    get bootstrapServers() {
      return Array.from(brokers.values(), ({ endpoints }) => `127.0.0.1:${endpoints[0]!.port}`).join(',');
    },
    zookeeperConnect,
    dataDirectory: folder.path,
    brokers,
    stopBroker,
    startBroker: start,
    stop,
  };
}
