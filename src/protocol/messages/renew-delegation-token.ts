import { bytes, int16, int32, int64 } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** RenewDelegationTokenRequest, API key 39, versions 0 to 2, flexible from 2. */
export const renewDelegationTokenRequest = message('RenewDelegationTokenRequest', { apiKey: 39, versions: [0, 2], flexibleSince: 2 }, {
  hmac: bytes(),
  renewPeriodMs: int64(),
});
export type RenewDelegationTokenRequest = Decoded<typeof renewDelegationTokenRequest>;
export type RenewDelegationTokenRequestInput = Input<typeof renewDelegationTokenRequest>;

/** RenewDelegationTokenResponse, API key 39, versions 0 to 2, flexible from 2. */
export const renewDelegationTokenResponse = message('RenewDelegationTokenResponse', { apiKey: 39, versions: [0, 2], flexibleSince: 2 }, {
  errorCode: int16(),
  expiryTimestampMs: int64(),
  throttleTimeMs: int32(),
});
export type RenewDelegationTokenResponse = Decoded<typeof renewDelegationTokenResponse>;
export type RenewDelegationTokenResponseInput = Input<typeof renewDelegationTokenResponse>;
