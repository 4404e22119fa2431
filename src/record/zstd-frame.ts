/*
 * The outside of zstd frames (RFC 8878): what they may decompress to, known from frame and block headers alone, so that
 * memory is bounded before a decompressor runs. A compressed block holds at most 128 KiB when plain.
 *
 *   28 b5 2f fd | descriptor [window] [dictionary id] [content size] | { header 3 B: last 1, type 2, size 21; block }* [| checksum u32]
 */
import { CorruptRecord } from './errors.ts';

const frameMagic = 0xfd2f_b528;
const skippableMagic = 0x184d_2a50;
const blockPlainBytesMax = 128 * 1024;
/** Largest window that Kafka's zstd library takes, 128 MiB, as a power of two. */
const windowLogMax = 27;

/**
 * Upper bound of what all frames in `bytes` hold when plain.
 * @throws CorruptRecord when the bytes are not whole frames, from first to last, or announce more than `maxBytes`
 */
export function zstdPlainBytesMax(bytes: Buffer, maxBytes: number): number {
  let total = 0;
  let position = 0;
  let frames = 0;
  while (position < bytes.length) {
    const magic = uint(bytes, position, 4);
    if ((magic & 0xffff_fff0) >>> 0 === skippableMagic) throw new CorruptRecord('A skippable zstd frame');
    if (magic !== frameMagic) throw new CorruptRecord('No zstd frame');
    const frame = readFrame(bytes, position + 4);
    if (frame.isAnnounced && frame.plainBytesMax > maxBytes) throw new CorruptRecord(`A zstd frame announces ${frame.plainBytesMax} bytes, more than allowed`);
    total += frame.plainBytesMax;
    position = frame.end;
    frames++;
  }
  if (frames === 0) throw new CorruptRecord('No zstd frame');
  return Math.min(total, maxBytes);
}

function readFrame(bytes: Buffer, start: number): { readonly plainBytesMax: number; readonly isAnnounced: boolean; readonly end: number } {
  const descriptor = uint(bytes, start, 1);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const sizeFlag = descriptor >>> 6;
  const contentSizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 2 ** sizeFlag;
  if ((descriptor & 8) !== 0) throw new CorruptRecord('A reserved bit is set in a zstd frame');
  if (!isSingleSegment && 10 + (uint(bytes, start + 1, 1) >>> 3) > windowLogMax) throw new CorruptRecord('A zstd frame needs too large a window');
  if (dictionaryIdBytes !== 0 && uint(bytes, start + 1 + (isSingleSegment ? 0 : 1), dictionaryIdBytes) !== 0) {
    throw new CorruptRecord('A zstd frame needs a dictionary');
  }
  const contentSizeAt = start + 1 + (isSingleSegment ? 0 : 1) + dictionaryIdBytes;
  const contentBytes = contentSizeBytes === 0 ? Infinity : contentSize(bytes, contentSizeAt, contentSizeBytes);
  let position = contentSizeAt + contentSizeBytes;
  let plainBytesMax = 0;
  for (let isLast = false; !isLast; ) {
    const header = uint(bytes, position, 3);
    const size = header >>> 3;
    const type = (header >>> 1) & 3;
    if (type === 3) throw new CorruptRecord('A zstd block of unknown type');
    plainBytesMax += type === 2 ? blockPlainBytesMax : size;
    position += 3 + (type === 1 ? 1 : size);
    isLast = (header & 1) === 1;
  }
  if ((descriptor & 4) !== 0) position += 4;
  if (position > bytes.length) throw new CorruptRecord('A zstd frame ends too early');
  return { plainBytesMax: checkedContent(contentBytes, plainBytesMax), isAnnounced: contentBytes !== Infinity, end: position };
}

function checkedContent(contentBytes: number, plainBytesMax: number): number {
  if (contentBytes === Infinity) return plainBytesMax;
  if (contentBytes > plainBytesMax) throw new CorruptRecord('A zstd frame announces more than its blocks can hold');
  return contentBytes;
}

function contentSize(bytes: Buffer, position: number, size: number): number {
  if (size === 8) return uint(bytes, position, 4) + uint(bytes, position + 4, 4) * 2 ** 32;
  return uint(bytes, position, size) + (size === 2 ? 256 : 0);
}

function uint(bytes: Buffer, position: number, size: number): number {
  if (bytes.length - position < size) throw new CorruptRecord('A zstd frame ends too early');
  return bytes.readUIntLE(position, size);
}
