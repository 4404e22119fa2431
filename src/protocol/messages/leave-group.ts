import { array, int16, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** LeaveGroupRequest, API key 13, versions 0 to 5, flexible from 4. */
export const leaveGroupRequest = message('LeaveGroupRequest', { apiKey: 13, versions: [0, 5], flexibleSince: 4 }, {
  groupId: string(),
  memberId: string({ until: 2 }),
  members: array(struct({
    memberId: string({ since: 3 }),
    groupInstanceId: string({ since: 3, nullable: 3, default: null }),
    reason: string({ since: 5, nullable: 5, default: null, ignorable: true }),
  }), { since: 3 }),
});
export type LeaveGroupRequest = Decoded<typeof leaveGroupRequest>;
export type LeaveGroupRequestInput = Input<typeof leaveGroupRequest>;

/** LeaveGroupResponse, API key 13, versions 0 to 5, flexible from 4. */
export const leaveGroupResponse = message('LeaveGroupResponse', { apiKey: 13, versions: [0, 5], flexibleSince: 4 }, {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  errorCode: int16(),
  members: array(struct({
    memberId: string({ since: 3 }),
    groupInstanceId: string({ since: 3, nullable: 3 }),
    errorCode: int16({ since: 3 }),
  }), { since: 3 }),
});
export type LeaveGroupResponse = Decoded<typeof leaveGroupResponse>;
export type LeaveGroupResponseInput = Input<typeof leaveGroupResponse>;
