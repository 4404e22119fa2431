import { array, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** TxnOffsetCommitRequest, API key 28, versions 0 to 4, flexible from 3. */
export const txnOffsetCommitRequest = message('TxnOffsetCommitRequest', { apiKey: 28, versions: [0, 4], flexibleSince: 3 }, {
  transactionalId: string(),
  groupId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  generationId: int32({ since: 3, default: -1 }),
  memberId: string({ since: 3 }),
  groupInstanceId: string({ since: 3, nullable: 3, default: null }),
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      committedOffset: int64(),
      committedLeaderEpoch: int32({ since: 2, default: -1, ignorable: true }),
      committedMetadata: string({ nullable: 0 }),
    })),
  })),
});
export type TxnOffsetCommitRequest = Decoded<typeof txnOffsetCommitRequest>;
export type TxnOffsetCommitRequestInput = Input<typeof txnOffsetCommitRequest>;

/** TxnOffsetCommitResponse, API key 28, versions 0 to 4, flexible from 3. */
export const txnOffsetCommitResponse = message('TxnOffsetCommitResponse', { apiKey: 28, versions: [0, 4], flexibleSince: 3 }, {
  throttleTimeMs: int32(),
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      errorCode: int16(),
    })),
  })),
});
export type TxnOffsetCommitResponse = Decoded<typeof txnOffsetCommitResponse>;
export type TxnOffsetCommitResponseInput = Input<typeof txnOffsetCommitResponse>;
