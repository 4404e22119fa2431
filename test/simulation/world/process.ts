import type { Clock } from '../../../src/runtime/clock.ts';
import type { Disk } from '../../../src/runtime/disk.ts';
import type { SimulatedDisk } from './disk.ts';
import type { ProcessNetwork, SimulatedNetwork } from './network.ts';
import type { SeededRandom } from './random.ts';
import type { Timeline } from './timeline.ts';

/** The seams of one simulated process; after its death none of its timers, connections or files does anything. */
export interface SimulatedProcess {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly network: ProcessNetwork;
  readonly random: SeededRandom;
  readonly isAlive: boolean;
  /** Called once, when it dies. */
  onDeath(listener: () => void): void;
  kill(): void;
}

/** Simulated time begins here: 2026-01-01T00:00:00Z. */
export const epochMs = 1_767_225_600_000;

export function startProcess(world: {
  readonly timeline: Timeline;
  readonly disk: SimulatedDisk;
  readonly network: SimulatedNetwork;
  readonly random: SeededRandom;
}): SimulatedProcess {
  const { timeline } = world;
  let isAlive = true;
  const deathListeners: (() => void)[] = [];
  const network = world.network.attach(() => isAlive);

  function guarded(callback: () => void): () => void {
    return () => {
      if (isAlive) callback();
    };
  }

  const disk = world.disk.mount({ isAlive: () => isAlive, die: () => kill() });
  function kill(): void {
    if (!isAlive) return;
    isAlive = false;
    network.sever();
    world.disk.unmount(disk);
    for (const listener of deathListeners) listener();
  }

  return {
    clock: {
      nowMs: () => Math.floor(epochMs + timeline.nowMs),
      monotonicMs: () => timeline.nowMs,
      setTimer: (delayMs, callback) => ({ cancel: timeline.after(delayMs, guarded(callback)) }),
      defer: (callback) => void timeline.after(0, guarded(callback)),
    },
    disk,
    network,
    random: world.random.fork(),
    get isAlive() {
      return isAlive;
    },
    onDeath: (listener) => void deathListeners.push(listener),
    kill,
  };
}
