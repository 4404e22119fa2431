import type { FileSlice } from '../log/partition-log.ts';
import type { FileRange } from '../protocol/writer.ts';

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
  readonly sendsFiles: boolean;
}

/** `giveBack` must be called once, when the records were sent. */
export interface LentRecords {
  readonly records: Buffer | FileRange;
  giveBack(): void;
}

const sizes = [16 * 1024, 64 * 1024, 256 * 1024, 1024 * 1024] as const;
/** Buffers kept of each size: 16 KiB to 1 MiB, together 5.4 MB at the most. */
const keptOfEach = 4;
/** Below this a copy costs less than the call that avoids it. */
const rangeBytesMin = 32 * 1024;
const nothing: LentRecords = { records: Buffer.alloc(0), giveBack: () => undefined };

export function createRecordReader(): RecordReader {
  const pools = sizes.map((): Buffer[] => []);

  function borrow(length: number): { readonly buffer: Buffer; giveBack(): void } {
    const index = sizes.findIndex((size) => size >= length);
    if (index < 0) return { buffer: Buffer.allocUnsafeSlow(length), giveBack: () => undefined };
    const pool = pools[index]!;
    const buffer = pool.pop() ?? Buffer.allocUnsafeSlow(sizes[index]!);
    return {
      buffer,
      giveBack() {
        if (pool.length < keptOfEach) pool.push(buffer);
      },
    };
  }

  return {
    take({ file, position, length }, isHot, sender) {
      if (length === 0) return nothing;
      if (length >= rangeBytesMin && sender?.sendsFiles === true && (isHot || file.isCachedSync(position, length))) {
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
