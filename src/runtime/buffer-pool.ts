/** Buffers that are used again: they stay in the processor's cache, and the system need not map and clear fresh memory for each. */
export interface BufferPool {
  /** A buffer of `length` bytes or more, with any content. Where none of at most `lengthMax` is kept, it may have as little as `lengthMin`. */
  borrow(length: number, lengthMin?: number, lengthMax?: number): Buffer;
  /** Nobody reads or writes it any more. */
  giveBack(buffer: Buffer): void;
}

const kibi = 1024;
/** A request has up to max.request.size (1 MiB unless the client says else) of batches, and what stands around them. */
const sizes = [16 * kibi, 64 * kibi, 256 * kibi, 1088 * kibi, 4352 * kibi] as const;
/** Of each size: together 23 MB at the most. */
const keptOfEach = 4;

/**
 * Where no size fits each buffer is its own, and forgotten when it is given back: always above 4.25 MiB. That is dear:
 * V8 marks its whole heap again after some 32 MB of such memory.
 */
export function createBufferPool(): BufferPool {
  const kept = sizes.map((): Buffer[] => []);
  return {
    borrow(length, lengthMin = length, lengthMax = Infinity) {
      let index = sizes.findIndex((size) => size >= length && size <= lengthMax);
      if (index < 0) index = sizes.findLastIndex((size) => size >= lengthMin && size <= lengthMax);
      return index < 0 ? Buffer.allocUnsafeSlow(length) : (kept[index]!.pop() ?? Buffer.allocUnsafeSlow(sizes[index]!));
    },
    giveBack(buffer) {
      const free = kept[sizes.indexOf(buffer.length as (typeof sizes)[number])];
      if (free !== undefined && free.length < keptOfEach) free.push(buffer);
    },
  };
}
