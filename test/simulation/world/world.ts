import type { LogFields, Logger } from '../../../src/runtime/logger.ts';
import type { Fault } from '../cluster/fault.ts';
import { createSimulatedDisk } from './disk.ts';
import type { SimulatedDisk } from './disk.ts';
import { createLinks } from './links.ts';
import type { Links } from './links.ts';
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
import { createSimulatedZooKeeper } from './zookeeper/simulated-zookeeper.ts';
import type { SimulatedZooKeeper } from './zookeeper/simulated-zookeeper.ts';

/** What a test may put between the world and its inhabitants, to see that a checker finds it. */
export interface PlantedFaults {
  readonly disk?: (disk: SimulatedDisk) => SimulatedDisk;
}

/** A line that a process logged. */
export interface Line {
  readonly atMs: number;
  /** A machine, or what else has a lane in the picture of a run. */
  readonly lane: string;
  readonly level: 'info' | 'warn' | 'error' | 'fault';
  readonly text: string;
}

/** One simulated machine room: time, chance, wires and ZooKeeper are shared, each broker has a disk of its own. */
export interface World {
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly links: Links;
  readonly network: SimulatedNetwork;
  readonly zookeeper: SimulatedZooKeeper;
  readonly trace: Trace;
  /** The last lines that any process logged, oldest first. */
  readonly lines: readonly Line[];
  /** What checkers found while it ran; the first ends the run. */
  readonly violations: string[];
  /** What goes wrong in this run. */
  readonly schedule: Fault[];
  /** Processes whose code ran since the observer last looked, who empties it: nothing has changed in the others. */
  readonly ran: Set<SimulatedProcess>;
  newDisk(): SimulatedDisk;
  startProcess(machine: string, disk: SimulatedDisk): SimulatedProcess;
  /** Lines of a process, until it dies. */
  loggerOf(name: string, process: SimulatedProcess): Logger;
  /** A line of the simulator itself. */
  tell(lane: string, text: string): void;
  /** How far a machine's wall clock is ahead from now on, milliseconds. */
  setClock(machine: string, skewMs: number): void;
  sleep(delayMs: number): Promise<void>;
}

const linesMax = 4000;

export function createWorld(seed: number, faults: PlantedFaults = {}): World {
  const random = seededRandom(seed);
  const trace = createTrace();
  const timeline = createTimeline(trace);
  const nowMs = (): number => Math.floor(epochMs + timeline.nowMs);
  const links = createLinks(timeline, random.fork());
  const network = createSimulatedNetwork(timeline, links, trace);
  const zookeeper = createSimulatedZooKeeper(timeline, links, random.fork(), nowMs);
  const skews = new Map<string, number>();
  const ran = new Set<SimulatedProcess>();
  let lines: Line[] = [];

  /** Most lines are forgotten before anybody reads them: the text is made when somebody does. */
  function add(lane: string, level: Line['level'], textOf: () => string): void {
    const atMs = timeline.nowMs;
    lines.push({
      atMs,
      lane,
      level,
      get text() {
        return textOf();
      },
    });
    if (lines.length > 2 * linesMax) lines = lines.slice(-linesMax);
  }

  function loggerOf(name: string, process: SimulatedProcess, common: LogFields = {}): Logger {
    const line = (level: 'info' | 'warn' | 'error') => (event: string, fields?: LogFields): void => {
      if (!process.isAlive) return;
      trace.note(event);
      add(name, level, () => `${event} ${fieldsText({ ...common, ...fields })}`);
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
    links,
    network,
    zookeeper,
    trace,
    violations: [],
    schedule: [],
    ran,
    get lines() {
      return lines;
    },
    newDisk() {
      const disk = createSimulatedDisk(nowMs, random.fork(), trace);
      return faults.disk?.(disk) ?? disk;
    },
    startProcess: (machine, disk) => startProcess({ machine, timeline, disk, network, random, skewMs: () => skews.get(machine) ?? 0, runs: (process) => void ran.add(process) }),
    loggerOf: (name, process) => loggerOf(name, process),
    tell(lane, text) {
      trace.note(text);
      add(lane, 'fault', () => text);
    },
    setClock: (machine, skewMs) => void skews.set(machine, skewMs),
    sleep: (delayMs) => new Promise((resolve) => void timeline.after(delayMs, resolve)),
  };
}

function fieldsText(fields: LogFields): string {
  return JSON.stringify(fields, (_key, value: unknown) => {
    if (value instanceof Error) return value.stack;
    return typeof value === 'bigint' ? String(value) : value;
  });
}
