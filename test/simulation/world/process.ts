import type { Clock } from '../../../src/runtime/clock.ts';
import type { Disk } from '../../../src/runtime/disk.ts';
import type { SimulatedDisk } from './disk.ts';
import type { ProcessNetwork, SimulatedNetwork } from './network.ts';
import type { SeededRandom } from './random.ts';
import type { Timeline } from './timeline.ts';

/** The seams of one simulated process; after its death none of its timers, connections or files does anything. */
export interface SimulatedProcess {
  /** Where it runs: wires go from machine to machine. */
  readonly machine: string;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly network: ProcessNetwork;
  readonly random: SeededRandom;
  readonly isAlive: boolean;
  readonly isPaused: boolean;
  /** Runs the event, as all code of the process must; later, in order, while the process stands still; never when it is dead. */
  run(event: () => void): void;
  /**
   * Stands still, as for a long collection of garbage. With `isSuspended` the machine sleeps: its monotonic clock
   * does not go on, its wall clock does.
   */
  pause(durationMs: number, isSuspended: boolean): void;
  /** Called when it stands still, goes on, or dies. */
  onChange(listener: () => void): void;
  /** Called once, when it dies. */
  onDeath(listener: () => void): void;
  kill(): void;
}

export interface Surroundings {
  readonly machine: string;
  readonly timeline: Timeline;
  readonly disk: SimulatedDisk;
  readonly network: SimulatedNetwork;
  readonly random: SeededRandom;
  /** How far the machine's wall clock is ahead, milliseconds. */
  readonly skewMs: () => number;
  /** Told before code of the process runs. */
  readonly runs: (process: SimulatedProcess) => void;
}

/** Simulated time begins here: 2026-01-01T00:00:00Z. */
export const epochMs = 1_767_225_600_000;
/** As in Node: without it, what is due in less than a float can tell would never come. */
const leastTimerMs = 1;
/** Timers are exact to a microsecond. */
const timerToleranceMs = 0.001;

export function startProcess(world: Surroundings): SimulatedProcess {
  const { timeline } = world;
  const changeListeners: (() => void)[] = [];
  const deathListeners: (() => void)[] = [];
  const held: (() => void)[] = [];
  let isAlive = true;
  let pausedUntilMs = -Infinity;
  let suspendedMs = 0;

  const isPaused = (): boolean => timeline.nowMs < pausedUntilMs;
  const monotonicMs = (): number => timeline.nowMs - suspendedMs;
  const changed = (): void => {
    for (const listener of changeListeners) listener();
  };

  function run(event: () => void): void {
    if (!isAlive) return;
    if (isPaused() || held.length > 0) {
      held.push(event);
      return;
    }
    world.runs(self);
    event();
  }

  /** One held event a step, as the process would find them waiting. */
  function goOn(): void {
    if (!isAlive || isPaused()) return;
    const event = held[0];
    if (event === undefined) return;
    world.runs(self);
    event();
    held.shift();
    if (held.length > 0) timeline.after(0, goOn);
  }

  function pause(durationMs: number, isSuspended: boolean): void {
    if (!isAlive) return;
    const untilMs = timeline.nowMs + durationMs;
    if (untilMs <= pausedUntilMs) return;
    if (isSuspended) suspendedMs += untilMs - Math.max(timeline.nowMs, pausedUntilMs);
    pausedUntilMs = untilMs;
    changed();
    timeline.after(durationMs, () => {
      if (!isAlive || isPaused()) return;
      changed();
      goOn();
    });
  }

  function setTimer(delayMs: number, callback: () => void): { cancel(): void } {
    const dueMs = monotonicMs() + Math.max(leastTimerMs, delayMs);
    let isCancelled = false;
    let cancel: () => void = () => undefined;
    const arm = (inMs: number): void => {
      cancel = timeline.after(inMs, fire);
    };
    const fire = (): void =>
      run(() => {
        if (isCancelled) return;
        const leftMs = dueMs - monotonicMs();
        if (leftMs > timerToleranceMs) arm(leftMs);
        else callback();
      });
    arm(Math.max(leastTimerMs, delayMs));
    return {
      cancel() {
        isCancelled = true;
        cancel();
      },
    };
  }

  const self: SimulatedProcess = {
    machine: world.machine,
    clock: {
      nowMs: () => Math.floor(epochMs + timeline.nowMs + world.skewMs()),
      monotonicMs,
      setTimer,
      defer: (callback) => void timeline.after(0, () => run(callback)),
    },
    get disk() {
      return disk;
    },
    get network() {
      return network;
    },
    random: world.random.fork(),
    get isAlive() {
      return isAlive;
    },
    get isPaused() {
      return isPaused();
    },
    run,
    pause,
    onChange: (listener) => void changeListeners.push(listener),
    onDeath: (listener) => void deathListeners.push(listener),
    kill() {
      if (!isAlive) return;
      isAlive = false;
      held.length = 0;
      network.sever();
      world.disk.unmount(disk);
      for (const listener of deathListeners) listener();
      changed();
    },
  };
  const network = world.network.attach(self);
  const disk = world.disk.mount({ isAlive: () => isAlive, die: () => self.kill(), stall: (durationMs) => pause(durationMs, false) });
  return self;
}
