/** Thrown for bytes that are not the record that they should be. */
export class MalformedJute extends Error {
  override readonly name = 'MalformedJute';
}

const twoTo32 = 4_294_967_296;

/**
 * Reads jute, ZooKeeper's encoding: big-endian int and long, one-byte bool, int-length-prefixed buffer and string
 * (-1 is null), int-counted vector. Every read checks the end and throws MalformedJute past it.
 */
export class JuteReader {
  position: number;
  readonly #bytes: Buffer;
  readonly #end: number;

  /** Reads `bytes` from `start` to `end`; the buffers that it gives are views. */
  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.position = start;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.position;
  }

  #take(length: number): number {
    const at = this.position;
    if (length < 0 || at + length > this.#end) throw new MalformedJute(`${length} bytes wanted at ${at}, record ends at ${this.#end}`);
    this.position = at + length;
    return at;
  }

  bool(): boolean {
    const value = this.#bytes[this.#take(1)];
    return value !== 0;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  /** The nearest number to a long: exact up to 2^53, which no zxid or time of a standalone server reaches. */
  long(): number {
    const at = this.#take(8);
    return this.#bytes.readInt32BE(at) * twoTo32 + this.#bytes.readUInt32BE(at + 4);
  }

  /** A long that is only an identity, as 16 hexadecimal digits. */
  hexLong(): string {
    const at = this.#take(8);
    return this.#bytes.toString('hex', at, at + 8);
  }

  /** A view, or null. */
  buffer(): Buffer | null {
    const length = this.int();
    if (length === -1) return null;
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  nullableString(): string | null {
    const length = this.int();
    if (length === -1) return null;
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  string(): string {
    const value = this.nullableString();
    if (value === null) throw new MalformedJute('null where a string must be');
    return value;
  }

  /** A null vector reads as an empty one. */
  vector<T>(element: (reader: JuteReader) => T): T[] {
    const count = this.int();
    const values: T[] = [];
    if (count < -1 || count > this.remaining) throw new MalformedJute(`a vector of ${count} in ${this.remaining} bytes`);
    for (let index = 0; index < count; index++) values.push(element(this));
    return values;
  }
}

const initialCapacityBytes = 512;
/** A buffer that grew beyond this for one large answer is not kept. */
const keptCapacityBytesMax = 64 * 1024;

/** Writes jute into one growing buffer. */
export class JuteWriter {
  #bytes = Buffer.allocUnsafeSlow(initialCapacityBytes);
  length = 0;

  #reserve(count: number): number {
    const at = this.length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    this.length = needed;
    return at;
  }

  byte(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  bool(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  int(value: number): void {
    const at = this.#reserve(4);
    this.#bytes.writeInt32BE(value | 0, at);
  }

  /** @param value a safe integer */
  long(value: number): void {
    const at = this.#reserve(8);
    const high = Math.floor(value / twoTo32);
    this.#bytes.writeInt32BE(high, at);
    this.#bytes.writeUInt32BE(value - high * twoTo32, at + 4);
  }

  /** @param hex 16 hexadecimal digits, or empty for 0 */
  hexLong(hex: string): void {
    const at = this.#reserve(8);
    if (hex === '') this.#bytes.fill(0, at, at + 8);
    else this.#bytes.write(hex, at, 8, 'hex');
  }

  buffer(value: Uint8Array | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    this.int(value.length);
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
  }

  string(value: string | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    // Three bytes a UTF-16 unit is the most that UTF-8 takes; the length is written after.
    const at = this.#reserve(4 + value.length * 3);
    const written = this.#bytes.write(value, at + 4, 'utf8');
    this.#bytes.writeInt32BE(written, at);
    this.length = at + 4 + written;
  }

  vector<T>(values: readonly T[], element: (writer: JuteWriter, value: T) => void): void {
    this.int(values.length);
    for (const value of values) element(this, value);
  }

  /** Bytes without any framing. */
  raw(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
  }

  /** Leaves four bytes for a length that `endFrame` fills in. */
  beginFrame(): number {
    return this.#reserve(4);
  }

  endFrame(start: number): void {
    this.#bytes.writeInt32BE(this.length - start - 4, start);
  }

  /** Overwrites a long that was written before, such as a checksum. */
  patchLong(at: number, value: number): void {
    const high = Math.floor(value / twoTo32);
    this.#bytes.writeInt32BE(high, at);
    this.#bytes.writeUInt32BE(value - high * twoTo32, at + 4);
  }

  /** The bytes from `start` as a view, valid until the next write. */
  view(start = 0): Buffer {
    return this.#bytes.subarray(start, this.length);
  }

  /** A copy of what was written; the writer is empty after, and keeps its buffer. */
  take(): Buffer {
    const copy = Buffer.allocUnsafe(this.length);
    this.#bytes.copy(copy, 0, 0, this.length);
    this.clear();
    return copy;
  }

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > keptCapacityBytesMax) this.#bytes = Buffer.allocUnsafeSlow(initialCapacityBytes);
  }
}
