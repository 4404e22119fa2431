import { int16, int32, int64, string } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** AddOffsetsToTxnRequest, API key 25, versions 0 to 4, flexible from 3. */
export const addOffsetsToTxnRequest = message('AddOffsetsToTxnRequest', { apiKey: 25, versions: [0, 4], flexibleSince: 3 }, {
  transactionalId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  groupId: string(),
});
export type AddOffsetsToTxnRequest = Decoded<typeof addOffsetsToTxnRequest>;
export type AddOffsetsToTxnRequestInput = Input<typeof addOffsetsToTxnRequest>;

/** AddOffsetsToTxnResponse, API key 25, versions 0 to 4, flexible from 3. */
export const addOffsetsToTxnResponse = message('AddOffsetsToTxnResponse', { apiKey: 25, versions: [0, 4], flexibleSince: 3 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
});
export type AddOffsetsToTxnResponse = Decoded<typeof addOffsetsToTxnResponse>;
export type AddOffsetsToTxnResponseInput = Input<typeof addOffsetsToTxnResponse>;
