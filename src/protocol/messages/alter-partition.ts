import { array, int16, int32, int64, int8, string, struct, uuid } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** AlterPartitionRequest, API key 56, versions 0 to 3, flexible from 0. */
export const alterPartitionRequest = message('AlterPartitionRequest', { apiKey: 56, versions: [0, 3], flexibleSince: 0 }, {
  brokerId: int32(),
  brokerEpoch: int64({ default: -1 }),
  topics: array(struct({
    topicName: string({ until: 1, ignorable: true }),
    topicId: uuid({ since: 2, ignorable: true }),
    partitions: array(struct({
      partitionIndex: int32(),
      leaderEpoch: int32(),
      newIsr: array(int32(), { until: 2 }),
      newIsrWithEpochs: array(struct({
        brokerId: int32({ since: 3 }),
        brokerEpoch: int64({ since: 3, default: -1 }),
      }), { since: 3 }),
      leaderRecoveryState: int8({ since: 1 }),
      partitionEpoch: int32(),
    })),
  })),
});
export type AlterPartitionRequest = Decoded<typeof alterPartitionRequest>;
export type AlterPartitionRequestInput = Input<typeof alterPartitionRequest>;

/** AlterPartitionResponse, API key 56, versions 0 to 3, flexible from 0. */
export const alterPartitionResponse = message('AlterPartitionResponse', { apiKey: 56, versions: [0, 3], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  topics: array(struct({
    topicName: string({ until: 1, ignorable: true }),
    topicId: uuid({ since: 2, ignorable: true }),
    partitions: array(struct({
      partitionIndex: int32(),
      errorCode: int16(),
      leaderId: int32(),
      leaderEpoch: int32(),
      isr: array(int32()),
      leaderRecoveryState: int8({ since: 1, ignorable: true }),
      partitionEpoch: int32(),
    })),
  })),
});
export type AlterPartitionResponse = Decoded<typeof alterPartitionResponse>;
export type AlterPartitionResponseInput = Input<typeof alterPartitionResponse>;
