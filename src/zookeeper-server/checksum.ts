const modulus = 65_521;
/** The most additions that stay below 2^53; far fewer keep the sums small integers, which is what makes it fast. */
const runLength = 3_800;

/** Adler-32, the checksum of ZooKeeper's files. `seed` is the checksum of the bytes before. */
export function adler32(bytes: Uint8Array, start = 0, end = bytes.length, seed = 1): number {
  let low = seed & 0xffff;
  let high = seed >>> 16;
  for (let at = start; at < end; ) {
    const stop = Math.min(at + runLength, end);
    for (; at < stop; at++) {
      low += bytes[at]!;
      high += low;
    }
    low %= modulus;
    high %= modulus;
  }
  return high * 65_536 + low;
}
