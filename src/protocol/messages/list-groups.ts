import { array, int16, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** ListGroupsRequest, API key 16, versions 0 to 5, flexible from 3. */
export const listGroupsRequest = message('ListGroupsRequest', { apiKey: 16, versions: [0, 5], flexibleSince: 3 }, {
  statesFilter: array(string(), { since: 4 }),
  typesFilter: array(string(), { since: 5 }),
});
export type ListGroupsRequest = Decoded<typeof listGroupsRequest>;
export type ListGroupsRequestInput = Input<typeof listGroupsRequest>;

/** ListGroupsResponse, API key 16, versions 0 to 5, flexible from 3. */
export const listGroupsResponse = message('ListGroupsResponse', { apiKey: 16, versions: [0, 5], flexibleSince: 3 }, {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  errorCode: int16(),
  groups: array(struct({
    groupId: string(),
    protocolType: string(),
    groupState: string({ since: 4, ignorable: true }),
    groupType: string({ since: 5, ignorable: true }),
  })),
});
export type ListGroupsResponse = Decoded<typeof listGroupsResponse>;
export type ListGroupsResponseInput = Input<typeof listGroupsResponse>;
