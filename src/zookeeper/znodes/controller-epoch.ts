import { MalformedZnode, textOf } from './json.ts';

/** `/controller_epoch`: decimal text. */
export function encodeControllerEpoch(epoch: number): Buffer {
  return Buffer.from(String(epoch));
}

/** @throws MalformedZnode */
export function decodeControllerEpoch(bytes: Uint8Array): number {
  const text = textOf(bytes);
  if (!/^\d{1,10}$/.test(text)) throw new MalformedZnode(`controller epoch is no number: ${text}`);
  return Number(text);
}
