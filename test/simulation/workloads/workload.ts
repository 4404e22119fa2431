import type { Cluster } from '../cluster/cluster.ts';
import type { SeededRandom } from '../world/random.ts';

/** Clients that use the cluster all the time. Another one is one file, and one line in `index.ts`. */
export interface Workload {
  readonly name: string;
  /** It deletes topics: without ids nobody can tell a new one of the same name from the old. */
  readonly needsTopicIds?: boolean;
  /** Creates what it needs on a cluster that is well. */
  prepare(cluster: Cluster, random: SeededRandom): Promise<PreparedWorkload>;
}

export interface PreparedWorkload {
  /** Works until the cluster's faults are over, and then until all is answered. */
  work(): Promise<void>;
  /** On a cluster that is well again: collects what is there, for checkers. */
  finish(): Promise<void>;
}
