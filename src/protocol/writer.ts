import { KafkaError } from './errors.ts';

/** Bytes fields above this length are taken by reference: copying them would cost more than a chunk of their own. */
const copiedBytesMax = 1024;
const firstBufferBytes = 512;

/**
 * Collects a message as chunks: small fields in buffers of its own, long bytes fields by reference. Big-endian,
 * Kafka protocol "Protocol Primitive Types".
 */
export class Writer {
  #buffer: Buffer;
  /** Where the chunk that is being filled starts in `#buffer`. */
  #start = 0;
  #at = 0;
  readonly #chunks: Uint8Array[] = [];
  #chunkBytes = 0;

  constructor(sizeHint = firstBufferBytes) {
    this.#buffer = Buffer.allocUnsafe(sizeHint);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#chunkBytes + this.#at - this.#start;
  }

  #reserve(count: number): number {
    const at = this.#at;
    if (at + count <= this.#buffer.length) {
      this.#at = at + count;
      return at;
    }
    this.#closeChunk();
    this.#buffer = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, count));
    this.#start = 0;
    this.#at = count;
    return 0;
  }

  #closeChunk(): void {
    if (this.#at === this.#start) return;
    this.#chunks.push(this.#buffer.subarray(this.#start, this.#at));
    this.#chunkBytes += this.#at - this.#start;
    this.#start = this.#at;
  }

  int8(value: number): void {
    const at = this.#reserve(1);
    this.#buffer[at] = value;
  }

  bool(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  int16(value: number): void {
    const at = this.#reserve(2);
    const buffer = this.#buffer;
    buffer[at] = value >>> 8;
    buffer[at + 1] = value;
  }

  uint16(value: number): void {
    this.int16(value);
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    const buffer = this.#buffer;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
  }

  uint32(value: number): void {
    this.int32(value);
  }

  int64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number within 2^53`);
    const high = Math.floor(value / 0x1_0000_0000);
    this.int32(high);
    this.int32(value - high * 0x1_0000_0000);
  }

  float64(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeDoubleBE(value, at);
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
    if (this.#buffer.write(value, at, 16, 'base64url') !== 16) throw new KafkaError('INVALID_REQUEST', `${value} is not a uuid of 22 base64url characters`);
  }

  string(value: string): void {
    const length = Buffer.byteLength(value);
    if (length > 0x7fff) throw new KafkaError('INVALID_REQUEST', `a string of ${length} bytes is longer than the 32767 that the protocol allows`);
    this.int16(length);
    this.#text(value, length);
  }

  compactString(value: string): void {
    const length = Buffer.byteLength(value);
    this.uvarint(length + 1);
    this.#text(value, length);
  }

  #text(value: string, length: number): void {
    const at = this.#reserve(length);
    this.#buffer.write(value, at, length, 'utf8');
  }

  /** The bytes alone, without a length. */
  raw(value: Uint8Array): void {
    if (value.byteLength > copiedBytesMax) {
      this.#closeChunk();
      this.#chunks.push(value);
      this.#chunkBytes += value.byteLength;
      return;
    }
    const at = this.#reserve(value.byteLength);
    this.#buffer.set(value, at);
  }

  /** A bytes or records field: its length, then its bytes, which may come in pieces. */
  bytes(value: Uint8Array | readonly Uint8Array[], isCompact: boolean): void {
    if (value instanceof Uint8Array) {
      this.#bytesLength(value.byteLength, isCompact);
      this.raw(value);
      return;
    }
    let length = 0;
    for (const piece of value) length += piece.byteLength;
    this.#bytesLength(length, isCompact);
    for (const piece of value) this.raw(piece);
  }

  #bytesLength(length: number, isCompact: boolean): void {
    if (isCompact) this.uvarint(length + 1);
    else this.int32(length);
  }

  /** Room for four bytes at the current place, to be filled when the length behind it is known. */
  placeholder(): (value: number) => void {
    const at = this.#reserve(4);
    const buffer = this.#buffer;
    return (value) => {
      buffer.writeInt32BE(value, at);
    };
  }

  /** All chunks, in order; the writer must not be used afterwards. */
  finish(): Uint8Array[] {
    this.#closeChunk();
    return this.#chunks;
  }
}
