import { bool, int16, int32, int64, string } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** EndTxnRequest, API key 26, versions 0 to 4, flexible from 3. */
export const endTxnRequest = message('EndTxnRequest', { apiKey: 26, versions: [0, 4], flexibleSince: 3 }, {
  transactionalId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  committed: bool(),
});
export type EndTxnRequest = Decoded<typeof endTxnRequest>;
export type EndTxnRequestInput = Input<typeof endTxnRequest>;

/** EndTxnResponse, API key 26, versions 0 to 4, flexible from 3. */
export const endTxnResponse = message('EndTxnResponse', { apiKey: 26, versions: [0, 4], flexibleSince: 3 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
});
export type EndTxnResponse = Decoded<typeof endTxnResponse>;
export type EndTxnResponseInput = Input<typeof endTxnResponse>;
