/**
 * CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), the checksum of record batches v2 and of producer snapshots.
 * The plain version takes eight bytes a step from eight tables; the native one (5 times faster on long input) is put in
 * by `initialiseCodecs`. test/bench/crc32c.ts finds where the two cross.
 */
export type NativeCrc32c = (bytes: Uint8Array, previous?: number) => number;

/** Below this the call into native code costs more than it saves. */
const nativeBytesMin = 256;

const tables: readonly Int32Array[] = makeTables();
let native: NativeCrc32c | undefined;

/**
 * @param previous checksum of the bytes before, to go on from it; 0 at first
 * @returns 0 to 2^32 - 1
 */
export function crc32c(buffer: Buffer, start = 0, end = buffer.length, previous = 0): number {
  if (native !== undefined && end - start >= nativeBytesMin) {
    return native(buffer.subarray(start, end), previous);
  }
  return pureCrc32c(buffer, start, end, previous);
}

/** Puts in the native version, or takes it out again. */
export function useNativeCrc32c(implementation: NativeCrc32c | undefined): void {
  native = implementation;
}

export function pureCrc32c(buffer: Buffer, start: number, end: number, previous = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as EightTables;
  let crc = ~previous;
  let position = start;
  for (const last = end - 7; position < last; position += 8) {
    crc ^= (buffer[position] as number) | ((buffer[position + 1] as number) << 8) | ((buffer[position + 2] as number) << 16) | ((buffer[position + 3] as number) << 24);
    crc =
      (t7[crc & 0xff] as number) ^
      (t6[(crc >>> 8) & 0xff] as number) ^
      (t5[(crc >>> 16) & 0xff] as number) ^
      (t4[crc >>> 24] as number) ^
      (t3[buffer[position + 4] as number] as number) ^
      (t2[buffer[position + 5] as number] as number) ^
      (t1[buffer[position + 6] as number] as number) ^
      (t0[buffer[position + 7] as number] as number);
  }
  for (; position < end; position++) crc = (t0[(crc ^ (buffer[position] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

type EightTables = [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];

function makeTables(): Int32Array[] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
    first[byte] = crc;
  }
  const all = [first];
  for (let table = 1; table < 8; table++) {
    const before = all[table - 1] as Int32Array;
    all.push(Int32Array.from(before, (crc) => (first[crc & 0xff] as number) ^ (crc >>> 8)));
  }
  return all;
}
