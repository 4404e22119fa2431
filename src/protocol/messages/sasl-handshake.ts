import { array, int16, string } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** SaslHandshakeRequest, API key 17, versions 0 to 1. */
export const saslHandshakeRequest = message('SaslHandshakeRequest', { apiKey: 17, versions: [0, 1] }, {
  mechanism: string(),
});
export type SaslHandshakeRequest = Decoded<typeof saslHandshakeRequest>;
export type SaslHandshakeRequestInput = Input<typeof saslHandshakeRequest>;

/** SaslHandshakeResponse, API key 17, versions 0 to 1. */
export const saslHandshakeResponse = message('SaslHandshakeResponse', { apiKey: 17, versions: [0, 1] }, {
  errorCode: int16(),
  mechanisms: array(string()),
});
export type SaslHandshakeResponse = Decoded<typeof saslHandshakeResponse>;
export type SaslHandshakeResponseInput = Input<typeof saslHandshakeResponse>;
