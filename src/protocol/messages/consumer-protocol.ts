import { array, bytes, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** ConsumerProtocolAssignment, versions 0 to 3. */
export const consumerProtocolAssignment = message('ConsumerProtocolAssignment', { versions: [0, 3] }, {
  assignedPartitions: array(struct({
    topic: string(),
    partitions: array(int32()),
  })),
  userData: bytes({ nullable: 0, default: null }),
});
export type ConsumerProtocolAssignment = Decoded<typeof consumerProtocolAssignment>;
export type ConsumerProtocolAssignmentInput = Input<typeof consumerProtocolAssignment>;

/** ConsumerProtocolSubscription, versions 0 to 3. */
export const consumerProtocolSubscription = message('ConsumerProtocolSubscription', { versions: [0, 3] }, {
  topics: array(string()),
  userData: bytes({ nullable: 0, default: null }),
  ownedPartitions: array(struct({
    topic: string({ since: 1 }),
    partitions: array(int32(), { since: 1 }),
  }), { since: 1, ignorable: true }),
  generationId: int32({ since: 2, default: -1, ignorable: true }),
  rackId: string({ since: 3, nullable: 3, default: null, ignorable: true }),
});
export type ConsumerProtocolSubscription = Decoded<typeof consumerProtocolSubscription>;
export type ConsumerProtocolSubscriptionInput = Input<typeof consumerProtocolSubscription>;
