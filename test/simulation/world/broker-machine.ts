import { startBroker } from '../../../src/broker/broker.ts';
import { readBrokerConfiguration } from '../../../src/runtime/config/broker-config.ts';
import type { SimulatedProcess } from './process.ts';
import type { World } from './world.ts';

const sessionTimeoutMs = 6000;

/** A machine with a disk, on which a broker runs, dies and is started again. */
export interface BrokerMachine {
  readonly port: number;
  /** Starts the production broker; resolves when it serves, or when it was killed before. */
  start(): Promise<void>;
  /** As SIGKILL: nothing of the process runs on, what it wrote stays. */
  kill(): void;
  /** Kills it in the middle of its next write to a log segment, or at the end of `withinMs` without one. */
  killInLogWrite(withinMs: number): Promise<void>;
}

export function createBrokerMachine(world: World, id: number, properties: Readonly<Record<string, string>> = {}): BrokerMachine {
  const disk = world.newDisk();
  const port = 9092 + id;
  let life = 0;
  let process: SimulatedProcess | undefined;

  const configuration = readBrokerConfiguration({
    'broker.id': String(id),
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': '/data',
    'zookeeper.connect': '127.0.0.1:2181',
    'zookeeper.session.timeout.ms': String(sessionTimeoutMs),
    ...properties,
  });

  async function start(): Promise<void> {
    const current = world.startProcess(disk);
    process = current;
    const died = new Promise<void>((resolve) => current.onDeath(resolve));
    const started = startBroker({
      configuration,
      clock: current.clock,
      random: current.random,
      disk: current.disk,
      network: current.network,
      logger: world.loggerOf(`broker-${id}.${++life}`, current),
      hostName: '127.0.0.1',
      connectZooKeeper: () => world.zookeeper.connect(current, sessionTimeoutMs),
      loadCodecs: () => Promise.resolve([]),
    }).catch((error: unknown) => {
      if (current.isAlive) throw new Error(`broker ${id} did not start`, { cause: error });
    });
    await Promise.race([died, started]);
  }

  return {
    port,
    start,
    kill: () => process?.kill(),
    async killInLogWrite(withinMs) {
      const victim = process;
      if (victim === undefined) return;
      disk.tearNextWrite(/\.log$/);
      await Promise.race([new Promise<void>((resolve) => victim.onDeath(resolve)), world.sleep(withinMs)]);
      disk.tearNextWrite(undefined);
      victim.kill();
    },
  };
}
