import { int16, int32, int64, string } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** InitProducerIdRequest, API key 22, versions 0 to 5, flexible from 2. */
export const initProducerIdRequest = message('InitProducerIdRequest', { apiKey: 22, versions: [0, 5], flexibleSince: 2 }, {
  transactionalId: string({ nullable: 0 }),
  transactionTimeoutMs: int32(),
  producerId: int64({ since: 3, default: -1 }),
  producerEpoch: int16({ since: 3, default: -1 }),
});
export type InitProducerIdRequest = Decoded<typeof initProducerIdRequest>;
export type InitProducerIdRequestInput = Input<typeof initProducerIdRequest>;

/** InitProducerIdResponse, API key 22, versions 0 to 5, flexible from 2. */
export const initProducerIdResponse = message('InitProducerIdResponse', { apiKey: 22, versions: [0, 5], flexibleSince: 2 }, {
  throttleTimeMs: int32({ ignorable: true }),
  errorCode: int16(),
  producerId: int64({ default: -1 }),
  producerEpoch: int16(),
});
export type InitProducerIdResponse = Decoded<typeof initProducerIdResponse>;
export type InitProducerIdResponseInput = Input<typeof initProducerIdResponse>;
