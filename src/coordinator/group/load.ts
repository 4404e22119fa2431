import type { Partition } from '../../replica/partition.ts';
import type { Clock } from '../../runtime/clock.ts';
import { readPartition } from '../read-partition.ts';
import type { Group } from './group.ts';
import { createLoader } from './loader.ts';
import type { UnreadableRecord } from './loader.ts';

export interface LoadedPartition {
  readonly groups: readonly Group[];
  readonly unreadable: readonly UnreadableRecord[];
  readonly bytes: number;
}

/**
 * Reads the groups of a partition of `__consumer_offsets`.
 * @param isWanted false when leadership has gone meanwhile
 * @returns undefined when it was not wanted to its end
 * @throws LogError, LogFailure
 */
export async function loadPartition(partition: Partition, clock: Clock, bufferBytes: number, isWanted: () => boolean): Promise<LoadedPartition | undefined> {
  const loader = createLoader();
  const bytes = await readPartition(partition, clock, bufferBytes, isWanted, loader.take);
  return bytes === undefined ? undefined : { ...loader.finish(clock.nowMs()), bytes };
}
