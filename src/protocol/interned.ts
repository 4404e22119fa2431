/**
 * Topic names, client ids and topic ids come again with every request. A small table gives back the string that was made
 * the last time: no call into the runtime, no allocation, and a hash that maps have already computed.
 * (Four times as fast as `toString` for 20 characters: `test/bench/protocol.ts`.) Each hash has one place, the newest
 * string takes it, so memory is bounded by `places` strings of `textBytesMax`.
 */
const places = 2048;
const textBytesMax = 64;
const texts: string[] = Array.from({ length: places }, () => '');

/** The UTF-8 text in [start, end); bytes that are no UTF-8 become U+FFFD, as in Kafka. */
export function textAt(buffer: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length > textBytesMax) return buffer.toString('utf8', start, end);
  let hash = length;
  let bits = 0;
  for (let at = start; at < end; at++) {
    const byte = buffer[at]!;
    bits |= byte;
    hash = Math.imul(hash, 31) + byte;
  }
  if (bits > 0x7f) return buffer.toString('utf8', start, end);
  const place = (hash ^ (hash >>> 11)) & (places - 1);
  const known = texts[place]!;
  if (isTextAt(buffer, start, known, length)) return known;
  const text = buffer.toString('latin1', start, end);
  texts[place] = text;
  return text;
}

function isTextAt(buffer: Buffer, start: number, text: string, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (text.charCodeAt(index) !== buffer[start + index]) return false;
  }
  return true;
}

interface KnownUuid {
  readonly words: readonly [number, number, number, number];
  readonly text: string;
}

/** The uuid of all zero bits, which means "none". */
export const zeroUuid = 'AAAAAAAAAAAAAAAAAAAAAA';
const noUuid: KnownUuid = { words: [0, 0, 0, 0], text: zeroUuid };
const uuids: KnownUuid[] = Array.from({ length: places }, () => noUuid);

/** The 16 bytes at `start` in Kafka's text form: 22 characters of base64url. */
export function uuidAt(buffer: Buffer, start: number): string {
  const a = wordAt(buffer, start);
  const b = wordAt(buffer, start + 4);
  const c = wordAt(buffer, start + 8);
  const d = wordAt(buffer, start + 12);
  const hash = a ^ b ^ c ^ d;
  const place = (hash ^ (hash >>> 16)) & (places - 1);
  const { words, text } = uuids[place]!;
  if (words[0] === a && words[1] === b && words[2] === c && words[3] === d) return text;
  const made = buffer.toString('base64url', start, start + 16);
  uuids[place] = { words: [a, b, c, d], text: made };
  return made;
}

function wordAt(buffer: Buffer, at: number): number {
  return (buffer[at]! << 24) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 8) | buffer[at + 3]!;
}
