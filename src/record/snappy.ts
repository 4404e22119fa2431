/*
 * Snappy as Kafka uses it. Java clients write a stream of blocks (xerial's snappy-java), others one raw block: a reader
 * takes both, told apart by the magic bytes.
 *
 *   82 'SNAPPY' 00 | version i32 = 1 | compatible version i32 = 1 | { length i32, raw block of up to 32 KiB of input }*
 */
import { CorruptRecord } from './errors.ts';
import { missNative, natives } from './natives.ts';
import { Output } from './output.ts';
import { compressSnappyBlock, decompressSnappyBlock, snappyBlockBytesMax, snappyPlainLength } from './snappy-block.ts';

const streamMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const streamHeaderBytes = 16;
const blockBytes = 32 * 1024;

/** Writes the stream form, as Java does: every reader of Kafka's knows it. */
export function compressSnappy(bytes: Buffer): Buffer {
  const blocks = Math.ceil(bytes.length / blockBytes);
  const target = Buffer.allocUnsafe(streamHeaderBytes + blocks * (4 + snappyBlockBytesMax(blockBytes)));
  streamMagic.copy(target);
  target.writeInt32BE(1, 8);
  target.writeInt32BE(1, 12);
  let to = streamHeaderBytes;
  for (let from = 0; from < bytes.length; from += blockBytes) {
    const end = Math.min(from + blockBytes, bytes.length);
    const blockStart = to + 4;
    to = writeBlock(bytes, from, end, target, blockStart);
    target.writeInt32BE(to - blockStart, blockStart - 4);
  }
  return target.subarray(0, to);
}

function writeBlock(bytes: Buffer, start: number, end: number, target: Buffer, to: number): number {
  if (natives.snappy === undefined) {
    missNative('snappy');
    return compressSnappyBlock(bytes, start, end, target, to);
  }
  const block = natives.snappy.compressSync(bytes.subarray(start, end));
  target.set(block, to);
  return to + block.length;
}

/** @throws CorruptRecord when damaged or larger than `maxBytes` when plain */
export function decompressSnappy(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length < streamHeaderBytes || bytes.compare(streamMagic, 0, streamMagic.length, 0, streamMagic.length) !== 0) {
    return readRawBlock(bytes, maxBytes);
  }
  const output = new Output(bytes.length * 2, maxBytes);
  let position = streamHeaderBytes;
  while (position < bytes.length) {
    if (bytes.length - position < 4) throw new CorruptRecord('A snappy stream ends inside a block length');
    const length = bytes.readInt32BE(position);
    position += 4;
    if (length < 0 || length > bytes.length - position) throw new CorruptRecord(`A snappy block of ${length} bytes runs over the end of its stream`);
    readBlock(bytes, position, position + length, output);
    position += length;
  }
  return output.finish();
}

function readRawBlock(bytes: Buffer, maxBytes: number): Buffer {
  const output = new Output(checkedPlainLength(bytes, 0, bytes.length), maxBytes);
  readBlock(bytes, 0, bytes.length, output);
  return output.finish();
}

function readBlock(bytes: Buffer, start: number, end: number, output: Output): void {
  const length = checkedPlainLength(bytes, start, end);
  if (natives.snappy === undefined) {
    missNative('snappy');
    decompressSnappyBlock(bytes, start, end, output);
    return;
  }
  output.reserve(length); // refuses too much before the native code takes memory
  let plain: Buffer;
  try {
    plain = natives.snappy.uncompressSync(bytes.subarray(start, end), { asBuffer: true });
  } catch (cause) {
    throw new CorruptRecord('A snappy block is damaged', { cause });
  }
  if (plain.length !== length) throw new CorruptRecord('A snappy block holds less than it announces');
  output.append(plain, 0, plain.length);
}

/** A block's announced length, when its bytes can hold that much at all: a copy of 3 bytes gives 64 at most. */
function checkedPlainLength(bytes: Buffer, start: number, end: number): number {
  const { length } = snappyPlainLength(bytes, start, end);
  if (length > (end - start) * 32) throw new CorruptRecord(`A snappy block of ${end - start} bytes cannot hold ${length}`);
  return length;
}
