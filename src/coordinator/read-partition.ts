import { readBatches } from '../record/batch.ts';
import type { Partition } from '../replica/partition.ts';
import type { Clock } from '../runtime/clock.ts';

/** What is decoded without a pause: some milliseconds' worth. The coordinators' load buffer sizes may ask for less. */
const pieceBytesMax = 256 * 1024;

/**
 * Reads a partition that this broker leads to its end, what is not yet replicated too: since it leads, that will be.
 * @param bufferBytes what is read at once, at most
 * @param isWanted false when leadership has gone meanwhile
 * @param take is given each whole batch, whose bytes may change afterwards; returns the offset after it
 * @returns the bytes that were read; undefined when they were not wanted to their end
 * @throws LogError, LogFailure
 */
export async function readPartition(
  { log }: Partition,
  clock: Clock,
  bufferBytes: number,
  isWanted: () => boolean,
  take: (buffer: Buffer, start: number) => number,
): Promise<number | undefined> {
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
    for (const start of readBatches(piece)) offset = Math.max(offset, take(piece, start));
    if (offset === before) throw new Error(`${log.topic}-${log.partition} cannot be read at offset ${offset}`);
    bytes += count;
    await new Promise<void>((resolve) => clock.defer(resolve));
    if (!isWanted()) return undefined;
  }
  return bytes;
}
