import type { History } from '../history.ts';
import type { World } from '../world/world.ts';

/** A workload with its failures, all drawn from the world's chance. */
export interface Scenario {
  readonly name: string;
  /** The simulated time by which it must have ended: what hangs is an error too. */
  readonly endsWithinMs: number;
  run(world: World): Promise<History>;
}
