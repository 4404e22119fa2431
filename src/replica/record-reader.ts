import type { FileSlice } from '../log/partition-log.ts';

/**
 * Reads slices of segment files into a few buffers that are used again and again: they stay in the processor's cache,
 * where fresh memory would not (`test/bench`, fetch rows).
 */
export interface RecordReader {
  /** Bytes surely in the page cache, read at once. */
  readNow(slice: FileSlice): LentBytes;
  /** Bytes that may need the disk. */
  read(slice: FileSlice): Promise<LentBytes>;
}

/** `giveBack` must be called once, when the bytes were sent. */
export interface LentBytes {
  readonly bytes: Buffer;
  giveBack(): void;
}

const sizes = [16 * 1024, 64 * 1024, 256 * 1024, 1024 * 1024] as const;
/** Buffers kept of each size: 16 KiB to 1 MiB, together 5.4 MB at the most. */
const keptOfEach = 4;
const nothing: LentBytes = { bytes: Buffer.alloc(0), giveBack: () => undefined };

export function createRecordReader(): RecordReader {
  const pools = sizes.map((): Buffer[] => []);

  function borrow(length: number): LentBytes {
    const index = sizes.findIndex((size) => size >= length);
    if (index < 0) return { bytes: Buffer.allocUnsafeSlow(length), giveBack: () => undefined };
    const pool = pools[index]!;
    const buffer = pool.pop() ?? Buffer.allocUnsafeSlow(sizes[index]!);
    return {
      bytes: buffer.subarray(0, length),
      giveBack() {
        if (pool.length < keptOfEach) pool.push(buffer);
      },
    };
  }

  return {
    readNow({ file, position, length }) {
      if (length === 0) return nothing;
      const lent = borrow(length);
      const count = file.readSync(lent.bytes, 0, length, position);
      return count === length ? lent : { bytes: lent.bytes.subarray(0, count), giveBack: lent.giveBack };
    },
    async read({ file, position, length }) {
      if (length === 0) return nothing;
      const lent = borrow(length);
      const count = await file.read(lent.bytes, 0, length, position);
      return count === length ? lent : { bytes: lent.bytes.subarray(0, count), giveBack: lent.giveBack };
    },
  };
}
