import { array, bool, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** AlterConfigsRequest, API key 33, versions 0 to 2, flexible from 2. */
export const alterConfigsRequest = message('AlterConfigsRequest', { apiKey: 33, versions: [0, 2], flexibleSince: 2 }, {
  resources: array(struct({
    resourceType: int8(),
    resourceName: string(),
    configs: array(struct({
      name: string(),
      value: string({ nullable: 0 }),
    })),
  })),
  validateOnly: bool(),
});
export type AlterConfigsRequest = Decoded<typeof alterConfigsRequest>;
export type AlterConfigsRequestInput = Input<typeof alterConfigsRequest>;

/** AlterConfigsResponse, API key 33, versions 0 to 2, flexible from 2. */
export const alterConfigsResponse = message('AlterConfigsResponse', { apiKey: 33, versions: [0, 2], flexibleSince: 2 }, {
  throttleTimeMs: int32(),
  responses: array(struct({
    errorCode: int16(),
    errorMessage: string({ nullable: 0 }),
    resourceType: int8(),
    resourceName: string(),
  })),
});
export type AlterConfigsResponse = Decoded<typeof alterConfigsResponse>;
export type AlterConfigsResponseInput = Input<typeof alterConfigsResponse>;
