import { array, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DescribeAclsRequest, API key 29, versions 0 to 3, flexible from 2. */
export const describeAclsRequest = message('DescribeAclsRequest', { apiKey: 29, versions: [0, 3], flexibleSince: 2 }, {
  resourceTypeFilter: int8(),
  resourceNameFilter: string({ nullable: 0 }),
  patternTypeFilter: int8({ since: 1, default: 3 }),
  principalFilter: string({ nullable: 0 }),
  hostFilter: string({ nullable: 0 }),
  operation: int8(),
  permissionType: int8(),
});
export type DescribeAclsRequest = Decoded<typeof describeAclsRequest>;
export type DescribeAclsRequestInput = Input<typeof describeAclsRequest>;

/** DescribeAclsResponse, API key 29, versions 0 to 3, flexible from 2. */
export const describeAclsResponse = message('DescribeAclsResponse', { apiKey: 29, versions: [0, 3], flexibleSince: 2 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: 0 }),
  resources: array(struct({
    resourceType: int8(),
    resourceName: string(),
    patternType: int8({ since: 1, default: 3 }),
    acls: array(struct({
      principal: string(),
      host: string(),
      operation: int8(),
      permissionType: int8(),
    })),
  })),
});
export type DescribeAclsResponse = Decoded<typeof describeAclsResponse>;
export type DescribeAclsResponseInput = Input<typeof describeAclsResponse>;
