import path from 'node:path';
import type { Partition } from '../../../src/replica/partition.ts';
import type { SimulatedDisk } from '../world/disk.ts';

/** Its replicas need not be equal byte for byte. */
export const isCompacted = ({ log }: Partition): boolean => log.config['cleanup.policy'].includes('compact');

/** The bytes of a partition's segments, in order. */
export function logFilesOf(disk: SimulatedDisk, directory: string): Buffer[] {
  return disk
    .paths()
    .filter((file) => path.dirname(file) === directory && file.endsWith('.log'))
    .toSorted()
    .map((file) => disk.contentOf(file)!);
}
