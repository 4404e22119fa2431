import type { FileSlice } from '../log/partition-log.ts';
import type { FileRange } from '../protocol/writer.ts';
import { createBufferPool } from '../runtime/buffer-pool.ts';

/**
 * Takes slices of segment files for answers: by range where the connection sends files, else read into a few buffers that are
 * used again and again, which stay in the processor's cache where fresh memory would not (`test/bench`, fetch rows).
 *
 *                    │ to be sent as it is, and large │ small, or looked at here, or no sendfile
 *     in the cache   │ range of the file              │ read at once
 *     perhaps not    │ read by a thread               │ read by a thread
 */
export interface RecordReader {
  /** Undefined when the bytes may need the disk: then `read` has them. @param isHot they are surely in the page cache */
  take(slice: FileSlice, isHot: boolean, sender: FileSender | undefined): LentRecords | undefined;
  read(slice: FileSlice): Promise<LentRecords>;
}

/** The connection that an answer leaves by; without one its bytes are looked at before. */
export interface FileSender {
  sendsFiles(): boolean;
}

/** `giveBack` must be called once, when the records were sent. */
export interface LentRecords {
  readonly records: Buffer | FileRange;
  giveBack(): void;
}

/** Below this a copy costs less than the call that avoids it. */
const rangeBytesMin = 32 * 1024;
const nothing: LentRecords = { records: Buffer.alloc(0), giveBack: () => undefined };

export function createRecordReader(): RecordReader {
  const pool = createBufferPool();

  function borrow(length: number): { readonly buffer: Buffer; giveBack(): void } {
    const buffer = pool.borrow(length);
    return { buffer, giveBack: () => pool.giveBack(buffer) };
  }

  return {
    take({ file, position, length }, isHot, sender) {
      if (length === 0) return nothing;
      if (length >= rangeBytesMin && sender?.sendsFiles() === true && (isHot || file.isCachedSync(position, length))) {
        return { records: { file, position, byteLength: length }, giveBack: file.hold() };
      }
      const { buffer, giveBack } = borrow(length);
      if (isHot) return { records: buffer.subarray(0, file.readSync(buffer, 0, length, position)), giveBack };
      if (file.readCachedSync(buffer, 0, length, position)) return { records: buffer.subarray(0, length), giveBack };
      giveBack();
      return undefined;
    },
    async read({ file, position, length }) {
      const { buffer, giveBack } = borrow(length);
      const release = file.hold();
      try {
        return { records: buffer.subarray(0, await file.read(buffer, 0, length, position)), giveBack };
      } catch (error) {
        giveBack();
        throw error;
      } finally {
        release();
      }
    },
  };
}
