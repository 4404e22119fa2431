import type { Codec, Magic } from './batch.ts';
import { UnsupportedCompression } from './errors.ts';

export function compress(codec: Codec, bytes: Buffer, magic: Magic = 2, level?: number): Buffer {
  if (codec !== 'none') throw new UnsupportedCompression(`${codec} ${magic} ${level}`);
  return bytes;
}
export function decompress(codec: Codec, bytes: Buffer, magic: Magic, maxBytes: number): Buffer {
  if (codec !== 'none') throw new UnsupportedCompression(`${codec} ${magic} ${maxBytes}`);
  return bytes;
}
