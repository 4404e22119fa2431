import { array, int16, int32, int64, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** ListOffsetsRequest, API key 2, versions 0 to 9, flexible from 6. */
export const listOffsetsRequest = message('ListOffsetsRequest', { apiKey: 2, versions: [0, 9], flexibleSince: 6 }, {
  replicaId: int32(),
  isolationLevel: int8({ since: 2 }),
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      currentLeaderEpoch: int32({ since: 4, default: -1, ignorable: true }),
      timestamp: int64(),
      maxNumOffsets: int32({ until: 0, default: 1 }),
    })),
  })),
});
export type ListOffsetsRequest = Decoded<typeof listOffsetsRequest>;
export type ListOffsetsRequestInput = Input<typeof listOffsetsRequest>;

/** ListOffsetsResponse, API key 2, versions 0 to 9, flexible from 6. */
export const listOffsetsResponse = message('ListOffsetsResponse', { apiKey: 2, versions: [0, 9], flexibleSince: 6 }, {
  throttleTimeMs: int32({ since: 2, ignorable: true }),
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      errorCode: int16(),
      oldStyleOffsets: array(int64(), { until: 0 }),
      timestamp: int64({ since: 1, default: -1 }),
      offset: int64({ since: 1, default: -1 }),
      leaderEpoch: int32({ since: 4, default: -1 }),
    })),
  })),
});
export type ListOffsetsResponse = Decoded<typeof listOffsetsResponse>;
export type ListOffsetsResponseInput = Input<typeof listOffsetsResponse>;
