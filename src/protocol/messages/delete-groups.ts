import { array, int16, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DeleteGroupsRequest, API key 42, versions 0 to 2, flexible from 2. */
export const deleteGroupsRequest = message('DeleteGroupsRequest', { apiKey: 42, versions: [0, 2], flexibleSince: 2 }, {
  groupsNames: array(string()),
});
export type DeleteGroupsRequest = Decoded<typeof deleteGroupsRequest>;
export type DeleteGroupsRequestInput = Input<typeof deleteGroupsRequest>;

/** DeleteGroupsResponse, API key 42, versions 0 to 2, flexible from 2. */
export const deleteGroupsResponse = message('DeleteGroupsResponse', { apiKey: 42, versions: [0, 2], flexibleSince: 2 }, {
  throttleTimeMs: int32(),
  results: array(struct({
    groupId: string(),
    errorCode: int16(),
  })),
});
export type DeleteGroupsResponse = Decoded<typeof deleteGroupsResponse>;
export type DeleteGroupsResponseInput = Input<typeof deleteGroupsResponse>;
