import type { Cluster } from '../cluster/cluster.ts';
import type { Fault } from '../cluster/fault.ts';
import type { DiskTrouble } from '../world/disk.ts';

/** The victim's disk misbehaves for the fault's time. */
export function troubleDisk({ machines, world }: Cluster, { victim, forMs }: Fault, trouble: DiskTrouble): void {
  const { disk } = machines[victim]!;
  disk.misbehave(trouble);
  world.timeline.after(forMs, () => disk.misbehave({}));
}
