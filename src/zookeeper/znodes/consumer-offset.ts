import { MalformedZnode, textOf } from './json.ts';

/** `/consumers/G/offsets/T/P` of a ZooKeeper-based consumer: decimal text. */
export function encodeConsumerOffset(offset: number): Buffer {
  return Buffer.from(String(offset));
}

/** @throws MalformedZnode */
export function decodeConsumerOffset(bytes: Uint8Array): number {
  const text = textOf(bytes);
  const offset = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(offset)) throw new MalformedZnode(`consumer offset is no number: ${text}`);
  return offset;
}
