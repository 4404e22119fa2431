import { array, bool, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** IncrementalAlterConfigsRequest, API key 44, versions 0 to 1, flexible from 1. */
export const incrementalAlterConfigsRequest = message('IncrementalAlterConfigsRequest', { apiKey: 44, versions: [0, 1], flexibleSince: 1 }, {
  resources: array(struct({
    resourceType: int8(),
    resourceName: string(),
    configs: array(struct({
      name: string(),
      configOperation: int8(),
      value: string({ nullable: 0 }),
    })),
  })),
  validateOnly: bool(),
});
export type IncrementalAlterConfigsRequest = Decoded<typeof incrementalAlterConfigsRequest>;
export type IncrementalAlterConfigsRequestInput = Input<typeof incrementalAlterConfigsRequest>;

/** IncrementalAlterConfigsResponse, API key 44, versions 0 to 1, flexible from 1. */
export const incrementalAlterConfigsResponse = message('IncrementalAlterConfigsResponse', { apiKey: 44, versions: [0, 1], flexibleSince: 1 }, {
  throttleTimeMs: int32(),
  responses: array(struct({
    errorCode: int16(),
    errorMessage: string({ nullable: 0 }),
    resourceType: int8(),
    resourceName: string(),
  })),
});
export type IncrementalAlterConfigsResponse = Decoded<typeof incrementalAlterConfigsResponse>;
export type IncrementalAlterConfigsResponseInput = Input<typeof incrementalAlterConfigsResponse>;
