import path from 'node:path';
import type { Disk } from '../runtime/disk.ts';
import { segmentFileName } from './file-names.ts';
import type { Segment } from './segment.ts';

const kinds = ['log', 'index', 'timeindex', 'txnindex'] as const;
export const cleanedSuffix = '.cleaned';
export const swapSuffix = '.swap';

/*
 * A cleaned segment takes the place of those that it was made of. A stop at any moment leaves one of these, and loading the
 * log makes it whole (load-log.ts):
 *
 *     old  base.log  next.log             + base.log.cleaned …          drops .cleaned
 *     │ .cleaned → .swap
 *     old  base.log  next.log             + base.log.swap …             the swap covers both: they go, it stays
 *     │ old → .deleted
 *     base.log.deleted  next.log.deleted  + base.log.swap …             the same
 *     │ .swap → no suffix
 *     base.log.deleted  next.log.deleted  + base.log …
 *
 * The folder is fsynced between the steps, so that a power cut cannot keep a later one and forget an earlier one: Kafka
 * relies on the file system there.
 */

/** Synchronous, so that nothing sees a log half swapped. @see LocalLog.replaceSegments in Apache Kafka 3.9 */
export function swapIn(disk: Disk, directory: string, baseOffset: number, old: readonly Segment[]): void {
  const files = kinds.map((kind) => path.join(directory, segmentFileName(baseOffset, kind))).filter((file) => disk.existsSync(file + cleanedSuffix));
  for (const file of files) disk.renameSync(file + cleanedSuffix, file + swapSuffix);
  disk.syncDirectorySync(directory);
  for (const segment of old) segment.markDeleted();
  disk.syncDirectorySync(directory);
  for (const file of files) disk.renameSync(file + swapSuffix, file);
  disk.syncDirectorySync(directory);
}

/** What a cleaning that came to nothing wrote. */
export function removeCleaned(disk: Disk, directory: string, baseOffset: number): void {
  for (const kind of kinds) disk.removeSync(path.join(directory, segmentFileName(baseOffset, kind)) + cleanedSuffix);
}
