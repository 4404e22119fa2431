/*
 * One raw LZ4 block in plain TypeScript (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md): sequences of a token,
 * literals and a match. Greedy matching by a hash of four bytes.
 */
import { CorruptRecord } from './errors.ts';
import type { Output } from './output.ts';

const hashBits = 13;
const matchBytesMin = 4;
/** The last five bytes are literals, and no match starts within the last twelve: the format's rules for encoders. */
const lastLiteralBytes = 5;
const matchStartMargin = 12;
const hashTable = new Int32Array(1 << hashBits);

/**
 * @param blockBytesMax most that one block of this frame may hold when plain
 * @throws CorruptRecord when damaged, larger than `blockBytesMax`, or when `output` allows no more
 */
export function decompressLz4Block(bytes: Buffer, start: number, end: number, output: Output, blockBytesMax: number): void {
  const first = output.length;
  let position = start;
  while (position < end) {
    const token = bytes[position++] as number;
    let count = token >>> 4;
    if (count === 15) {
      let byte = 255;
      while (byte === 255) {
        if (position >= end) throw new CorruptRecord('An LZ4 block ends inside a length');
        byte = bytes[position++] as number;
        count += byte;
      }
    }
    if (count > end - position) throw new CorruptRecord('An LZ4 literal is too long');
    if (output.length - first + count > blockBytesMax) throw new CorruptRecord('An LZ4 block is larger than its frame allows');
    output.append(bytes, position, position + count);
    position += count;
    if (position === end) return; // the last sequence has no match
    if (end - position < 2) throw new CorruptRecord('An LZ4 match has no offset');
    const distance = (bytes[position] as number) | ((bytes[position + 1] as number) << 8);
    position += 2;
    count = token & 15;
    if (count === 15) {
      let byte = 255;
      while (byte === 255) {
        if (position >= end) throw new CorruptRecord('An LZ4 block ends inside a length');
        byte = bytes[position++] as number;
        count += byte;
      }
    }
    count += matchBytesMin;
    if (distance === 0 || distance > output.length - first) throw new CorruptRecord('An LZ4 match is out of range');
    if (output.length - first + count > blockBytesMax) throw new CorruptRecord('An LZ4 block is larger than its frame allows');
    output.reserve(count);
    output.repeat(distance, count);
  }
  throw new CorruptRecord('An LZ4 block does not end with literals');
}

export function lz4BlockBytesMax(plainBytes: number): number {
  return plainBytes + Math.ceil(plainBytes / 255) + 16;
}

/** Writes one block of at most 64 KiB of input to `target`, which has `lz4BlockBytesMax` bytes left; gives the end. */
export function compressLz4Block(source: Buffer, start: number, end: number, target: Buffer, targetStart: number): number {
  let to = targetStart;
  let literalStart = start;
  const last = end - matchStartMargin;
  const matchEnd = end - lastLiteralBytes;
  hashTable.fill(-1);
  let from = start;
  let misses = 64; // after many misses, look less often: incompressible data goes by quickly
  while (from < last) {
    const word = wordAt(source, from);
    const slot = Math.imul(word, -1_640_531_535) >>> (32 - hashBits);
    const candidate = hashTable[slot] as number;
    hashTable[slot] = from;
    if (candidate < 0 || from - candidate > 0xffff || wordAt(source, candidate) !== word) {
      from += misses++ >>> 6;
      continue;
    }
    let matched = matchBytesMin;
    while (from + matched < matchEnd && source[candidate + matched] === source[from + matched]) matched++;
    to = writeSequence(source, literalStart, from, target, to, from - candidate, matched);
    from += matched;
    literalStart = from;
    misses = 64;
  }
  return writeSequence(source, literalStart, end, target, to, 0, 0);
}

function wordAt(bytes: Buffer, position: number): number {
  return (bytes[position] as number) | ((bytes[position + 1] as number) << 8) | ((bytes[position + 2] as number) << 16) | ((bytes[position + 3] as number) << 24);
}

/** @param matched length of the match; 0 for the last sequence, which has none */
function writeSequence(source: Buffer, start: number, end: number, target: Buffer, targetStart: number, distance: number, matched: number): number {
  const literals = end - start;
  const match = matched === 0 ? 0 : matched - matchBytesMin;
  let to = targetStart;
  target[to++] = (Math.min(literals, 15) << 4) | Math.min(match, 15);
  if (literals >= 15) to = writeLength(target, to, literals - 15);
  source.copy(target, to, start, end);
  to += literals;
  if (matched === 0) return to;
  target[to++] = distance & 0xff;
  target[to++] = distance >>> 8;
  return match >= 15 ? writeLength(target, to, match - 15) : to;
}

function writeLength(target: Buffer, targetStart: number, length: number): number {
  let to = targetStart;
  let rest = length;
  for (; rest >= 255; rest -= 255) target[to++] = 255;
  target[to++] = rest;
  return to;
}
