import { bytes, int16 } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** EnvelopeRequest, API key 58, versions 0 to 0, flexible from 0. */
export const envelopeRequest = message('EnvelopeRequest', { apiKey: 58, versions: [0, 0], flexibleSince: 0 }, {
  requestData: bytes(),
  requestPrincipal: bytes({ nullable: 0 }),
  clientHostAddress: bytes(),
});
export type EnvelopeRequest = Decoded<typeof envelopeRequest>;
export type EnvelopeRequestInput = Input<typeof envelopeRequest>;

/** EnvelopeResponse, API key 58, versions 0 to 0, flexible from 0. */
export const envelopeResponse = message('EnvelopeResponse', { apiKey: 58, versions: [0, 0], flexibleSince: 0 }, {
  responseData: bytes({ nullable: 0, default: null }),
  errorCode: int16(),
});
export type EnvelopeResponse = Decoded<typeof envelopeResponse>;
export type EnvelopeResponseInput = Input<typeof envelopeResponse>;
