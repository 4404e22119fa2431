import { array, bytes, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** CreateDelegationTokenRequest, API key 38, versions 0 to 3, flexible from 2. */
export const createDelegationTokenRequest = message('CreateDelegationTokenRequest', { apiKey: 38, versions: [0, 3], flexibleSince: 2 }, {
  ownerPrincipalType: string({ since: 3, nullable: 3 }),
  ownerPrincipalName: string({ since: 3, nullable: 3 }),
  renewers: array(struct({
    principalType: string(),
    principalName: string(),
  })),
  maxLifetimeMs: int64(),
});
export type CreateDelegationTokenRequest = Decoded<typeof createDelegationTokenRequest>;
export type CreateDelegationTokenRequestInput = Input<typeof createDelegationTokenRequest>;

/** CreateDelegationTokenResponse, API key 38, versions 0 to 3, flexible from 2. */
export const createDelegationTokenResponse = message('CreateDelegationTokenResponse', { apiKey: 38, versions: [0, 3], flexibleSince: 2 }, {
  errorCode: int16(),
  principalType: string(),
  principalName: string(),
  tokenRequesterPrincipalType: string({ since: 3 }),
  tokenRequesterPrincipalName: string({ since: 3 }),
  issueTimestampMs: int64(),
  expiryTimestampMs: int64(),
  maxTimestampMs: int64(),
  tokenId: string(),
  hmac: bytes(),
  throttleTimeMs: int32(),
});
export type CreateDelegationTokenResponse = Decoded<typeof createDelegationTokenResponse>;
export type CreateDelegationTokenResponseInput = Input<typeof createDelegationTokenResponse>;
