import { array, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DeleteAclsRequest, API key 31, versions 0 to 3, flexible from 2. */
export const deleteAclsRequest = message('DeleteAclsRequest', { apiKey: 31, versions: [0, 3], flexibleSince: 2 }, {
  filters: array(struct({
    resourceTypeFilter: int8(),
    resourceNameFilter: string({ nullable: 0 }),
    patternTypeFilter: int8({ since: 1, default: 3 }),
    principalFilter: string({ nullable: 0 }),
    hostFilter: string({ nullable: 0 }),
    operation: int8(),
    permissionType: int8(),
  })),
});
export type DeleteAclsRequest = Decoded<typeof deleteAclsRequest>;
export type DeleteAclsRequestInput = Input<typeof deleteAclsRequest>;

/** DeleteAclsResponse, API key 31, versions 0 to 3, flexible from 2. */
export const deleteAclsResponse = message('DeleteAclsResponse', { apiKey: 31, versions: [0, 3], flexibleSince: 2 }, {
  throttleTimeMs: int32(),
  filterResults: array(struct({
    errorCode: int16(),
    errorMessage: string({ nullable: 0 }),
    matchingAcls: array(struct({
      errorCode: int16(),
      errorMessage: string({ nullable: 0 }),
      resourceType: int8(),
      resourceName: string(),
      patternType: int8({ since: 1, default: 3 }),
      principal: string(),
      host: string(),
      operation: int8(),
      permissionType: int8(),
    })),
  })),
});
export type DeleteAclsResponse = Decoded<typeof deleteAclsResponse>;
export type DeleteAclsResponseInput = Input<typeof deleteAclsResponse>;
