import type { BrokerLogDirs } from '../../client/admin-partition-types.ts';
import type { Reassignment } from '../../client/admin-types.ts';
import { compareTopicPartitions, partitionName } from '../topic-partitions.ts';
import type { Placement, ReplicaPlace } from './plan.ts';
import { replicaName } from './plan.ts';

/** How far a partition of the plan is. */
export interface PartitionStatus extends Placement {
  readonly isMoving: boolean;
  /** Brokers that hold it now; none when the partition does not exist. */
  readonly current: readonly number[];
}

/** Without the line break at the end. */
export function partitionReport(states: readonly PartitionStatus[]): string {
  const lines = states.toSorted(compareTopicPartitions).map((state) => {
    const name = partitionName(state);
    if (state.isMoving) return `Reassignment of partition ${name} is still in progress.`;
    const current = state.current.join(',');
    const target = state.replicas.join(',');
    if (current === target) return `Reassignment of partition ${name} is completed.`;
    return `There is no active reassignment of partition ${name}, but replica set is ${current} rather than ${target}.`;
  });
  return ['Status of partition reassignment:', ...lines].join('\n');
}

/** As 2.4 prints it, which puts a blank behind the first line; without the line break at the end. */
export function partitionReportOf24(states: readonly PartitionStatus[]): string {
  const lines = states.toSorted(compareTopicPartitions).map((state) => {
    if (state.isMoving) return `Reassignment of partition ${partitionName(state)} is still in progress`;
    return `Reassignment of partition ${partitionName(state)} ${state.current.join(',') === state.replicas.join(',') ? 'completed successfully' : 'failed'}`;
  });
  return ['Status of partition reassignment: ', ...lines].join('\n');
}

/** How far a replica of the plan is on its way to a log directory. */
export type ReplicaStatus = ReplicaPlace & { readonly currentPath: string | undefined; readonly futurePath: string | undefined };

/** Where the replicas are now. */
export function replicaStates(moves: readonly ReplicaPlace[], brokers: readonly BrokerLogDirs[]): ReplicaStatus[] {
  return moves.map((move) => {
    const logDirs = brokers.find(({ brokerId }) => brokerId === move.brokerId)?.logDirs ?? [];
    const pathOf = (isFuture: boolean): string | undefined =>
      logDirs.find(({ replicas }) => replicas.some((replica) => replica.topic === move.topic && replica.partition === move.partition && replica.isFuture === isFuture))?.path;
    return { ...move, currentPath: pathOf(false), futurePath: pathOf(true) };
  });
}

export const isMovingReplica = ({ currentPath, futurePath }: ReplicaStatus): boolean => currentPath !== undefined && futurePath !== undefined;

/** Without the line break at the end; empty for no replicas. */
export function replicaReport(states: readonly ReplicaStatus[]): string {
  return states.map(replicaLine).join('\n');
}

function replicaLine(state: ReplicaStatus): string {
  const { brokerId, path, currentPath, futurePath } = state;
  const partition = `Partition ${partitionName(state)}`;
  if (currentPath === undefined) return `${partition} is not found in any live log dir on broker ${brokerId}. There is likely an offline log directory on the broker.`;
  if (futurePath === path) return `Reassignment of replica ${replicaName(state)} is still in progress.`;
  if (futurePath !== undefined) return `${partition} on broker ${brokerId} is being moved to log dir ${futurePath} instead of ${path}.`;
  if (currentPath === path) return `Reassignment of replica ${replicaName(state)} completed successfully.`;
  return `${partition} on broker ${brokerId} is not being moved from log dir ${currentPath} to ${path}.`;
}

/** What --list prints, without the line break at the end. */
export function listReport(reassignments: readonly Reassignment[]): string {
  if (reassignments.length === 0) return 'No partition reassignments found.';
  const part = (word: string, ids: readonly number[]): string => (ids.length === 0 ? '' : ` ${word}: ${ids.join(',')}.`);
  const lines = reassignments
    .toSorted(compareTopicPartitions)
    .map((its) => `${partitionName(its)}: replicas: ${its.replicas.join(',')}.${part('adding', its.addingReplicas)}${part('removing', its.removingReplicas)}`);
  return ['Current partition reassignments:', ...lines].join('\n');
}
