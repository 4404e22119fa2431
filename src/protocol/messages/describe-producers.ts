import { array, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DescribeProducersRequest, API key 61, versions 0 to 0, flexible from 0. */
export const describeProducersRequest = message('DescribeProducersRequest', { apiKey: 61, versions: [0, 0], flexibleSince: 0 }, {
  topics: array(struct({
    name: string(),
    partitionIndexes: array(int32()),
  })),
});
export type DescribeProducersRequest = Decoded<typeof describeProducersRequest>;
export type DescribeProducersRequestInput = Input<typeof describeProducersRequest>;

/** DescribeProducersResponse, API key 61, versions 0 to 0, flexible from 0. */
export const describeProducersResponse = message('DescribeProducersResponse', { apiKey: 61, versions: [0, 0], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string({ nullable: 0, default: null }),
      activeProducers: array(struct({
        producerId: int64(),
        producerEpoch: int32(),
        lastSequence: int32({ default: -1 }),
        lastTimestamp: int64({ default: -1 }),
        coordinatorEpoch: int32(),
        currentTxnStartOffset: int64({ default: -1 }),
      })),
    })),
  })),
});
export type DescribeProducersResponse = Decoded<typeof describeProducersResponse>;
export type DescribeProducersResponseInput = Input<typeof describeProducersResponse>;
