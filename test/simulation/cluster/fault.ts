import type { SeededRandom } from '../world/random.ts';
import type { Cluster } from './cluster.ts';

/** One thing that goes wrong in a run. All of it is drawn before the run begins, so that a schedule may be shortened. */
export interface Fault {
  /** Its place in the schedule of its seed. */
  readonly index: number;
  readonly kind: string;
  readonly atMs: number;
  readonly forMs: number;
  /** The broker that is met, by its place among the machines. */
  readonly victim: number;
  /** Seed of what else it draws. */
  readonly roll: number;
}

export interface FaultKind {
  readonly name: string;
  /** How often it comes, compared with the others. */
  readonly weight: number;
  /** Bounds of its length, milliseconds. */
  readonly lengthMs: readonly [least: number, most: number];
  /** Only in runs whose brokers sync before they acknowledge. */
  readonly needsSync?: boolean;
  /** Strikes now; what it began is over, by itself, `forMs` later. */
  strike(cluster: Cluster, fault: Fault, random: SeededRandom): void | Promise<void>;
}
