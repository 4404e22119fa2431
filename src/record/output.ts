import { CorruptRecord } from './errors.ts';

/** Up to here a loop is faster than a call. */
const inlineBytesMax = 48;

/** Bytes that a decompressor makes: grows as needed, never beyond `bytesMax`, so that a bomb costs no more than that. */
export class Output {
  bytes: Buffer;
  length = 0;
  readonly #bytesMax: number;

  constructor(estimateBytes: number, bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.bytes = Buffer.allocUnsafe(Math.max(64, Math.min(estimateBytes, bytesMax)));
  }

  /**
   * Makes room for `more` bytes after `length`.
   * @throws CorruptRecord when there would be more than `bytesMax`
   */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed > this.#bytesMax) throw new CorruptRecord(`Compressed data holds more than the ${this.#bytesMax} bytes allowed`);
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, Math.min(this.bytes.length * 2, this.#bytesMax)));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  append(source: Buffer, start: number, end: number): void {
    const count = end - start;
    if (this.length + count > this.bytes.length) this.reserve(count);
    const bytes = this.bytes;
    let to = this.length;
    this.length = to + count;
    if (count > inlineBytesMax) {
      source.copy(bytes, to, start, end);
      return;
    }
    for (let from = start; from < end; from++) bytes[to++] = source[from] as number;
  }

  /** Repeats `count` bytes from `distance` before the end; the two may overlap. Room must be reserved. */
  repeat(distance: number, count: number): void {
    const bytes = this.bytes;
    let to = this.length;
    const end = to + count;
    this.length = end;
    if (count <= inlineBytesMax) {
      for (; to < end; to++) bytes[to] = bytes[to - distance] as number;
      return;
    }
    const from = to - distance;
    while (to < end) {
      const step = Math.min(to - from, end - to); // what is there already; doubles with every step where the two overlap
      bytes.copyWithin(to, from, from + step);
      to += step;
    }
  }

  finish(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}
