import { int16, int32, string } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** HeartbeatRequest, API key 12, versions 0 to 4, flexible from 4. */
export const heartbeatRequest = message('HeartbeatRequest', { apiKey: 12, versions: [0, 4], flexibleSince: 4 }, {
  groupId: string(),
  generationId: int32(),
  memberId: string(),
  groupInstanceId: string({ since: 3, nullable: 3, default: null }),
});
export type HeartbeatRequest = Decoded<typeof heartbeatRequest>;
export type HeartbeatRequestInput = Input<typeof heartbeatRequest>;

/** HeartbeatResponse, API key 12, versions 0 to 4, flexible from 4. */
export const heartbeatResponse = message('HeartbeatResponse', { apiKey: 12, versions: [0, 4], flexibleSince: 4 }, {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  errorCode: int16(),
});
export type HeartbeatResponse = Decoded<typeof heartbeatResponse>;
export type HeartbeatResponseInput = Input<typeof heartbeatResponse>;
