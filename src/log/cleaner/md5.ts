/**
 * MD5 of keys, as Kafka's SkimpyOffsetMap takes it: 16 bytes that stand for a key of any length. Written out, since a call of
 * node:crypto costs several times the hash of a short key, and an object for each. Not for security.
 */
const shifts = Uint8Array.of(7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21);
const sines = Int32Array.from({ length: 64 }, (_, step) => Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32) | 0);
const blockBytes = 64;

/** The last hash, as four little-endian words. */
export const hash = new Int32Array(4);
const words = new Int32Array(16);
const tail = new Uint8Array(2 * blockBytes);

/** Leaves the hash of `bytes[start, end)` in `hash`. */
export function md5(bytes: Uint8Array, start: number, end: number): void {
  hash[0] = 0x6745_2301;
  hash[1] = 0xefcd_ab89;
  hash[2] = 0x98ba_dcfe;
  hash[3] = 0x1032_5476;
  let position = start;
  for (; end - position >= blockBytes; position += blockBytes) block(bytes, position);
  const rest = end - position;
  for (let index = 0; index < rest; index++) tail[index] = bytes[position + index] as number;
  tail[rest] = 0x80;
  const tailBytes = rest < blockBytes - 8 ? blockBytes : 2 * blockBytes;
  tail.fill(0, rest + 1, tailBytes);
  const bits = (end - start) * 8;
  for (let index = 0, left = bits; index < 8; index++, left = Math.floor(left / 256)) tail[tailBytes - 8 + index] = left % 256;
  block(tail, 0);
  if (tailBytes > blockBytes) block(tail, blockBytes);
}

function block(bytes: Uint8Array, start: number): void {
  for (let index = 0; index < 16; index++) {
    const at = start + index * 4;
    words[index] = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
  }
  let a = hash[0] as number;
  let b = hash[1] as number;
  let c = hash[2] as number;
  let d = hash[3] as number;
  for (let step = 0; step < 64; step++) {
    const round = step >>> 4;
    let mixed: number;
    let word: number;
    if (round === 0) {
      mixed = (b & c) | (~b & d);
      word = step;
    } else if (round === 1) {
      mixed = (d & b) | (~d & c);
      word = (5 * step + 1) & 15;
    } else if (round === 2) {
      mixed = b ^ c ^ d;
      word = (3 * step + 5) & 15;
    } else {
      mixed = c ^ (b | ~d);
      word = (7 * step) & 15;
    }
    const sum = (a + mixed + (sines[step] as number) + (words[word] as number)) | 0;
    const shift = shifts[(round << 2) | (step & 3)] as number;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  hash[0] = ((hash[0] as number) + a) | 0;
  hash[1] = ((hash[1] as number) + b) | 0;
  hash[2] = ((hash[2] as number) + c) | 0;
  hash[3] = ((hash[3] as number) + d) | 0;
}
