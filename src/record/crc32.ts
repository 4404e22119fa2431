import zlib from 'node:zlib';

/** CRC-32 (IEEE), the checksum of messages v0 and v1. @returns 0 to 2^32 - 1 */
export function crc32(buffer: Buffer, start = 0, end = buffer.length): number {
  return zlib.crc32(buffer.subarray(start, end));
}
