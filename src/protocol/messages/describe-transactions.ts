import { array, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DescribeTransactionsRequest, API key 65, versions 0 to 0, flexible from 0. */
export const describeTransactionsRequest = message('DescribeTransactionsRequest', { apiKey: 65, versions: [0, 0], flexibleSince: 0 }, {
  transactionalIds: array(string()),
});
export type DescribeTransactionsRequest = Decoded<typeof describeTransactionsRequest>;
export type DescribeTransactionsRequestInput = Input<typeof describeTransactionsRequest>;

/** DescribeTransactionsResponse, API key 65, versions 0 to 0, flexible from 0. */
export const describeTransactionsResponse = message('DescribeTransactionsResponse', { apiKey: 65, versions: [0, 0], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  transactionStates: array(struct({
    errorCode: int16(),
    transactionalId: string(),
    transactionState: string(),
    transactionTimeoutMs: int32(),
    transactionStartTimeMs: int64(),
    producerId: int64(),
    producerEpoch: int16(),
    topics: array(struct({
      topic: string(),
      partitions: array(int32()),
    })),
  })),
});
export type DescribeTransactionsResponse = Decoded<typeof describeTransactionsResponse>;
export type DescribeTransactionsResponseInput = Input<typeof describeTransactionsResponse>;
