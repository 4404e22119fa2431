import { array, bool, bytes, int16, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DescribeGroupsRequest, API key 15, versions 0 to 5, flexible from 5. */
export const describeGroupsRequest = message('DescribeGroupsRequest', { apiKey: 15, versions: [0, 5], flexibleSince: 5 }, {
  groups: array(string()),
  includeAuthorizedOperations: bool({ since: 3 }),
});
export type DescribeGroupsRequest = Decoded<typeof describeGroupsRequest>;
export type DescribeGroupsRequestInput = Input<typeof describeGroupsRequest>;

/** DescribeGroupsResponse, API key 15, versions 0 to 5, flexible from 5. */
export const describeGroupsResponse = message('DescribeGroupsResponse', { apiKey: 15, versions: [0, 5], flexibleSince: 5 }, {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  groups: array(struct({
    errorCode: int16(),
    groupId: string(),
    groupState: string(),
    protocolType: string(),
    protocolData: string(),
    members: array(struct({
      memberId: string(),
      groupInstanceId: string({ since: 4, nullable: 4, default: null, ignorable: true }),
      clientId: string(),
      clientHost: string(),
      memberMetadata: bytes(),
      memberAssignment: bytes(),
    })),
    authorizedOperations: int32({ since: 3, default: -2147483648 }),
  })),
});
export type DescribeGroupsResponse = Decoded<typeof describeGroupsResponse>;
export type DescribeGroupsResponseInput = Input<typeof describeGroupsResponse>;
