import { CorruptRecord } from './errors.ts';

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
    this.reserve(end - start);
    source.copy(this.bytes, this.length, start, end);
    this.length += end - start;
  }

  /** Repeats `count` bytes from `distance` before the end; the two may overlap. Room must be reserved. */
  repeat(distance: number, count: number): void {
    const bytes = this.bytes;
    let to = this.length;
    this.length = to + count;
    if (distance >= count && count > 32) {
      bytes.copyWithin(to, to - distance, to - distance + count);
      return;
    }
    for (const end = to + count; to < end; to++) bytes[to] = bytes[to - distance] as number;
  }

  finish(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}
