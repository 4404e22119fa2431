import { array, bool, bytes, int16, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** JoinGroupRequest, API key 11, versions 0 to 9, flexible from 6. */
export const joinGroupRequest = message('JoinGroupRequest', { apiKey: 11, versions: [0, 9], flexibleSince: 6 }, {
  groupId: string(),
  sessionTimeoutMs: int32(),
  rebalanceTimeoutMs: int32({ since: 1, default: -1, ignorable: true }),
  memberId: string(),
  groupInstanceId: string({ since: 5, nullable: 5, default: null }),
  protocolType: string(),
  protocols: array(struct({
    name: string(),
    metadata: bytes(),
  })),
  reason: string({ since: 8, nullable: 8, default: null, ignorable: true }),
});
export type JoinGroupRequest = Decoded<typeof joinGroupRequest>;
export type JoinGroupRequestInput = Input<typeof joinGroupRequest>;

/** JoinGroupResponse, API key 11, versions 0 to 9, flexible from 6. */
export const joinGroupResponse = message('JoinGroupResponse', { apiKey: 11, versions: [0, 9], flexibleSince: 6 }, {
  throttleTimeMs: int32({ since: 2, ignorable: true }),
  errorCode: int16(),
  generationId: int32({ default: -1 }),
  protocolType: string({ since: 7, nullable: 7, default: null, ignorable: true }),
  protocolName: string({ nullable: 7 }),
  leader: string(),
  skipAssignment: bool({ since: 9 }),
  memberId: string(),
  members: array(struct({
    memberId: string(),
    groupInstanceId: string({ since: 5, nullable: 5, default: null, ignorable: true }),
    metadata: bytes(),
  })),
});
export type JoinGroupResponse = Decoded<typeof joinGroupResponse>;
export type JoinGroupResponseInput = Input<typeof joinGroupResponse>;
