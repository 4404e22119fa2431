import { startBroker } from '../../../src/broker/broker.ts';
import type { Broker, BrokerInside } from '../../../src/broker/broker.ts';
import { readBrokerConfiguration } from '../../../src/runtime/config/broker-config.ts';
import { inProcessWorkers } from '../../../src/runtime/in-process-workers.ts';
import type { SimulatedDisk } from './disk.ts';
import type { SimulatedProcess } from './process.ts';
import type { World } from './world.ts';

export const sessionTimeoutMs = 6000;

/** A machine with a disk, on which a broker runs, dies and is started again. */
export interface BrokerMachine {
  readonly id: number;
  /** Its name on the wires. */
  readonly name: string;
  readonly port: number;
  readonly disk: SimulatedDisk;
  /** Counts the broker's lives; 0 before the first. */
  readonly life: number;
  /** The process, dead or alive; undefined before the first start. */
  readonly process: SimulatedProcess | undefined;
  /** What runs in it; undefined while nothing does. */
  readonly inside: BrokerInside | undefined;
  /** Starts the production broker; resolves when it serves, or when it was killed before. Rejects, its process dead, when it cannot. */
  start(): Promise<void>;
  /** As SIGKILL: nothing of the process runs on, what it wrote stays. */
  kill(): void;
  /** Its connections are lost, each end learns it a delay later; it runs on. */
  cutConnections(isChosen?: () => boolean): void;
  /** Kills it in the middle of its next write to a file whose path matches, or at the end of `withinMs` without one. */
  killInWrite(pathPattern: RegExp, withinMs: number): Promise<void>;
  /** Kills it and takes what its disk had not fsynced. */
  losePower(): void;
  /** Stops it as SIGTERM does; the process ends with it. A kill may come before. */
  stop(): Promise<void>;
  /** Its ZooKeeper session ends while it runs and does not know it yet. */
  expireSession(): void;
}

export function createBrokerMachine(world: World, id: number, properties: Readonly<Record<string, string>> = {}): BrokerMachine {
  const disk = world.newDisk();
  const port = 9092 + id;
  const name = `broker-${id}`;
  let life = 0;
  let process: SimulatedProcess | undefined;
  let broker: Broker | undefined;
  let inside: BrokerInside | undefined;

  const configuration = readBrokerConfiguration({
    'broker.id': String(id),
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': '/data',
    'zookeeper.connect': '127.0.0.1:2181',
    'zookeeper.session.timeout.ms': String(sessionTimeoutMs),
    ...properties,
  });

  async function start(): Promise<void> {
    const current = world.startProcess(name, disk);
    process = current;
    broker = undefined;
    inside = undefined;
    life++;
    world.ran.add(current);
    const died = new Promise<void>((resolve) => current.onDeath(resolve));
    const started = startBroker({
      configuration,
      clock: current.clock,
      random: current.random,
      disk: current.disk,
      workers: inProcessWorkers({ clock: current.clock, disk: current.disk }),
      network: current.network,
      logger: world.loggerOf(name, current),
      hostName: '127.0.0.1',
      connectZooKeeper: () => world.zookeeper.connect(current, sessionTimeoutMs),
      loadCodecs: () => Promise.resolve([]),
      halt: () => current.kill(),
      inspect(parts) {
        if (current.isAlive) inside = parts;
      },
    }).then((running) => {
      broker = running;
    }).catch((error: unknown) => {
      if (!current.isAlive) return;
      current.kill();
      throw new Error(`broker ${id} did not start`, { cause: error });
    });
    current.onDeath(() => {
      if (process === current) inside = undefined;
    });
    await Promise.race([started, died]);
  }

  return {
    id,
    name,
    port,
    disk,
    get life() {
      return life;
    },
    get process() {
      return process;
    },
    get inside() {
      return inside;
    },
    start,
    kill: () => process?.kill(),
    losePower() {
      process?.kill();
      disk.losePower();
    },
    cutConnections: (isChosen) => process?.network.cutConnections(isChosen),
    expireSession: () => (process === undefined ? undefined : world.zookeeper.expire(process)),
    async stop() {
      const current = process;
      if (current?.isAlive !== true || broker === undefined) return;
      world.ran.add(current);
      await Promise.race([new Promise<void>((resolve) => current.onDeath(resolve)), broker.stop()]);
      current.kill();
    },
    async killInWrite(pathPattern, withinMs) {
      const victim = process;
      if (victim?.isAlive !== true) return;
      disk.tearNextWrite(pathPattern);
      await Promise.race([new Promise<void>((resolve) => victim.onDeath(resolve)), world.sleep(withinMs)]);
      disk.tearNextWrite(undefined);
      victim.kill();
    },
  };
}
