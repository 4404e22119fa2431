import { readBatches } from '../../record/batch.ts';
import type { Partition } from '../../replica/partition.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Group } from './group.ts';
import { createLoader } from './loader.ts';
import type { UnreadableRecord } from './loader.ts';

export interface LoadedPartition {
  readonly groups: readonly Group[];
  readonly unreadable: readonly UnreadableRecord[];
  readonly bytes: number;
}

/** What is decoded without a pause, some milliseconds' worth; offsets.load.buffer.size may ask for less. */
const pieceBytesMax = 256 * 1024;

/**
 * Reads a partition of `__consumer_offsets` to its end, what is not yet replicated too: it leads, so that will be.
 * @param isWanted false when leadership has gone meanwhile
 * @returns undefined when it was not wanted to its end
 * @throws LogError, LogFailure
 */
export async function loadPartition({ log }: Partition, clock: Clock, bufferBytes: number, isWanted: () => boolean): Promise<LoadedPartition | undefined> {
  const loader = createLoader();
  let buffer = Buffer.alloc(0);
  let bytes = 0;
  for (let offset = log.logStartOffset; offset < log.writtenEndOffset; ) {
    const { records } = log.read(offset, Math.min(bufferBytes, pieceBytesMax), 'log-end', true);
    if (records.length === 0) break;
    if (buffer.length < records.length) buffer = Buffer.allocUnsafeSlow(Math.max(records.length, Math.min(bufferBytes, pieceBytesMax, log.sizeBytes)));
    const count = await records.file.read(buffer, 0, records.length, records.position);
    if (!isWanted()) return undefined;
    const before = offset;
    const piece = buffer.subarray(0, count);
    for (const start of readBatches(piece)) offset = Math.max(offset, loader.take(piece, start));
    if (offset === before) throw new Error(`__consumer_offsets-${log.partition} cannot be read at offset ${offset}`);
    bytes += count;
    await new Promise<void>((resolve) => clock.defer(resolve));
    if (!isWanted()) return undefined;
  }
  return { ...loader.finish(clock.nowMs()), bytes };
}
