import { int16, int32, int64 } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** AllocateProducerIdsRequest, API key 67, versions 0 to 0, flexible from 0. */
export const allocateProducerIdsRequest = message('AllocateProducerIdsRequest', { apiKey: 67, versions: [0, 0], flexibleSince: 0 }, {
  brokerId: int32(),
  brokerEpoch: int64({ default: -1 }),
});
export type AllocateProducerIdsRequest = Decoded<typeof allocateProducerIdsRequest>;
export type AllocateProducerIdsRequestInput = Input<typeof allocateProducerIdsRequest>;

/** AllocateProducerIdsResponse, API key 67, versions 0 to 0, flexible from 0. */
export const allocateProducerIdsResponse = message('AllocateProducerIdsResponse', { apiKey: 67, versions: [0, 0], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  producerIdStart: int64(),
  producerIdLen: int32(),
});
export type AllocateProducerIdsResponse = Decoded<typeof allocateProducerIdsResponse>;
export type AllocateProducerIdsResponseInput = Input<typeof allocateProducerIdsResponse>;
