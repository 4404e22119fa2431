import { array, bool, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** OffsetFetchRequest, API key 9, versions 0 to 9, flexible from 6. */
export const offsetFetchRequest = message('OffsetFetchRequest', { apiKey: 9, versions: [0, 9], flexibleSince: 6 }, {
  groupId: string({ until: 7 }),
  topics: array(struct({
    name: string({ until: 7 }),
    partitionIndexes: array(int32(), { until: 7 }),
  }), { until: 7, nullable: [2, 7] }),
  groups: array(struct({
    groupId: string({ since: 8 }),
    memberId: string({ since: 9, nullable: 9, default: null, ignorable: true }),
    memberEpoch: int32({ since: 9, default: -1, ignorable: true }),
    topics: array(struct({
      name: string({ since: 8 }),
      partitionIndexes: array(int32(), { since: 8 }),
    }), { since: 8, nullable: 8 }),
  }), { since: 8 }),
  requireStable: bool({ since: 7 }),
});
export type OffsetFetchRequest = Decoded<typeof offsetFetchRequest>;
export type OffsetFetchRequestInput = Input<typeof offsetFetchRequest>;

/** OffsetFetchResponse, API key 9, versions 0 to 9, flexible from 6. */
export const offsetFetchResponse = message('OffsetFetchResponse', { apiKey: 9, versions: [0, 9], flexibleSince: 6 }, {
  throttleTimeMs: int32({ since: 3, ignorable: true }),
  topics: array(struct({
    name: string({ until: 7 }),
    partitions: array(struct({
      partitionIndex: int32({ until: 7 }),
      committedOffset: int64({ until: 7 }),
      committedLeaderEpoch: int32({ since: 5, until: 7, default: -1, ignorable: true }),
      metadata: string({ until: 7, nullable: [0, 7] }),
      errorCode: int16({ until: 7 }),
    }), { until: 7 }),
  }), { until: 7 }),
  errorCode: int16({ since: 2, until: 7, ignorable: true }),
  groups: array(struct({
    groupId: string({ since: 8 }),
    topics: array(struct({
      name: string({ since: 8 }),
      partitions: array(struct({
        partitionIndex: int32({ since: 8 }),
        committedOffset: int64({ since: 8 }),
        committedLeaderEpoch: int32({ since: 8, default: -1, ignorable: true }),
        metadata: string({ since: 8, nullable: 8 }),
        errorCode: int16({ since: 8 }),
      }), { since: 8 }),
    }), { since: 8 }),
    errorCode: int16({ since: 8 }),
  }), { since: 8 }),
});
export type OffsetFetchResponse = Decoded<typeof offsetFetchResponse>;
export type OffsetFetchResponseInput = Input<typeof offsetFetchResponse>;
