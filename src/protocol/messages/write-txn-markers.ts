import { array, bool, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** WriteTxnMarkersRequest, API key 27, versions 0 to 1, flexible from 1. */
export const writeTxnMarkersRequest = message('WriteTxnMarkersRequest', { apiKey: 27, versions: [0, 1], flexibleSince: 1 }, {
  markers: array(struct({
    producerId: int64(),
    producerEpoch: int16(),
    transactionResult: bool(),
    topics: array(struct({
      name: string(),
      partitionIndexes: array(int32()),
    })),
    coordinatorEpoch: int32(),
  })),
});
export type WriteTxnMarkersRequest = Decoded<typeof writeTxnMarkersRequest>;
export type WriteTxnMarkersRequestInput = Input<typeof writeTxnMarkersRequest>;

/** WriteTxnMarkersResponse, API key 27, versions 0 to 1, flexible from 1. */
export const writeTxnMarkersResponse = message('WriteTxnMarkersResponse', { apiKey: 27, versions: [0, 1], flexibleSince: 1 }, {
  markers: array(struct({
    producerId: int64(),
    topics: array(struct({
      name: string(),
      partitions: array(struct({
        partitionIndex: int32(),
        errorCode: int16(),
      })),
    })),
  })),
});
export type WriteTxnMarkersResponse = Decoded<typeof writeTxnMarkersResponse>;
export type WriteTxnMarkersResponseInput = Input<typeof writeTxnMarkersResponse>;
