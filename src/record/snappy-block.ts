/*
 * One raw Snappy block in plain TypeScript: the plain length as a varint, then literals and copies
 * (https://github.com/google/snappy/blob/main/format_description.txt). Greedy matching by a hash of four bytes.
 */
import { CorruptRecord } from './errors.ts';
import { Output } from './output.ts';

/** Copies reach back 64 KiB at most, so input is matched in pieces of that size. */
const fragmentBytes = 65_536;
const hashBits = 14;
/** The compressor's margin: no match starts in the last bytes of a fragment. */
const tailBytes = 15;
const hashTable = new Uint16Array(1 << hashBits);

/** Length that the preamble announces and the position after it. @throws CorruptRecord when it is no such number */
export function snappyPlainLength(bytes: Buffer, start: number, end: number): { readonly length: number; readonly next: number } {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    if (start + index >= end) break;
    const byte = bytes[start + index] as number;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80 && length <= 0xffff_ffff) return { length, next: start + index + 1 };
  }
  throw new CorruptRecord('A snappy block does not begin with its length');
}

/** @throws CorruptRecord when damaged, or when it would add more to `output` than that allows */
export function decompressSnappyBlock(bytes: Buffer, start: number, end: number, output: Output): void {
  const { length, next } = snappyPlainLength(bytes, start, end);
  output.reserve(length);
  const first = output.length;
  const plainEnd = first + length;
  let position = next;
  while (position < end) {
    const tag = bytes[position++] as number;
    if ((tag & 3) === 0) {
      let count = tag >>> 2;
      if (count >= 60) {
        const extra = count - 59;
        if (position + extra > end) throw new CorruptRecord('A snappy literal has no length');
        count = bytes.readUIntLE(position, extra);
        position += extra;
      }
      count++;
      if (position + count > end || output.length + count > plainEnd) throw new CorruptRecord('A snappy literal is too long');
      output.append(bytes, position, position + count);
      position += count;
      continue;
    }
    const argumentBytes = (tag & 3) === 3 ? 4 : tag & 3;
    if (position + argumentBytes > end) throw new CorruptRecord('A snappy copy has no offset');
    const isShort = (tag & 3) === 1;
    const count = isShort ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const distance = isShort ? ((tag >>> 5) << 8) | (bytes[position] as number) : bytes.readUIntLE(position, argumentBytes);
    position += argumentBytes;
    if (distance === 0 || distance > output.length - first || output.length + count > plainEnd) throw new CorruptRecord('A snappy copy is out of range');
    output.repeat(distance, count);
  }
  if (output.length !== plainEnd) throw new CorruptRecord('A snappy block holds less than it announces');
}

export function snappyBlockBytesMax(plainBytes: number): number {
  return 32 + plainBytes + Math.ceil(plainBytes / 6);
}

/** Writes one block to `target`, which has `snappyBlockBytesMax` bytes left; gives the position after it. */
export function compressSnappyBlock(source: Buffer, start: number, end: number, target: Buffer, targetStart: number): number {
  let to = targetStart;
  let rest = end - start;
  while (rest >= 0x80) {
    target[to++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  target[to++] = rest;
  for (let from = start; from < end; from += fragmentBytes) to = compressFragment(source, from, Math.min(from + fragmentBytes, end), target, to);
  return to;
}

function compressFragment(source: Buffer, start: number, end: number, target: Buffer, targetStart: number): number {
  let to = targetStart;
  let literalStart = start;
  const last = end - tailBytes;
  hashTable.fill(0);
  let from = start + 1;
  let misses = 32; // after many misses, look less often: incompressible data goes by quickly
  while (from < last) {
    const word = wordAt(source, from);
    const slot = Math.imul(word, 0x1e35_a7bd) >>> (32 - hashBits);
    const candidate = start + (hashTable[slot] as number);
    hashTable[slot] = from - start;
    if (wordAt(source, candidate) !== word) {
      from += misses++ >>> 5;
      continue;
    }
    if (from > literalStart) to = writeLiteral(source, literalStart, from, target, to);
    let matched = 4;
    while (from + matched < end && source[candidate + matched] === source[from + matched]) matched++;
    to = writeCopy(target, to, from - candidate, matched);
    from += matched;
    literalStart = from;
    misses = 32;
  }
  return literalStart < end ? writeLiteral(source, literalStart, end, target, to) : to;
}

function wordAt(bytes: Buffer, position: number): number {
  return (bytes[position] as number) | ((bytes[position + 1] as number) << 8) | ((bytes[position + 2] as number) << 16) | ((bytes[position + 3] as number) << 24);
}

function writeLiteral(source: Buffer, start: number, end: number, target: Buffer, targetStart: number): number {
  let to = targetStart;
  const count = end - start - 1;
  if (count < 60) {
    target[to++] = count << 2;
  } else if (count < 256) {
    target[to++] = 60 << 2;
    target[to++] = count;
  } else {
    target[to++] = 61 << 2;
    target[to++] = count & 0xff;
    target[to++] = count >>> 8;
  }
  source.copy(target, to, start, end);
  return to + end - start;
}

function writeCopy(target: Buffer, targetStart: number, distance: number, length: number): number {
  let to = targetStart;
  let rest = length;
  while (rest > 0) {
    let count = Math.min(rest, 64);
    if (rest > 64 && rest < 68) count = 60; // what is left must be worth a copy
    if (count >= 4 && count < 12 && distance < 2048) {
      target[to++] = 1 | ((count - 4) << 2) | ((distance >>> 8) << 5);
      target[to++] = distance & 0xff;
    } else {
      target[to++] = 2 | ((count - 1) << 2);
      target[to++] = distance & 0xff;
      target[to++] = distance >>> 8;
    }
    rest -= count;
  }
  return to;
}
