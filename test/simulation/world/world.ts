import type { LogFields, Logger } from '../../../src/runtime/logger.ts';
import { createSimulatedDisk } from './disk.ts';
import type { SimulatedDisk } from './disk.ts';
import { createSimulatedNetwork } from './network.ts';
import type { SimulatedNetwork } from './network.ts';
import type { SimulatedProcess } from './process.ts';
import { epochMs, startProcess } from './process.ts';
import { seededRandom } from './random.ts';
import type { SeededRandom } from './random.ts';
import { createTimeline } from './timeline.ts';
import type { Timeline } from './timeline.ts';
import { createTrace } from './trace.ts';
import type { Trace } from './trace.ts';
import { createSimulatedZooKeeper } from './zookeeper.ts';
import type { SimulatedZooKeeper } from './zookeeper.ts';

/** What a test may put between the world and its inhabitants, to see that a checker finds it. */
export interface PlantedFaults {
  readonly disk?: (disk: SimulatedDisk) => SimulatedDisk;
}

/** One simulated machine room: time, chance, wires and ZooKeeper are shared, each broker has a disk of its own. */
export interface World {
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly zookeeper: SimulatedZooKeeper;
  readonly trace: Trace;
  /** The last lines that any process logged, oldest first. */
  readonly lines: readonly string[];
  newDisk(): SimulatedDisk;
  startProcess(disk: SimulatedDisk): SimulatedProcess;
  /** Lines of a process, until it dies. */
  loggerOf(name: string, process: SimulatedProcess): Logger;
  sleep(delayMs: number): Promise<void>;
}

const linesMax = 400;

export function createWorld(seed: number, faults: PlantedFaults = {}): World {
  const random = seededRandom(seed);
  const trace = createTrace();
  const timeline = createTimeline(trace);
  const nowMs = (): number => Math.floor(epochMs + timeline.nowMs);
  const network = createSimulatedNetwork(timeline, random.fork(), trace);
  const zookeeper = createSimulatedZooKeeper(timeline, random.fork(), nowMs);
  const lines: string[] = [];

  function loggerOf(name: string, process: SimulatedProcess, common: LogFields = {}): Logger {
    const line = (level: string) => (event: string, fields?: LogFields): void => {
      if (!process.isAlive) return;
      trace.note(event);
      lines.push(`${timeline.nowMs.toFixed(3)} ${name} ${level} ${event} ${fieldsText({ ...common, ...fields })}`);
      if (lines.length > linesMax) lines.shift();
    };
    const logger: Logger = {
      debug: () => undefined,
      info: line('info'),
      warn: line('warn'),
      error: line('error'),
      with: (fields) => loggerOf(name, process, { ...common, ...fields }),
    };
    return logger;
  }

  return {
    timeline,
    random,
    network,
    zookeeper,
    trace,
    lines,
    newDisk() {
      const disk = createSimulatedDisk(nowMs, random.fork(), trace);
      return faults.disk?.(disk) ?? disk;
    },
    startProcess: (disk) => startProcess({ timeline, disk, network, random }),
    loggerOf: (name, process) => loggerOf(name, process),
    sleep: (delayMs) => new Promise((resolve) => void timeline.after(delayMs, resolve)),
  };
}

function fieldsText(fields: LogFields): string {
  return JSON.stringify(fields, (_key, value: unknown) => {
    if (value instanceof Error) return value.stack;
    return typeof value === 'bigint' ? String(value) : value;
  });
}
