import { array, bool, int16, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** CreatePartitionsRequest, API key 37, versions 0 to 3, flexible from 2. */
export const createPartitionsRequest = message('CreatePartitionsRequest', { apiKey: 37, versions: [0, 3], flexibleSince: 2 }, {
  topics: array(struct({
    name: string(),
    count: int32(),
    assignments: array(struct({
      brokerIds: array(int32()),
    }), { nullable: 0 }),
  })),
  timeoutMs: int32(),
  validateOnly: bool(),
});
export type CreatePartitionsRequest = Decoded<typeof createPartitionsRequest>;
export type CreatePartitionsRequestInput = Input<typeof createPartitionsRequest>;

/** CreatePartitionsResponse, API key 37, versions 0 to 3, flexible from 2. */
export const createPartitionsResponse = message('CreatePartitionsResponse', { apiKey: 37, versions: [0, 3], flexibleSince: 2 }, {
  throttleTimeMs: int32(),
  results: array(struct({
    name: string(),
    errorCode: int16(),
    errorMessage: string({ nullable: 0, default: null }),
  })),
});
export type CreatePartitionsResponse = Decoded<typeof createPartitionsResponse>;
export type CreatePartitionsResponseInput = Input<typeof createPartitionsResponse>;
