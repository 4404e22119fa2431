import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { silentLogger } from '../../src/runtime/logger.ts';
import { nodeClock } from '../../src/runtime/node-clock.ts';
import { nodeRandom } from '../../src/runtime/node-random.ts';
import { connectZooKeeper } from '../../src/zookeeper/node-client.ts';
import { controllerPath, partitionStatePath, topicPath } from '../../src/zookeeper/paths.ts';
import { decodeController } from '../../src/zookeeper/znodes/controller.ts';
import { decodePartitionState } from '../../src/zookeeper/znodes/partition-state.ts';
import type { PartitionState } from '../../src/zookeeper/znodes/partition-state.ts';
import { decodeTopic } from '../../src/zookeeper/znodes/topic.ts';
import type { ZooKeeper } from '../../src/zookeeper/zookeeper.ts';
import { freePort, runCommand, runTool, startOurBroker, startOurZooKeeper, temporaryFolder } from '../support/processes.ts';
import type { ToolRun } from '../support/processes.ts';
import { startMeasuredKafka, startRealKafka, startRealZooKeeper } from './real-kafka.ts';
import type { KafkaVersion } from './real-kafka.ts';
import { kcat } from './requirements.ts';

export type BrokerKind = 'ours' | KafkaVersion;

interface Running {
  readonly kind: BrokerKind;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** A cluster whose brokers are ours or Apache Kafka's, each id with its port and data folder for good, whoever runs on it. */
export interface MixedCluster {
  /** Where everything of it lies; gone after `close`. */
  readonly folder: string;
  readonly zookeeper: ZooKeeper;
  readonly bootstrap: string;
  readonly controllerId: () => Promise<number>;
  start(id: number, kind: BrokerKind): Promise<void>;
  /** As `start`. Apache Kafka ends when its former registration still stands, or its session ends while it starts: whoever looks after it starts it again. */
  startSupervised(id: number, kind: BrokerKind): Promise<void>;
  /** Resolves with the time (performance.now) at which a broker's registration went. */
  sessionEnd(id: number): Promise<number>;
  /** Another program on a broker's id, port and folder. */
  replace(id: number, kind: BrokerKind): Promise<void>;
  stop(id: number, signal?: NodeJS.Signals): Promise<void>;
  /** Kills ZooKeeper; the result starts it again. */
  killZooKeeper(): Promise<() => Promise<void>>;
  tool(name: string, ...args: string[]): Promise<ToolRun>;
  stateOf(topic: string, partition: number): Promise<PartitionState>;
  replicasOf(topic: string, partition: number): Promise<readonly number[]>;
  /** Resolves when ZooKeeper says so; polls, for the one thing that cannot be watched is another's decision not to come. */
  eventually(what: string | (() => string), isSo: () => Promise<boolean>, timeoutMs?: number): Promise<void>;
  /** Writes `count` records with acks=all through kcat. */
  produce(topic: string, label: string, count: number): Promise<void>;
  /** All that was produced is read from each partition's leader, once and in order. */
  expectAllConsumed(topic: string, partitions: number): Promise<void>;
  /** The bytes of a partition's segments on a broker, joined: those of its replicas are equal. */
  logOf(id: number, topic: string, partition: number): Buffer;
  /** @returns the path of a file with this text */
  writeFile(name: string, text: string): string;
  close(): Promise<void>;
}

export interface MixedClusterOptions {
  readonly zookeeper: 'embedded' | 'Apache';
  readonly ids: readonly number[];
  readonly properties?: Readonly<Record<string, string | number>>;
  /** Its times are compared: Apache's brokers run with the virtual machine of their own scripts. */
  readonly isMeasured?: boolean;
}

export async function createMixedCluster(options: MixedClusterOptions): Promise<MixedCluster> {
  const folder = temporaryFolder();
  const zookeeperPort = await freePort();
  const address = `127.0.0.1:${zookeeperPort}`;
  const startZooKeeper = (): Promise<{ stop(signal?: NodeJS.Signals): Promise<void> }> =>
    options.zookeeper === 'embedded' ? startOurZooKeeper(folder, zookeeperPort) : startRealZooKeeper({ port: zookeeperPort, folder: path.join(folder, 'zookeeper') });
  const startApache = options.isMeasured === true ? startMeasuredKafka : startRealKafka;
  let server = await startZooKeeper();
  const zookeeper = await connectZooKeeper({ connectString: address, sessionTimeoutMs: 30_000, connectionTimeoutMs: 30_000, clock: nodeClock, random: nodeRandom, logger: silentLogger });
  const ports = new Map<number, number>();
  for (const id of options.ids) ports.set(id, await freePort());
  const bootstrap = Array.from(ports.values(), (port) => `127.0.0.1:${port}`).join(',');
  const brokers = new Map<number, Running>();
  const written = new Map<string, string[]>();
  const properties = { 'zookeeper.session.timeout.ms': 2000, 'min.insync.replicas': 2, 'default.replication.factor': 3, ...options.properties };

  async function start(id: number, kind: BrokerKind): Promise<void> {
    const port = ports.get(id)!;
    const running =
      kind === 'ours'
        ? await startOurBroker({ id, zookeeper: address, folder, port, properties })
        : await startApache({ version: kind, id, port, zookeeper: address, folder: path.join(folder, `broker-${id}`), properties });
    brokers.set(id, { kind, stop: (signal) => running.stop(signal) });
  }

  async function startSupervised(id: number, kind: BrokerKind): Promise<void> {
    for (let triesLeft = kind === 'ours' ? 0 : 5; ; triesLeft--) {
      try {
        await start(id, kind);
        return;
      } catch (error) {
        if (triesLeft === 0) throw error;
      }
    }
  }

  async function stop(id: number, signal?: NodeJS.Signals): Promise<void> {
    await brokers.get(id)!.stop(signal);
    brokers.delete(id);
  }

  /** For the message of a test that waited in vain. */
  async function describeAll(): Promise<string> {
    const lines = [`running: ${Array.from(brokers, ([id, { kind }]) => `${id} ${kind}`).join(', ')}; registered: ${(await zookeeper.children('/brokers/ids')).join()}; controller: ${await self.controllerId()}`];
    for (const topic of await zookeeper.children('/brokers/topics')) {
      for (const [partition] of decodeTopic((await zookeeper.get(topicPath(topic))).data).partitions) {
        const { leader, isr, leaderEpoch, controllerEpoch } = await self.stateOf(topic, partition);
        lines.push(`${topic}-${partition}: leader ${leader}, isr ${isr.join()}, leader epoch ${leaderEpoch}, controller epoch ${controllerEpoch}`);
      }
    }
    return lines.join('\n');
  }

  const self: MixedCluster = {
    folder,
    zookeeper,
    bootstrap,
    async sessionEnd(id) {
      for (;;) {
        let changed = (): void => undefined;
        const nextChange = new Promise<void>((resolve) => (changed = resolve));
        if (!(await zookeeper.children('/brokers/ids', changed)).includes(String(id))) return performance.now();
        await nextChange;
      }
    },
    start,
    startSupervised,
    stop,
    async replace(id, kind) {
      await stop(id);
      await start(id, kind);
    },
    async controllerId() {
      const found = await zookeeper.find(controllerPath);
      return found === undefined ? -1 : decodeController(found.data).brokerId;
    },
    async killZooKeeper() {
      await server.stop('SIGKILL');
      return async () => {
        server = await startZooKeeper();
      };
    },
    tool: (name, ...args) => runTool(name, ['--bootstrap-server', bootstrap, ...args]),
    stateOf: async (topic, partition) => decodePartitionState((await zookeeper.get(partitionStatePath(topic, partition))).data),
    replicasOf: async (topic, partition) => decodeTopic((await zookeeper.get(topicPath(topic))).data).partitions.get(partition)!.replicas,
    async eventually(what, isSo, timeoutMs = 60_000) {
      for (const deadline = performance.now() + timeoutMs; !(await isSo()); ) {
        if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${typeof what === 'string' ? what : what()}\n${await describeAll()}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async produce(topic, label, count) {
      const lines = Array.from({ length: count }, (_, index) => `${label}-${index}`);
      const { status, stderr } = await runCommand(kcat(), ['-P', '-b', bootstrap, '-t', topic, '-X', 'message.timeout.ms=30000', '-X', 'acks=all', '-X', 'enable.idempotence=true'], { input: lines.map((line) => `${line}\n`).join('') });
      expect(status, stderr).to.equal(0);
      written.set(topic, [...(written.get(topic) ?? []), ...lines]);
    },
    async expectAllConsumed(topic, partitions) {
      const readOne = async (partition: number): Promise<readonly string[]> => {
        const { status, stdout, stderr } = await runCommand(kcat(), ['-C', '-b', bootstrap, '-t', topic, '-p', String(partition), '-o', 'beginning', '-e', '-q']);
        expect(status, stderr).to.equal(0);
        const lines = stdout.split('\n').slice(0, -1);
        expectInOrder(lines);
        return lines;
      };
      const read = (await Promise.all(Array.from({ length: partitions }, (_, partition) => readOne(partition)))).flat();
      expect(read.toSorted()).to.deep.equal((written.get(topic) ?? []).toSorted());
    },
    logOf(id, topic, partition) {
      const directory = path.join(folder, `broker-${id}`, 'logs', `${topic}-${partition}`);
      const segments = fs.readdirSync(directory).filter((name) => name.endsWith('.log')).sort();
      return Buffer.concat(segments.map((name) => fs.readFileSync(path.join(directory, name))));
    },
    writeFile(name, text) {
      fs.writeFileSync(path.join(folder, name), text);
      return path.join(folder, name);
    },
    async close() {
      await Promise.all(Array.from(brokers.values(), (broker) => broker.stop('SIGKILL')));
      await zookeeper.close();
      await server.stop();
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return self;
}

/** Within each label the numbers rise. */
function expectInOrder(lines: readonly string[]): void {
  const last = new Map<string, number>();
  for (const line of lines) {
    const at = line.lastIndexOf('-');
    const label = line.slice(0, at);
    const number = Number(line.slice(at + 1));
    expect(number, line).to.be.greaterThan(last.get(label) ?? -1);
    last.set(label, number);
  }
}
