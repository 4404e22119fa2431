import { array, bytes, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DescribeDelegationTokenRequest, API key 41, versions 0 to 3, flexible from 2. */
export const describeDelegationTokenRequest = message('DescribeDelegationTokenRequest', { apiKey: 41, versions: [0, 3], flexibleSince: 2 }, {
  owners: array(struct({
    principalType: string(),
    principalName: string(),
  }), { nullable: 0 }),
});
export type DescribeDelegationTokenRequest = Decoded<typeof describeDelegationTokenRequest>;
export type DescribeDelegationTokenRequestInput = Input<typeof describeDelegationTokenRequest>;

/** DescribeDelegationTokenResponse, API key 41, versions 0 to 3, flexible from 2. */
export const describeDelegationTokenResponse = message('DescribeDelegationTokenResponse', { apiKey: 41, versions: [0, 3], flexibleSince: 2 }, {
  errorCode: int16(),
  tokens: array(struct({
    principalType: string(),
    principalName: string(),
    tokenRequesterPrincipalType: string({ since: 3 }),
    tokenRequesterPrincipalName: string({ since: 3 }),
    issueTimestamp: int64(),
    expiryTimestamp: int64(),
    maxTimestamp: int64(),
    tokenId: string(),
    hmac: bytes(),
    renewers: array(struct({
      principalType: string(),
      principalName: string(),
    })),
  })),
  throttleTimeMs: int32(),
});
export type DescribeDelegationTokenResponse = Decoded<typeof describeDelegationTokenResponse>;
export type DescribeDelegationTokenResponseInput = Input<typeof describeDelegationTokenResponse>;
