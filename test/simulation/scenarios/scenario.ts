import type { History } from '../history.ts';
import type { World } from '../world/world.ts';

export interface RunOptions {
  /** How long faults come, in simulated milliseconds; unless given some minutes. */
  readonly lengthMs?: number;
  /** Only these faults of the schedule, by index. */
  readonly keep?: readonly number[];
}

export interface Outcome {
  /** What clients saw, one history a topic. */
  readonly histories: readonly History[];
  /** Looks at what is left, when simulated time has ended. */
  check?(): Promise<string[]>;
}

/** A workload with its failures, all drawn from the world's chance. */
export interface Scenario {
  readonly name: string;
  /** The simulated time by which it must have ended: what hangs is an error too. */
  endsWithinMs(options: RunOptions): number;
  run(world: World, options: RunOptions): Promise<Outcome>;
}
