import { array, bytes, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** GroupMetadataKey, versions 2 to 2. */
export const groupMetadataKey = message('GroupMetadataKey', { versions: [2, 2] }, {
  group: string(),
});
export type GroupMetadataKey = Decoded<typeof groupMetadataKey>;
export type GroupMetadataKeyInput = Input<typeof groupMetadataKey>;

const memberMetadata = {
  memberId: string(),
  groupInstanceId: string({ since: 3, nullable: 3, default: null, ignorable: true }),
  clientId: string(),
  clientHost: string(),
  rebalanceTimeout: int32({ since: 1, default: -1, ignorable: true }),
  sessionTimeout: int32(),
  subscription: bytes(),
  assignment: bytes(),
};

/** GroupMetadataValue, versions 0 to 4, flexible from 4. */
export const groupMetadataValue = message('GroupMetadataValue', { versions: [0, 4], flexibleSince: 4 }, {
  protocolType: string(),
  generation: int32(),
  protocol: string({ nullable: 0 }),
  leader: string({ nullable: 0 }),
  currentStateTimestamp: int64({ since: 2, default: -1, ignorable: true }),
  members: array(struct(memberMetadata)),
});
export type GroupMetadataValue = Decoded<typeof groupMetadataValue>;
export type GroupMetadataValueInput = Input<typeof groupMetadataValue>;
