/** Buffers that are used again: they stay in the processor's cache, and the system need not map and clear fresh memory for each. */
export interface BufferPool {
  /** A buffer of `length` bytes or more, but not of more than `lengthMax`, with any content. */
  borrow(length: number, lengthMax?: number): Buffer;
  /** Nobody reads or writes it any more. */
  giveBack(buffer: Buffer): void;
}

const sizes = [16 * 1024, 64 * 1024, 256 * 1024, 1024 * 1024] as const;
/** Of each size: together 5.4 MB at the most. */
const keptOfEach = 4;

/** Where no size fits each buffer is its own, and forgotten when it is given back: always above 1 MiB. */
export function createBufferPool(): BufferPool {
  const kept = sizes.map((): Buffer[] => []);
  return {
    borrow(length, lengthMax = Infinity) {
      const index = sizes.findIndex((size) => size >= length && size <= lengthMax);
      return index < 0 ? Buffer.allocUnsafeSlow(length) : (kept[index]!.pop() ?? Buffer.allocUnsafeSlow(sizes[index]!));
    },
    giveBack(buffer) {
      const free = kept[sizes.indexOf(buffer.length as (typeof sizes)[number])];
      if (free !== undefined && free.length < keptOfEach) free.push(buffer);
    },
  };
}
