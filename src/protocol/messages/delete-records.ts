import { array, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DeleteRecordsRequest, API key 21, versions 0 to 2, flexible from 2. */
export const deleteRecordsRequest = message('DeleteRecordsRequest', { apiKey: 21, versions: [0, 2], flexibleSince: 2 }, {
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      offset: int64(),
    })),
  })),
  timeoutMs: int32(),
});
export type DeleteRecordsRequest = Decoded<typeof deleteRecordsRequest>;
export type DeleteRecordsRequestInput = Input<typeof deleteRecordsRequest>;

/** DeleteRecordsResponse, API key 21, versions 0 to 2, flexible from 2. */
export const deleteRecordsResponse = message('DeleteRecordsResponse', { apiKey: 21, versions: [0, 2], flexibleSince: 2 }, {
  throttleTimeMs: int32(),
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      lowWatermark: int64(),
      errorCode: int16(),
    })),
  })),
});
export type DeleteRecordsResponse = Decoded<typeof deleteRecordsResponse>;
export type DeleteRecordsResponseInput = Input<typeof deleteRecordsResponse>;
