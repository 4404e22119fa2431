/*
 * LZ4 frames as Kafka uses them (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md).
 *
 *   04 22 4d 18 | FLG BD [content size i64] HC | { block size i32, block [, checksum u32] }* | 0 [| content checksum u32]
 *
 * HC is the second byte of xxh32 over FLG, BD and content size. Kafka 0.8 and 0.9 hashed the four magic bytes as well
 * (KAFKA-3160): in message format v0 that wrong value is what old clients expect, so there it is written, and both are
 * read. Kafka's Java reader knows independent blocks only; so do we.
 */
import { CorruptRecord } from './errors.ts';
import type { Magic } from './batch.ts';
import { compressLz4Block, decompressLz4Block, lz4BlockBytesMax } from './lz4-block.ts';
import { missNative, natives } from './natives.ts';
import { Output } from './output.ts';
import { xxh32 } from './xxh32.ts';

const frameMagic = 0x184d_2204;
const headerBytesMin = 7;
/** Block size that is written: Kafka's default, and the smallest that the format has. */
const blockBytes = 65_536;
const uncompressedBit = 0x8000_0000;
const flagBits = { version: 0xc0, independent: 0x20, blockChecksum: 0x10, contentSize: 8, contentChecksum: 4, reserved: 2, dictionary: 1 } as const;

export function compressLz4(bytes: Buffer, format: Magic): Buffer {
  const blocks = Math.ceil(bytes.length / blockBytes);
  const target = Buffer.allocUnsafe(headerBytesMin + 4 + blocks * (4 + lz4BlockBytesMax(blockBytes)));
  target.writeUInt32LE(frameMagic, 0);
  target[4] = 0x60; // version 1, independent blocks, no checksums
  target[5] = 0x40; // 64 KiB
  target[6] = headerChecksum(target, 0, 6, format === 0);
  let to = headerBytesMin;
  for (let from = 0; from < bytes.length; from += blockBytes) {
    to = writeBlock(bytes, from, Math.min(from + blockBytes, bytes.length), target, to);
  }
  target.writeUInt32LE(0, to);
  return target.subarray(0, to + 4);
}

/** A block that does not get smaller is stored as it is, with the top bit of its size set. */
function writeBlock(bytes: Buffer, start: number, end: number, target: Buffer, sizeAt: number): number {
  const blockStart = sizeAt + 4;
  let blockEnd: number;
  if (natives.lz4 === undefined) {
    missNative('lz4');
    blockEnd = compressLz4Block(bytes, start, end, target, blockStart);
  } else {
    const block = natives.lz4.compressSync(bytes.subarray(start, end));
    block.copy(target, blockStart, 4); // after its four bytes of plain size
    blockEnd = blockStart + block.length - 4;
  }
  if (blockEnd - blockStart < end - start) {
    target.writeUInt32LE(blockEnd - blockStart, sizeAt);
    return blockEnd;
  }
  target.writeUInt32LE((uncompressedBit | (end - start)) >>> 0, sizeAt);
  bytes.copy(target, blockStart, start, end);
  return blockStart + end - start;
}

function headerChecksum(bytes: Buffer, start: number, end: number, isWrong: boolean): number {
  return (xxh32(bytes, isWrong ? start : start + 4, end) >>> 8) & 0xff;
}

interface FrameHeader {
  readonly blockBytesMax: number;
  readonly hasBlockChecksums: boolean;
  readonly hasContentChecksum: boolean;
  readonly hasWrongChecksum: boolean;
  readonly contentBytes: number | undefined;
  readonly end: number;
}

/** @throws CorruptRecord when damaged or larger than `maxBytes` when plain */
export function decompressLz4(bytes: Buffer, format: Magic, maxBytes: number): Buffer {
  const header = readHeader(bytes, format);
  const frame = measureFrame(bytes, header);
  if (header.contentBytes !== undefined && header.contentBytes > frame.plainBytesMax) throw new CorruptRecord('An LZ4 frame announces more than its blocks can hold');
  if (natives.lz4 === undefined) missNative('lz4');
  if (natives.lz4 === undefined || header.hasWrongChecksum || frame.plainBytesMax > maxBytes) return readBlocks(bytes, header, maxBytes);
  try {
    return natives.lz4.decompressFrameSync(bytes.subarray(0, frame.end));
  } catch (cause) {
    throw new CorruptRecord('An LZ4 frame is damaged', { cause });
  }
}

/**
 * Where the frame ends and the most that its blocks can hold, from their sizes alone: a byte of a compressed block stands for
 * at most 255. The native package, which takes no bound, runs only where that is within the caller's.
 */
function measureFrame(bytes: Buffer, header: FrameHeader): { readonly plainBytesMax: number; readonly end: number } {
  let plainBytesMax = 0;
  let position = header.end;
  for (;;) {
    const { size, isPlain, start, end } = blockAt(bytes, position, header);
    if (size === 0 && !isPlain) return { plainBytesMax, end: start + (header.hasContentChecksum ? 4 : 0) };
    plainBytesMax += isPlain ? size : Math.min(header.blockBytesMax, size * 255);
    position = header.hasBlockChecksums ? end + 4 : end;
  }
}

function blockAt(bytes: Buffer, position: number, header: FrameHeader): { readonly size: number; readonly isPlain: boolean; readonly start: number; readonly end: number } {
  const field = uint32(bytes, position);
  const isPlain = field >= uncompressedBit;
  const size = isPlain ? field - uncompressedBit : field;
  const start = position + 4;
  if (size > bytes.length - start || size > header.blockBytesMax) throw new CorruptRecord('An LZ4 block is larger than its frame');
  return { size, isPlain, start, end: start + size };
}

function readBlocks(bytes: Buffer, header: FrameHeader, maxBytes: number): Buffer {
  const output = new Output(header.contentBytes ?? bytes.length * 4, maxBytes);
  let position = header.end;
  for (;;) {
    const { isPlain, start, end } = blockAt(bytes, position, header);
    position = end;
    if (!isPlain && end === start) break;
    if (header.hasBlockChecksums) {
      if (xxh32(bytes, start, end) !== uint32(bytes, end)) throw new CorruptRecord('Block checksum mismatch in an LZ4 frame');
      position += 4;
    }
    if (isPlain) output.append(bytes, start, end);
    else decompressLz4Block(bytes, start, end, output, header.blockBytesMax);
  }
  const plain = output.finish();
  if (header.hasContentChecksum && xxh32(plain) !== uint32(bytes, position)) throw new CorruptRecord('Content checksum mismatch in an LZ4 frame');
  if (header.contentBytes !== undefined && header.contentBytes !== plain.length) throw new CorruptRecord('An LZ4 frame does not hold what it announces');
  return plain;
}

function readHeader(bytes: Buffer, format: Magic): FrameHeader {
  if (bytes.length < headerBytesMin || bytes.readUInt32LE(0) !== frameMagic) throw new CorruptRecord('No LZ4 frame');
  const flags = bytes[4] as number;
  const descriptor = bytes[5] as number;
  const blockSize = descriptor >>> 4;
  if ((flags & flagBits.version) !== 0x40) throw new CorruptRecord('An LZ4 frame of unknown version');
  if ((flags & flagBits.independent) === 0) throw new CorruptRecord('Dependent block stream is unsupported');
  if ((flags & (flagBits.reserved | flagBits.dictionary)) !== 0) throw new CorruptRecord('Reserved bits are set in an LZ4 frame');
  if ((descriptor & 0x8f) !== 0 || blockSize < 4) throw new CorruptRecord('An LZ4 frame of unknown block size');
  const hasContentSize = (flags & flagBits.contentSize) !== 0;
  const checksumAt = hasContentSize ? 14 : 6;
  if (checksumAt >= bytes.length) throw new CorruptRecord('An LZ4 frame ends inside its header');
  const checksum = bytes[checksumAt];
  const hasWrongChecksum = checksum !== headerChecksum(bytes, 0, checksumAt, false);
  if (hasWrongChecksum && (format !== 0 || checksum !== headerChecksum(bytes, 0, checksumAt, true))) {
    throw new CorruptRecord('Header checksum mismatch in an LZ4 frame');
  }
  return {
    blockBytesMax: 2 ** (2 * blockSize + 8),
    hasBlockChecksums: (flags & flagBits.blockChecksum) !== 0,
    hasContentChecksum: (flags & flagBits.contentChecksum) !== 0,
    hasWrongChecksum,
    contentBytes: hasContentSize ? bytes.readUInt32LE(6) + bytes.readUInt32LE(10) * 2 ** 32 : undefined,
    end: checksumAt + 1,
  };
}

function uint32(bytes: Buffer, position: number): number {
  if (bytes.length - position < 4) throw new CorruptRecord('An LZ4 frame ends too early');
  return bytes.readUInt32LE(position);
}
