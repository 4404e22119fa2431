import type { Disk } from '../runtime/disk.ts';
import { replaceWithoutSync } from './text-files.ts';

export const partitionMetadataFileName = 'partition.metadata';

/** The topic id in `partition.metadata` (KIP-516): 22 characters of URL-safe base64; undefined when absent or not whole. */
export function readTopicId(disk: Disk, path: string): string | undefined {
  if (!disk.existsSync(path)) return undefined;
  const found = /^version: 0\ntopic_id: ([A-Za-z0-9_-]{22})\n?$/.exec(disk.readFileSync(path).toString('latin1'));
  return found?.[1];
}

export function writeTopicId(disk: Disk, path: string, topicId: string): void {
  replaceWithoutSync(disk, path, `version: 0\ntopic_id: ${topicId}`);
}
