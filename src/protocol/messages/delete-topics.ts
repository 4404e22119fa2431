import { array, int16, int32, string, struct, uuid } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DeleteTopicsRequest, API key 20, versions 0 to 6, flexible from 4. */
export const deleteTopicsRequest = message('DeleteTopicsRequest', { apiKey: 20, versions: [0, 6], flexibleSince: 4 }, {
  topics: array(struct({
    name: string({ since: 6, nullable: 6, default: null }),
    topicId: uuid({ since: 6 }),
  }), { since: 6 }),
  topicNames: array(string(), { until: 5, ignorable: true }),
  timeoutMs: int32(),
});
export type DeleteTopicsRequest = Decoded<typeof deleteTopicsRequest>;
export type DeleteTopicsRequestInput = Input<typeof deleteTopicsRequest>;

/** DeleteTopicsResponse, API key 20, versions 0 to 6, flexible from 4. */
export const deleteTopicsResponse = message('DeleteTopicsResponse', { apiKey: 20, versions: [0, 6], flexibleSince: 4 }, {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  responses: array(struct({
    name: string({ nullable: 6 }),
    topicId: uuid({ since: 6, ignorable: true }),
    errorCode: int16(),
    errorMessage: string({ since: 5, nullable: 5, default: null, ignorable: true }),
  })),
});
export type DeleteTopicsResponse = Decoded<typeof deleteTopicsResponse>;
export type DeleteTopicsResponseInput = Input<typeof deleteTopicsResponse>;
