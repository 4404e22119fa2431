import { array, bool, int16, int32, int8, string, struct, uuid } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** CreateTopicsRequest, API key 19, versions 0 to 7, flexible from 5. */
export const createTopicsRequest = message('CreateTopicsRequest', { apiKey: 19, versions: [0, 7], flexibleSince: 5 }, {
  topics: array(struct({
    name: string(),
    numPartitions: int32(),
    replicationFactor: int16(),
    assignments: array(struct({
      partitionIndex: int32(),
      brokerIds: array(int32()),
    })),
    configs: array(struct({
      name: string(),
      value: string({ nullable: 0 }),
    })),
  })),
  timeoutMs: int32({ default: 60000 }),
  validateOnly: bool({ since: 1 }),
});
export type CreateTopicsRequest = Decoded<typeof createTopicsRequest>;
export type CreateTopicsRequestInput = Input<typeof createTopicsRequest>;

/** CreateTopicsResponse, API key 19, versions 0 to 7, flexible from 5. */
export const createTopicsResponse = message('CreateTopicsResponse', { apiKey: 19, versions: [0, 7], flexibleSince: 5 }, {
  throttleTimeMs: int32({ since: 2, ignorable: true }),
  topics: array(struct({
    name: string(),
    topicId: uuid({ since: 7, ignorable: true }),
    errorCode: int16(),
    errorMessage: string({ since: 1, nullable: 0, ignorable: true }),
    topicConfigErrorCode: int16({ since: 5, tag: 0, ignorable: true }),
    numPartitions: int32({ since: 5, default: -1, ignorable: true }),
    replicationFactor: int16({ since: 5, default: -1, ignorable: true }),
    configs: array(struct({
      name: string({ since: 5 }),
      value: string({ since: 5, nullable: 5 }),
      readOnly: bool({ since: 5 }),
      configSource: int8({ since: 5, default: -1, ignorable: true }),
      isSensitive: bool({ since: 5 }),
    }), { since: 5, nullable: 5, ignorable: true }),
  })),
});
export type CreateTopicsResponse = Decoded<typeof createTopicsResponse>;
export type CreateTopicsResponseInput = Input<typeof createTopicsResponse>;
