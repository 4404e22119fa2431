/*
 * The integers of record formats. int64 and varlong are JavaScript numbers: exact up to 2^53 - 1 either way; what lies
 * beyond loses its low bits when read (callers that must not accept that check Number.isSafeInteger).
 */
import { InvalidRecord } from './errors.ts';

const twoTo32 = 0x1_0000_0000;

/*
 * Those of fixed size, big-endian. The caller has checked that the bytes are there: beyond the end they are read as 0 and
 * written nowhere. Buffer's own methods throw there, and cost ten nanoseconds each for the checks of their arguments.
 */
export function readInt8(buffer: Buffer, position: number): number {
  return ((buffer[position] as number) << 24) >> 24;
}

export function readInt16(buffer: Buffer, position: number): number {
  return (((buffer[position] as number) << 24) | ((buffer[position + 1] as number) << 16)) >> 16;
}

export function readInt32(buffer: Buffer, position: number): number {
  return ((buffer[position] as number) << 24) | ((buffer[position + 1] as number) << 16) | ((buffer[position + 2] as number) << 8) | (buffer[position + 3] as number);
}

export function readUint32(buffer: Buffer, position: number): number {
  return readInt32(buffer, position) >>> 0;
}

export function readInt64(buffer: Buffer, position: number): number {
  return readInt32(buffer, position) * twoTo32 + readUint32(buffer, position + 4);
}

/** @param value -2^15 to 2^16 - 1 */
export function writeInt16(buffer: Buffer, value: number, position: number): void {
  buffer[position] = value >>> 8;
  buffer[position + 1] = value;
}

/** @param value -2^31 to 2^32 - 1 */
export function writeInt32(buffer: Buffer, value: number, position: number): void {
  buffer[position] = value >>> 24;
  buffer[position + 1] = value >>> 16;
  buffer[position + 2] = value >>> 8;
  buffer[position + 3] = value;
}

/** @param value a safe integer */
export function writeInt64(buffer: Buffer, value: number, position: number): void {
  writeInt32(buffer, Math.floor(value / twoTo32), position);
  writeInt32(buffer, value | 0, position + 4);
}

/** Bytes of a zig-zag varint, 1 to 5. @param value an int32 */
export function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x20_0000) return 3;
  return zigzag < 0x1000_0000 ? 4 : 5;
}

/** Writes a zig-zag varint of an int32; gives the position after it. */
export function writeVarint(buffer: Buffer, value: number, position: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest >= 0x80) {
    buffer[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[position++] = rest;
  return position;
}

/** Bytes of a zig-zag varlong, 1 to 10. @param value a safe integer */
export function varlongSize(value: number): number {
  if (value === (value | 0)) return varintSize(value);
  let zigzag = value < 0 ? -value - 1 : value; // twice this plus the sign bit; floats hold it without overflow
  zigzag = Math.floor(zigzag / 64);
  let size = 1;
  while (zigzag > 0) {
    zigzag = Math.floor(zigzag / 128);
    size++;
  }
  return size;
}

/** Writes a zig-zag varlong of a safe integer; gives the position after it. */
export function writeVarlong(buffer: Buffer, value: number, position: number): number {
  if (value === (value | 0)) return writeVarint(buffer, value, position);
  const magnitude = value < 0 ? -value - 1 : value;
  let low = ((magnitude % 64) << 1) | (value < 0 ? 1 : 0);
  let rest = Math.floor(magnitude / 64);
  while (rest > 0) {
    buffer[position++] = low | 0x80;
    low = rest % 128;
    rest = Math.floor(rest / 128);
  }
  buffer[position++] = low;
  return position;
}

/**
 * Reads zig-zag varints one after the other, so that no call allocates. A hostile length is noticed at `end`.
 * @throws InvalidRecord when a number runs over `end` or is longer than its type can be
 */
export class VarintReader {
  position = 0;
  #buffer: Buffer = Buffer.alloc(0);
  #end = 0;

  reset(buffer: Buffer, position: number, end: number): void {
    this.#buffer = buffer;
    this.position = position;
    this.#end = end;
  }

  get end(): number {
    return this.#end;
  }

  varint(): number {
    const buffer = this.#buffer;
    let position = this.position;
    if (position < this.#end) {
      const first = buffer[position] as number;
      if (first < 0x80) {
        this.position = position + 1;
        return (first >>> 1) ^ -(first & 1);
      }
    }
    let zigzag = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (position >= this.#end) throw new InvalidRecord('A record ends inside a number');
      const byte = buffer[position++] as number;
      zigzag |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.position = position;
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
    }
    throw new InvalidRecord('A varint of a record is longer than 5 bytes');
  }

  varlong(): number {
    const start = this.position;
    const buffer = this.#buffer;
    let position = start;
    let magnitude = 0;
    let scale = 64;
    if (position >= this.#end) throw new InvalidRecord('A record ends inside a number');
    let byte = buffer[position++] as number;
    const isNegative = (byte & 1) === 1;
    magnitude = (byte & 0x7f) >>> 1;
    while (byte >= 0x80) {
      if (position >= this.#end) throw new InvalidRecord('A record ends inside a number');
      if (position - start >= 10) throw new InvalidRecord('A varlong of a record is longer than 10 bytes');
      byte = buffer[position++] as number;
      magnitude += (byte & 0x7f) * scale;
      scale *= 128;
    }
    this.position = position;
    return isNegative ? -magnitude - 1 : magnitude;
  }

  /** Steps over `length` bytes and gives where they began. */
  skip(length: number): number {
    const start = this.position;
    if (length > this.#end - start) throw new InvalidRecord(`A field of ${length} bytes runs over the end of its record`);
    this.position = start + length;
    return start;
  }
}
