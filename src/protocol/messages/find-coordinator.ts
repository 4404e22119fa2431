import { array, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** FindCoordinatorRequest, API key 10, versions 0 to 6, flexible from 3. */
export const findCoordinatorRequest = message('FindCoordinatorRequest', { apiKey: 10, versions: [0, 6], flexibleSince: 3 }, {
  key: string({ until: 3 }),
  keyType: int8({ since: 1 }),
  coordinatorKeys: array(string(), { since: 4 }),
});
export type FindCoordinatorRequest = Decoded<typeof findCoordinatorRequest>;
export type FindCoordinatorRequestInput = Input<typeof findCoordinatorRequest>;

/** FindCoordinatorResponse, API key 10, versions 0 to 6, flexible from 3. */
export const findCoordinatorResponse = message('FindCoordinatorResponse', { apiKey: 10, versions: [0, 6], flexibleSince: 3 }, {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  errorCode: int16({ until: 3 }),
  errorMessage: string({ since: 1, until: 3, nullable: [1, 3], ignorable: true }),
  nodeId: int32({ until: 3 }),
  host: string({ until: 3 }),
  port: int32({ until: 3 }),
  coordinators: array(struct({
    key: string({ since: 4 }),
    nodeId: int32({ since: 4 }),
    host: string({ since: 4 }),
    port: int32({ since: 4 }),
    errorCode: int16({ since: 4 }),
    errorMessage: string({ since: 4, nullable: 4, ignorable: true }),
  }), { since: 4 }),
});
export type FindCoordinatorResponse = Decoded<typeof findCoordinatorResponse>;
export type FindCoordinatorResponseInput = Input<typeof findCoordinatorResponse>;
