import { KafkaError } from './errors.ts';
import { zeroUuid } from './interned.ts';

/** Bytes fields above this length are taken by reference: copying them would cost more than a chunk of their own. */
const copiedBytesMax = 1024;
const firstBufferBytes = 512;
/** A string's length in bytes, in either form. */
const textBytesMax = 0x7fff;
/** Up to this many characters a loop beats the call into the runtime (`test/bench/protocol.ts`). */
const loopedTextMax = 48;

/** A range of a file, in place of its bytes: whoever sends the message takes them from there. (`src/runtime` sends the same.) */
export interface FileRange {
  readonly file: { readonly descriptor: number; readSync(target: Uint8Array, targetStart: number, length: number, position: number): number };
  readonly position: number;
  /** Above 0. */
  readonly byteLength: number;
}

/** A piece of an encoded message. */
export type Chunk = Uint8Array | FileRange;

/**
 * Collects a message as chunks: small fields in buffers of its own, long bytes fields by reference. Big-endian,
 * Kafka protocol "Protocol Primitive Types".
 */
export class Writer {
  /** The buffer that is being filled, and the next free place in it: compiled encoders store numbers there themselves. */
  buffer: Buffer;
  at = 0;
  /** Where the chunk that is being filled starts in `buffer`. */
  #start = 0;
  readonly #chunks: Chunk[] = [];
  #chunkBytes = 0;

  constructor(sizeHint = firstBufferBytes) {
    this.buffer = Buffer.allocUnsafe(sizeHint);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#chunkBytes + this.at - this.#start;
  }

  /** Makes room for at least `count` bytes at `at`, in another buffer. */
  grow(count: number): void {
    this.#closeChunk();
    this.buffer = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, count));
    this.#start = 0;
    this.at = 0;
  }

  #reserve(count: number): number {
    if (this.at + count > this.buffer.length) this.grow(count);
    const at = this.at;
    this.at = at + count;
    return at;
  }

  #closeChunk(): void {
    if (this.at === this.#start) return;
    this.#chunks.push(this.buffer.subarray(this.#start, this.at));
    this.#chunkBytes += this.at - this.#start;
    this.#start = this.at;
  }

  int8(value: number): void {
    const at = this.#reserve(1);
    this.buffer[at] = value;
  }

  int16(value: number): void {
    const at = this.#reserve(2);
    const { buffer } = this;
    buffer[at] = value >>> 8;
    buffer[at + 1] = value;
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    const { buffer } = this;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
  }

  float64(value: number): void {
    const at = this.#reserve(8);
    this.buffer.writeDoubleBE(value, at);
  }

  uvarint(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.int8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.int8(rest);
  }

  /** 22 characters of base64url. */
  uuid(value: string): void {
    const at = this.#reserve(16);
    if (value === zeroUuid) this.buffer.fill(0, at, at + 16);
    else if (this.buffer.write(value, at, 16, 'base64url') !== 16) throw new KafkaError('INVALID_REQUEST', `${value} is not a uuid of 22 base64url characters`);
  }

  string(value: string): void {
    const at = this.at + 2;
    if (this.#shortText(value, 2)) {
      this.buffer[at - 2] = 0;
      this.buffer[at - 1] = value.length;
      return;
    }
    const length = textLength(value);
    this.int16(length);
    this.#text(value, length);
  }

  compactString(value: string): void {
    const at = this.at;
    if (this.#shortText(value, 1)) {
      this.buffer[at] = value.length + 1;
      return;
    }
    const length = textLength(value);
    this.uvarint(length + 1);
    this.#text(value, length);
  }

  /** Writes a short ASCII text behind `before` free bytes; does nothing and gives false when it is none or the buffer is full. */
  #shortText(value: string, before: number): boolean {
    const { buffer } = this;
    const { length } = value;
    const start = this.at + before;
    if (length > loopedTextMax || start + length > buffer.length) return false;
    let bits = 0;
    for (let index = 0; index < length; index++) {
      const unit = value.charCodeAt(index);
      bits |= unit;
      buffer[start + index] = unit;
    }
    if (bits > 0x7f) return false;
    this.at = start + length;
    return true;
  }

  #text(value: string, length: number): void {
    const at = this.#reserve(length);
    this.buffer.write(value, at, length, 'utf8');
  }

  /** The bytes alone, without a length. */
  raw(value: Chunk): void {
    if (value.byteLength > copiedBytesMax || !(value instanceof Uint8Array)) {
      this.#closeChunk();
      this.#chunks.push(value);
      this.#chunkBytes += value.byteLength;
      return;
    }
    const at = this.#reserve(value.byteLength);
    this.buffer.set(value, at);
  }

  /** A bytes or records field: its length, then its bytes, which may come in pieces. */
  bytes(value: Chunk | readonly Uint8Array[], isCompact: boolean): void {
    if (!isList(value)) {
      this.#bytesLength(value.byteLength, isCompact);
      this.raw(value);
      return;
    }
    this.#bytesLength(bytesOf(value), isCompact);
    for (const piece of value) this.raw(piece);
  }

  #bytesLength(length: number, isCompact: boolean): void {
    if (isCompact) this.uvarint(length + 1);
    else this.int32(length);
  }

  /** All chunks, in order; the writer must not be used afterwards. */
  finishChunks(): Chunk[] {
    this.#closeChunk();
    return this.#chunks;
  }

  /** The same of a message that is in memory as a whole. @throws TypeError when a part of it is in a file */
  finish(): Uint8Array[] {
    return this.finishChunks().map((chunk) => {
      if (chunk instanceof Uint8Array) return chunk;
      throw new TypeError('a part of the message is in a file');
    });
  }
}

/** Length of a bytes or records field. */
export function bytesOf(value: Chunk | readonly Uint8Array[]): number {
  if (!isList(value)) return value.byteLength;
  let length = 0;
  for (const piece of value) length += piece.byteLength;
  return length;
}

function isList(value: Chunk | readonly Uint8Array[]): value is readonly Uint8Array[] {
  return Array.isArray(value);
}

/** @throws KafkaError INVALID_REQUEST when the text is longer than the protocol allows */
function textLength(value: string): number {
  const length = Buffer.byteLength(value);
  if (length > textBytesMax) throw new KafkaError('INVALID_REQUEST', `a string of ${length} bytes is longer than the ${textBytesMax} that the protocol allows`);
  return length;
}
