import zlib from 'node:zlib';
import type { Codec, Magic } from './batch.ts';
import { CodecLoading, CorruptRecord, UnsupportedCompression } from './errors.ts';
import { compressLz4, decompressLz4 } from './lz4.ts';
import { missNative, natives } from './natives.ts';
import { compressSnappy, decompressSnappy } from './snappy.ts';
import { zstdPlainBytesMax } from './zstd-frame.ts';

const zstdLevelDefault = 3;

/**
 * Compresses the records part of a batch (or the inner entries of a message set).
 *
 * @param magic format of the messages around it: lz4 differs in format 0, and zstd needs format 2
 * @param level gzip 1 to 9 (default 6, or -1 for that), zstd -131072 to 22 (default 3); others have one level here
 * @throws UnsupportedCompression for zstd in an old format, or where no zstd package can be loaded; CodecLoading while it is
 */
export function compress(codec: Codec, bytes: Buffer, magic: Magic = 2, level?: number): Buffer {
  switch (codec) {
    case 'none':
      return bytes;
    case 'gzip':
      return zlib.gzipSync(bytes, { level: level ?? zlib.constants.Z_DEFAULT_COMPRESSION });
    case 'snappy':
      return compressSnappy(bytes);
    case 'lz4':
      return compressLz4(bytes, magic);
    case 'zstd':
      return zstdFor(magic).compress(bytes, level ?? zstdLevelDefault);
    default:
      return unreachable(codec);
  }
}

/**
 * @param maxBytes upper bound of the result; no more memory than about twice that is taken, whatever the input claims
 * @throws CorruptRecord when the bytes are damaged or would exceed `maxBytes`
 * @throws UnsupportedCompression as `compress`
 */
export function decompress(codec: Codec, bytes: Buffer, magic: Magic, maxBytes: number): Buffer {
  switch (codec) {
    case 'none':
      return bytes;
    case 'gzip':
      return gunzip(bytes, maxBytes);
    case 'snappy':
      return decompressSnappy(bytes, maxBytes);
    case 'lz4':
      return decompressLz4(bytes, magic, maxBytes);
    case 'zstd':
      return unzstd(bytes, magic, maxBytes);
    default:
      return unreachable(codec);
  }
}

function gunzip(bytes: Buffer, maxBytes: number): Buffer {
  try {
    return zlib.gunzipSync(bytes, { maxOutputLength: Math.max(1, maxBytes) });
  } catch (cause) {
    throw new CorruptRecord('gzip data is damaged or too large', { cause });
  }
}

function unzstd(bytes: Buffer, magic: Magic, maxBytes: number): Buffer {
  const zstd = zstdFor(magic);
  const capacityBytes = zstdPlainBytesMax(bytes, maxBytes);
  try {
    return zstd.decompress(bytes, capacityBytes);
  } catch (cause) {
    throw new CorruptRecord('zstd data is damaged or too large', { cause });
  }
}

function zstdFor(magic: Magic): NonNullable<typeof natives.zstd> {
  if (magic < 2) throw new UnsupportedCompression('zstd needs message format 2');
  if (natives.zstd === undefined && missNative('zstd')) throw new CodecLoading('zstd is being loaded; try again');
  if (natives.zstd === undefined) throw new UnsupportedCompression('zstd is not available: install the package @bokuweb/zstd-wasm, or use Node 22.15 or later');
  return natives.zstd;
}

function unreachable(codec: never): never {
  throw new UnsupportedCompression(`No such codec: ${String(codec)}`);
}
