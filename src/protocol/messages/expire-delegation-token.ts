import { bytes, int16, int32, int64 } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** ExpireDelegationTokenRequest, API key 40, versions 0 to 2, flexible from 2. */
export const expireDelegationTokenRequest = message('ExpireDelegationTokenRequest', { apiKey: 40, versions: [0, 2], flexibleSince: 2 }, {
  hmac: bytes(),
  expiryTimePeriodMs: int64(),
});
export type ExpireDelegationTokenRequest = Decoded<typeof expireDelegationTokenRequest>;
export type ExpireDelegationTokenRequestInput = Input<typeof expireDelegationTokenRequest>;

/** ExpireDelegationTokenResponse, API key 40, versions 0 to 2, flexible from 2. */
export const expireDelegationTokenResponse = message('ExpireDelegationTokenResponse', { apiKey: 40, versions: [0, 2], flexibleSince: 2 }, {
  errorCode: int16(),
  expiryTimestampMs: int64(),
  throttleTimeMs: int32(),
});
export type ExpireDelegationTokenResponse = Decoded<typeof expireDelegationTokenResponse>;
export type ExpireDelegationTokenResponseInput = Input<typeof expireDelegationTokenResponse>;
