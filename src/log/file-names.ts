/** Names of files and folders below a log directory, as Apache Kafka 3.9 makes them (LogFileUtils, UnifiedLog). */

export type SegmentFileKind = 'log' | 'index' | 'timeindex' | 'txnindex' | 'snapshot';

export interface SegmentFileName {
  readonly offset: number;
  readonly kind: SegmentFileKind;
}

const segmentFilePattern = /^(\d{20})\.(log|index|timeindex|txnindex|snapshot)$/;

/** 20 digits, so that names sort as offsets do. */
export function segmentFileName(offset: number, kind: SegmentFileKind): string {
  return `${String(offset).padStart(20, '0')}.${kind}`;
}

export function parseSegmentFileName(name: string): SegmentFileName | undefined {
  const found = segmentFilePattern.exec(name);
  return found === null ? undefined : { offset: Number(found[1]), kind: found[2] as SegmentFileKind };
}

export type FolderState = 'live' | 'delete' | 'future' | 'stray';

export interface PartitionFolder {
  readonly topic: string;
  readonly partition: number;
  readonly state: FolderState;
}

const folderNameLengthMax = 255;
const suffixedFolder = /^(\S+)-(\S+)\.(\S+)-(delete|future|stray)$/;

export function partitionFolderName(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

/** The name of a folder that waits for its deletion; the topic is cut so that any file system takes the name. */
export function deletedFolderName(topic: string, partition: number, uuid: string): string {
  const suffix = `-${partition}.${uuid.replaceAll('-', '')}-delete`;
  return `${topic.slice(0, folderNameLengthMax - suffix.length)}${suffix}`;
}

/** The name of a folder that a partition's log is copied to, to take its place (KIP-113). */
export function futureFolderName(topic: string, partition: number, uuid: string): string {
  return `${partitionFolderName(topic, partition)}.${uuid.replaceAll('-', '')}-future`;
}

/** Undefined for a name that no partition has. */
export function parseFolderName(name: string): PartitionFolder | undefined {
  const suffixed = suffixedFolder.exec(name);
  if (suffixed !== null) return partitionOf(suffixed[1]!, suffixed[2]!, suffixed[4] as FolderState);
  if (/-(delete|future|stray)$/.test(name)) return undefined;
  const dash = name.lastIndexOf('-');
  return dash < 1 ? undefined : partitionOf(name.slice(0, dash), name.slice(dash + 1), 'live');
}

function partitionOf(topic: string, partition: string, state: FolderState): PartitionFolder | undefined {
  return /^\d{1,10}$/.test(partition) ? { topic, partition: Number(partition), state } : undefined;
}
