import { array, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** CreateAclsRequest, API key 30, versions 0 to 3, flexible from 2. */
export const createAclsRequest = message('CreateAclsRequest', { apiKey: 30, versions: [0, 3], flexibleSince: 2 }, {
  creations: array(struct({
    resourceType: int8(),
    resourceName: string(),
    resourcePatternType: int8({ since: 1, default: 3 }),
    principal: string(),
    host: string(),
    operation: int8(),
    permissionType: int8(),
  })),
});
export type CreateAclsRequest = Decoded<typeof createAclsRequest>;
export type CreateAclsRequestInput = Input<typeof createAclsRequest>;

/** CreateAclsResponse, API key 30, versions 0 to 3, flexible from 2. */
export const createAclsResponse = message('CreateAclsResponse', { apiKey: 30, versions: [0, 3], flexibleSince: 2 }, {
  throttleTimeMs: int32(),
  results: array(struct({
    errorCode: int16(),
    errorMessage: string({ nullable: 0 }),
  })),
});
export type CreateAclsResponse = Decoded<typeof createAclsResponse>;
export type CreateAclsResponseInput = Input<typeof createAclsResponse>;
