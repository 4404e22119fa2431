import type { PartitionState } from '../zookeeper/znodes/partition-state.ts';
import type { PartitionAssignment } from '../zookeeper/znodes/topic.ts';

/** Moving a partition to other brokers (KIP-455): pure rules. RS = replicas, AR = addingReplicas, RR = removingReplicas. */

/** Where the partition goes: RS - RR. */
export function targetOf({ replicas, removingReplicas }: PartitionAssignment): readonly number[] {
  return replicas.filter((id) => !removingReplicas.includes(id));
}

/** Where it came from: RS - AR. */
export function originOf({ replicas, addingReplicas }: PartitionAssignment): readonly number[] {
  return replicas.filter((id) => !addingReplicas.includes(id));
}

export function isBeingReassigned({ addingReplicas, removingReplicas }: PartitionAssignment): boolean {
  return addingReplicas.length > 0 || removingReplicas.length > 0;
}

/** The assignment while the partition is on its way to `target`, whatever way it was on before. */
export function reassignedTo(assignment: PartitionAssignment, target: readonly number[]): PartitionAssignment {
  const origin = originOf(assignment);
  return {
    replicas: [...target, ...origin.filter((id) => !target.includes(id))],
    addingReplicas: target.filter((id) => !origin.includes(id)),
    removingReplicas: origin.filter((id) => !target.includes(id)),
  };
}

/** Every target replica is in sync. */
export function isReassignmentComplete(assignment: PartitionAssignment, { isr }: PartitionState): boolean {
  return targetOf(assignment).every((id) => isr.includes(id));
}

/** @returns why brokers cannot be a partition's replicas; undefined when they can */
export function targetFault(target: readonly number[], live: ReadonlySet<number>): string | undefined {
  if (target.length === 0) return 'Empty replica list specified in partition reassignment.';
  if (new Set(target).size !== target.length) return `Duplicate replica ids in partition reassignment replica list: ${target.join(', ')}`;
  if (target.some((id) => id < 0)) return `Invalid broker id in replica list: ${target.join(', ')}`;
  if (target.some((id) => !live.has(id))) return `Replica assignment has brokers that are not alive. Replica list: ${target.join(', ')}, live broker list: ${Array.from(live).join(', ')}`;
  return undefined;
}
