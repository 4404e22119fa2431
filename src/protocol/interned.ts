/**
 * Topic names, client ids and topic ids come again with every request. A small table gives back the string that was made
 * the last time: no allocation, no call into the runtime, and a hash that maps have already computed. Each hash has one
 * place, which the newest string takes, so memory is bounded. Above 40 characters comparing costs more than it saves
 * (`test/bench/protocol.ts`).
 */
const places = 2048;
const textBytesMax = 40;
/** Names differ at their ends: that many last bytes, with the length, choose the place. */
const hashedBytes = 12;
const texts: string[] = Array.from({ length: places }, () => '');

/** The UTF-8 text in [start, end); bytes that are no UTF-8 become U+FFFD, as in Kafka. */
export function textAt(buffer: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length > textBytesMax) return buffer.toString('utf8', start, end);
  let hash = length;
  for (let at = length > hashedBytes ? end - hashedBytes : start; at < end; at++) hash = Math.imul(hash, 31) + buffer[at]!;
  const place = (hash ^ (hash >>> 11)) & (places - 1);
  const known = texts[place]!;
  if (isTextAt(buffer, start, known, length)) return known;
  const text = buffer.toString('utf8', start, end);
  if (isTextAt(buffer, start, text, length)) texts[place] = text;
  return text;
}

/** True for ASCII alone, where a character is a byte. */
function isTextAt(buffer: Buffer, start: number, text: string, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit !== buffer[start + index] || unit > 0x7f) return false;
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
