import { bytes, int16, int64, string } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** SaslAuthenticateRequest, API key 36, versions 0 to 2, flexible from 2. */
export const saslAuthenticateRequest = message('SaslAuthenticateRequest', { apiKey: 36, versions: [0, 2], flexibleSince: 2 }, {
  authBytes: bytes(),
});
export type SaslAuthenticateRequest = Decoded<typeof saslAuthenticateRequest>;
export type SaslAuthenticateRequestInput = Input<typeof saslAuthenticateRequest>;

/** SaslAuthenticateResponse, API key 36, versions 0 to 2, flexible from 2. */
export const saslAuthenticateResponse = message('SaslAuthenticateResponse', { apiKey: 36, versions: [0, 2], flexibleSince: 2 }, {
  errorCode: int16(),
  errorMessage: string({ nullable: 0 }),
  authBytes: bytes(),
  sessionLifetimeMs: int64({ since: 1, ignorable: true }),
});
export type SaslAuthenticateResponse = Decoded<typeof saslAuthenticateResponse>;
export type SaslAuthenticateResponseInput = Input<typeof saslAuthenticateResponse>;
