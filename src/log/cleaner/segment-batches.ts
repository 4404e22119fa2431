import * as batch from '../../record/batch.ts';
import type { Codec } from '../../record/batch.ts';
import { CorruptRecord } from '../../record/errors.ts';
import type { Disk } from '../../runtime/disk.ts';
import { BatchCursor } from '../batch-cursor.ts';

export interface BatchWalk {
  readonly disk: Disk;
  readonly path: string;
  /** Where a batch begins. */
  readonly position: number;
  /** Bytes of the file that count. */
  readonly sizeBytes: number;
  readonly bufferBytes: number;
  /** Awaited before the first batch of a codec is given out. */
  readonly loadCodec: (codec: Codec) => Promise<void>;
  /** Awaited after each buffer full of batches. */
  readonly took: (bytes: number) => Promise<void>;
}

/**
 * Gives out the batches of a segment, whole and with the right checksum, until its end or until `visit` returns true.
 * @throws CorruptRecord where no sound batch is: cleaning must not seal damaged records with a new checksum
 */
export async function forEachBatchOf(walk: BatchWalk, visit: (buffer: Buffer, start: number) => boolean): Promise<void> {
  const { path, position, sizeBytes } = walk;
  if (position >= sizeBytes) return;
  const file = walk.disk.openSync(path, 'read');
  try {
    const cursor = new BatchCursor(Math.min(walk.bufferBytes, sizeBytes - position));
    cursor.seek(file, position, sizeBytes);
    let end = position;
    let told = position;
    let loaded: Codec | undefined = 'none';
    let isDone = false;
    while (!isDone && cursor.next()) {
      if (!cursor.isIntact()) throw new CorruptRecord(`The batch at position ${cursor.position} of ${path} has a wrong checksum`);
      const codec = batch.compression(cursor.buffer, cursor.start);
      if (codec !== undefined && codec !== loaded) {
        await walk.loadCodec(codec);
        loaded = codec;
      }
      end = cursor.position + cursor.sizeBytes;
      isDone = visit(cursor.buffer, cursor.start);
      if (end - told < walk.bufferBytes) continue;
      await walk.took(end - told);
      told = end;
    }
    if (!isDone && end < sizeBytes) throw new CorruptRecord(`There is no whole batch at position ${end} of ${path}`);
    await walk.took(end - told);
  } finally {
    file.closeSync();
  }
}
