/*
 * xxHash of 32 bits: checksums of LZ4 frames. https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md
 */
const prime1 = 0x9e37_79b1;
const prime2 = 0x85eb_ca77;
const prime3 = 0xc2b2_ae3d;
const prime4 = 0x27d4_eb2f;
const prime5 = 0x1656_67b1;

/** Hash with seed 0. @returns 0 to 2^32 - 1 */
export function xxh32(bytes: Buffer, start = 0, end = bytes.length): number {
  let position = start;
  let hash = prime5 | 0;
  if (end - start >= 16) {
    let a = (prime1 + prime2) | 0;
    let b = prime2 | 0;
    let c = 0;
    let d = -prime1 | 0;
    for (const last = end - 16; position <= last; position += 16) {
      a = round(a, bytes.readInt32LE(position));
      b = round(b, bytes.readInt32LE(position + 4));
      c = round(c, bytes.readInt32LE(position + 8));
      d = round(d, bytes.readInt32LE(position + 12));
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  }
  hash = (hash + (end - start)) | 0;
  for (; position + 4 <= end; position += 4) {
    hash = Math.imul(rotate((hash + Math.imul(bytes.readInt32LE(position), prime3)) | 0, 17), prime4);
  }
  for (; position < end; position++) {
    hash = Math.imul(rotate((hash + Math.imul(bytes[position] as number, prime5)) | 0, 11), prime1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), prime2);
  hash = Math.imul(hash ^ (hash >>> 13), prime3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function round(lane: number, word: number): number {
  return Math.imul(rotate((lane + Math.imul(word, prime2)) | 0, 13), prime1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
