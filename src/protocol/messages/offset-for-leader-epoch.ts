import { array, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** OffsetForLeaderEpochRequest, API key 23, versions 0 to 4, flexible from 4. */
export const offsetForLeaderEpochRequest = message('OffsetForLeaderEpochRequest', { apiKey: 23, versions: [0, 4], flexibleSince: 4 }, {
  replicaId: int32({ since: 3, default: -2, ignorable: true }),
  topics: array(struct({
    topic: string(),
    partitions: array(struct({
      partition: int32(),
      currentLeaderEpoch: int32({ since: 2, default: -1, ignorable: true }),
      leaderEpoch: int32(),
    })),
  })),
});
export type OffsetForLeaderEpochRequest = Decoded<typeof offsetForLeaderEpochRequest>;
export type OffsetForLeaderEpochRequestInput = Input<typeof offsetForLeaderEpochRequest>;

/** OffsetForLeaderEpochResponse, API key 23, versions 0 to 4, flexible from 4. */
export const offsetForLeaderEpochResponse = message('OffsetForLeaderEpochResponse', { apiKey: 23, versions: [0, 4], flexibleSince: 4 }, {
  throttleTimeMs: int32({ since: 2, ignorable: true }),
  topics: array(struct({
    topic: string(),
    partitions: array(struct({
      errorCode: int16(),
      partition: int32(),
      leaderEpoch: int32({ since: 1, default: -1, ignorable: true }),
      endOffset: int64({ default: -1 }),
    })),
  })),
});
export type OffsetForLeaderEpochResponse = Decoded<typeof offsetForLeaderEpochResponse>;
export type OffsetForLeaderEpochResponseInput = Input<typeof offsetForLeaderEpochResponse>;
