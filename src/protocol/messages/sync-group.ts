import { array, bytes, int16, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** SyncGroupRequest, API key 14, versions 0 to 5, flexible from 4. */
export const syncGroupRequest = message('SyncGroupRequest', { apiKey: 14, versions: [0, 5], flexibleSince: 4 }, {
  groupId: string(),
  generationId: int32(),
  memberId: string(),
  groupInstanceId: string({ since: 3, nullable: 3, default: null }),
  protocolType: string({ since: 5, nullable: 5, default: null, ignorable: true }),
  protocolName: string({ since: 5, nullable: 5, default: null, ignorable: true }),
  assignments: array(struct({
    memberId: string(),
    assignment: bytes(),
  })),
});
export type SyncGroupRequest = Decoded<typeof syncGroupRequest>;
export type SyncGroupRequestInput = Input<typeof syncGroupRequest>;

/** SyncGroupResponse, API key 14, versions 0 to 5, flexible from 4. */
export const syncGroupResponse = message('SyncGroupResponse', { apiKey: 14, versions: [0, 5], flexibleSince: 4 }, {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  errorCode: int16(),
  protocolType: string({ since: 5, nullable: 5, default: null, ignorable: true }),
  protocolName: string({ since: 5, nullable: 5, default: null, ignorable: true }),
  assignment: bytes(),
});
export type SyncGroupResponse = Decoded<typeof syncGroupResponse>;
export type SyncGroupResponseInput = Input<typeof syncGroupResponse>;
