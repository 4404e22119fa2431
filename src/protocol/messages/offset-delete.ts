import { array, int16, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** OffsetDeleteRequest, API key 47, versions 0 to 0. */
export const offsetDeleteRequest = message('OffsetDeleteRequest', { apiKey: 47, versions: [0, 0] }, {
  groupId: string(),
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
    })),
  })),
});
export type OffsetDeleteRequest = Decoded<typeof offsetDeleteRequest>;
export type OffsetDeleteRequestInput = Input<typeof offsetDeleteRequest>;

/** OffsetDeleteResponse, API key 47, versions 0 to 0. */
export const offsetDeleteResponse = message('OffsetDeleteResponse', { apiKey: 47, versions: [0, 0] }, {
  errorCode: int16(),
  throttleTimeMs: int32({ ignorable: true }),
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      errorCode: int16(),
    })),
  })),
});
export type OffsetDeleteResponse = Decoded<typeof offsetDeleteResponse>;
export type OffsetDeleteResponseInput = Input<typeof offsetDeleteResponse>;
