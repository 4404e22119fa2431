import { createAdminWith } from '../../../src/client/admin.ts';
import type { Admin } from '../../../src/client/admin-types.ts';
import type { ClientRuntime } from '../../../src/client/runtime.ts';
import type { ConnectionOptions } from '../../../src/client/connection-options.ts';
import { countArrivals } from '../history.ts';
import type { History } from '../history.ts';
import type { BrokerMachine } from '../world/broker-machine.ts';
import type { SimulatedProcess } from '../world/process.ts';
import type { World } from '../world/world.ts';

/** Brokers on machines of their own, with someone who starts again what has died. */
export interface Cluster {
  readonly world: World;
  readonly machines: readonly BrokerMachine[];
  /** Faults are over and no more come: workloads finish. */
  readonly isOver: boolean;
  /** fsync is as slow or as fast as it likes, but power is lost too: brokers sync before they acknowledge. */
  readonly losesPower: boolean;
  /** Between two records of a producer, milliseconds, on average. */
  readonly paceMs: number;
  readonly histories: readonly History[];
  /** A topic's history, to be judged at the end. */
  record(history: History): void;
  client(name: string): Client;
  /** The machines of all clients, once each. */
  readonly clientMachines: readonly string[];
  admin(client: Client): Admin;
  /** What ends the run, at once. */
  violate(text: string): void;
  /** Kept down until then, in simulated milliseconds; who lives goes on. */
  holdDown(machine: BrokerMachine, untilMs: number): void;
  isUp(machine: BrokerMachine): boolean;
  /** Work of a workload or fault; what it throws ends the run. */
  begin(name: string, work: () => Promise<void>): void;
}

export interface Client {
  readonly runtime: ClientRuntime;
  readonly options: ConnectionOptions;
  /** To be killed, or to stand still. */
  readonly process: SimulatedProcess;
}

export interface ClusterControl extends Cluster {
  /** Starts all, and starts again what dies. */
  start(): Promise<void>;
  /** No more faults come: what was held down may start. */
  endFaults(): void;
}

export interface ClusterOptions {
  readonly machines: readonly BrokerMachine[];
  readonly losesPower: boolean;
  readonly paceMs: number;
}

const clientTimeouts = { requestTimeoutMs: 5000, defaultApiTimeoutMs: 60_000 };

export function createCluster(world: World, { machines, losesPower, paceMs }: ClusterOptions): ClusterControl {
  const histories: History[] = [];
  const downUntilMs = new Map<BrokerMachine, number>();
  const up = new Set<BrokerMachine>();
  const clientMachines: string[] = [];
  let isOver = false;
  const bootstrapServers = machines.map(({ port }) => `127.0.0.1:${port}`).join();

  function violate(text: string): void {
    world.violations.push(text);
    world.tell('violation', text);
  }

  /** The first start is awaited; later ones go on until the end of the run. */
  async function keepUp(machine: BrokerMachine, started: () => void): Promise<void> {
    for (;;) {
      const waitMs = (downUntilMs.get(machine) ?? 0) - world.timeline.nowMs;
      if (waitMs > 0) {
        await world.sleep(Math.min(waitMs, 1000));
        continue;
      }
      try {
        await machine.start();
        started();
        if (machine.process?.isAlive === true) up.add(machine);
        await diesOf(machine);
      } catch (error) {
        world.tell(machine.name, `does not start: ${whyOf(error)}`);
      }
      up.delete(machine);
      await world.sleep(200 + world.random.integer(2000));
    }
  }

  return {
    world,
    machines,
    losesPower,
    paceMs,
    histories,
    get isOver() {
      return isOver;
    },
    record(history) {
      histories.push(history);
      countArrivals(world, history, history.topic);
    },
    clientMachines,
    client(name) {
      if (!clientMachines.includes(name)) clientMachines.push(name);
      const process = world.startProcess(name, world.newDisk());
      const { clock, random, network } = process;
      return { runtime: { clock, random, network, logger: world.loggerOf(name, process), loadCodec: () => Promise.resolve() }, options: { bootstrapServers, ...clientTimeouts }, process };
    },
    admin: ({ runtime, options }) => createAdminWith(runtime, options),
    violate,
    holdDown: (machine, untilMs) => void downUntilMs.set(machine, Math.max(downUntilMs.get(machine) ?? 0, untilMs)),
    isUp: (machine) => up.has(machine),
    begin(name, work) {
      work().catch((error: unknown) => violate(`${name} failed: ${whyOf(error)}`));
    },
    async start() {
      await Promise.all(
        machines.map(
          (machine) =>
            new Promise<void>((resolve) => {
              keepUp(machine, resolve).catch((error: unknown) => violate(`keeping ${machine.name} up failed: ${whyOf(error)}`));
            }),
        ),
      );
    },
    endFaults() {
      isOver = true;
      downUntilMs.clear();
    },
  };
}

function diesOf({ process }: BrokerMachine): Promise<void> {
  return new Promise((resolve) => {
    if (process?.isAlive === true) process.onDeath(resolve);
    else resolve();
  });
}

export function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? String(error.stack) : `${error.stack}\ncaused by ${whyOf(error.cause)}`;
}
