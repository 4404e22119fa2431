import { textOf } from './json.ts';

/** `/delegation_token/token_changes/token_change_N`: a token id as text. */
export function encodeDelegationTokenChange(tokenId: string): Buffer {
  return Buffer.from(tokenId);
}

export function decodeDelegationTokenChange(bytes: Uint8Array): string {
  return textOf(bytes);
}
