import { array, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** OffsetCommitRequest, API key 8, versions 0 to 9, flexible from 8. */
export const offsetCommitRequest = message('OffsetCommitRequest', { apiKey: 8, versions: [0, 9], flexibleSince: 8 }, {
  groupId: string(),
  generationIdOrMemberEpoch: int32({ since: 1, default: -1, ignorable: true }),
  memberId: string({ since: 1, ignorable: true }),
  groupInstanceId: string({ since: 7, nullable: 7, default: null }),
  retentionTimeMs: int64({ since: 2, until: 4, default: -1, ignorable: true }),
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      committedOffset: int64(),
      committedLeaderEpoch: int32({ since: 6, default: -1, ignorable: true }),
      commitTimestamp: int64({ since: 1, until: 1, default: -1 }),
      committedMetadata: string({ nullable: 0 }),
    })),
  })),
});
export type OffsetCommitRequest = Decoded<typeof offsetCommitRequest>;
export type OffsetCommitRequestInput = Input<typeof offsetCommitRequest>;

/** OffsetCommitKey, versions 0 to 1. */
export const offsetCommitKey = message('OffsetCommitKey', { versions: [0, 1] }, {
  group: string(),
  topic: string(),
  partition: int32(),
});
export type OffsetCommitKey = Decoded<typeof offsetCommitKey>;
export type OffsetCommitKeyInput = Input<typeof offsetCommitKey>;

/** OffsetCommitResponse, API key 8, versions 0 to 9, flexible from 8. */
export const offsetCommitResponse = message('OffsetCommitResponse', { apiKey: 8, versions: [0, 9], flexibleSince: 8 }, {
  throttleTimeMs: int32({ since: 3, ignorable: true }),
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      errorCode: int16(),
    })),
  })),
});
export type OffsetCommitResponse = Decoded<typeof offsetCommitResponse>;
export type OffsetCommitResponseInput = Input<typeof offsetCommitResponse>;

/** OffsetCommitValue, versions 0 to 4, flexible from 4. */
export const offsetCommitValue = message('OffsetCommitValue', { versions: [0, 4], flexibleSince: 4 }, {
  offset: int64(),
  leaderEpoch: int32({ since: 3, default: -1, ignorable: true }),
  metadata: string(),
  commitTimestamp: int64(),
  expireTimestamp: int64({ since: 1, until: 1, default: -1, ignorable: true }),
});
export type OffsetCommitValue = Decoded<typeof offsetCommitValue>;
export type OffsetCommitValueInput = Input<typeof offsetCommitValue>;
