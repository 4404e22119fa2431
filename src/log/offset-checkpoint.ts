import type { Disk } from '../runtime/disk.ts';
import { formatCheckpointLines, MalformedFile, parseCheckpointLines } from './text-files.ts';

/** The checkpoints at the root of a log directory: one line `topic partition offset` a partition. */
export const recoveryPointCheckpoint = 'recovery-point-offset-checkpoint';
export const logStartOffsetCheckpoint = 'log-start-offset-checkpoint';
export const highWatermarkCheckpoint = 'replication-offset-checkpoint';
export const cleanerCheckpoint = 'cleaner-offset-checkpoint';

export interface PartitionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * Offsets by folder name (`topic-partition`); empty when there is no file, or one without a byte, as Apache Kafka makes it
 * before it has anything to write.
 * @throws MalformedFile
 */
export function readOffsetCheckpoint(disk: Disk, path: string): Map<string, number> {
  const offsets = new Map<string, number>();
  const text = disk.existsSync(path) ? disk.readFileSync(path).toString('utf8') : '';
  if (text === '') return offsets;
  for (const line of parseCheckpointLines(path, text)) {
    const found = /^(\S+)\s+(\d+)\s+(-?\d+)$/.exec(line);
    if (found === null) throw new MalformedFile(`malformed line "${line}" in the checkpoint ${path}`);
    offsets.set(`${found[1]}-${Number(found[2])}`, Number(found[3]));
  }
  return offsets;
}

export function formatOffsetCheckpoint(offsets: readonly PartitionOffset[]): string {
  return formatCheckpointLines(offsets.map(({ topic, partition, offset }) => `${topic} ${partition} ${offset}`));
}
