import type { TopicPartition } from '../records.ts';
import type { Assignor, GroupAssignment, LastAssignment, MemberSubscription, TopicLayouts } from './assignor.ts';
import type { StickyAssignment } from './constrained-assignment.ts';
import { constrainedAssignment } from './constrained-assignment.ts';
import { generalAssignment } from './general-assignment.ts';
import type { OwnedBefore } from './sticky-input.ts';
import { noGeneration, stickyInput } from './sticky-input.ts';
import { decodeOwned, encodeOwned } from './sticky-user-data.ts';

/** As balanced as can be, and of what was owned before as much as possible stays; what that was stands in the user data. */
export const stickyAssignor: Assignor = {
  name: 'sticky',
  protocols: ['eager'],
  userData: (last) => (last === undefined ? null : encodeOwned(last)),
  assign: (topics, members) => listed(stickyAssignment(topics, members, ({ userData }) => decodeOwned(userData)).assignment),
};

/** The same, but a partition that goes from one member to another is first given up by the one, and assigned in the next rebalance (KIP-429). */
export const cooperativeStickyAssignor: Assignor = {
  name: 'cooperative-sticky',
  protocols: ['cooperative', 'eager'],
  userData: (last) => generationBytes(last),
  assign(topics, members) {
    const { assignment, moved } = stickyAssignment(topics, members, ownedBefore);
    const adjusted = listed(assignment);
    for (const [memberId, partitions] of adjusted) adjusted.set(memberId, partitions.filter((partition) => moved.get(partition) !== memberId));
    return adjusted;
  },
};

function generationBytes(last: LastAssignment | undefined): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(last?.generationId ?? noGeneration);
  return bytes;
}

/** Subscriptions before version 2 tell the generation in their user data alone. */
function ownedBefore({ ownedPartitions, generationId, userData }: MemberSubscription): OwnedBefore {
  if (generationId !== undefined) return { partitions: ownedPartitions, generationId };
  if (userData === null) return { partitions: ownedPartitions, generationId: undefined };
  return { partitions: ownedPartitions, generationId: userData.length < 4 ? noGeneration : userData.readInt32BE(0) };
}

function stickyAssignment(topics: TopicLayouts, members: readonly MemberSubscription[], before: (member: MemberSubscription) => OwnedBefore): StickyAssignment {
  const input = stickyInput(topics, members, before);
  if (input.areSubscriptionsEqual) return constrainedAssignment(input);
  const assignment = generalAssignment(input);
  return { assignment, moved: movedPartitions(members, assignment) };
}

/** What a member gets that another one owned. */
function movedPartitions(members: readonly MemberSubscription[], assignment: StickyAssignment['assignment']): Map<TopicPartition, string> {
  const key = ({ topic, partition }: TopicPartition): string => `${partition} ${topic}`;
  const revoked = new Set<string>();
  const owned = new Map(members.map(({ memberId, ownedPartitions }) => [memberId, new Set(ownedPartitions.map(key))]));
  for (const [memberId, its] of assignment) {
    const assigned = new Set([...its].map(key));
    for (const place of owned.get(memberId)!) if (!assigned.has(place)) revoked.add(place);
  }
  const moved = new Map<TopicPartition, string>();
  for (const [memberId, its] of assignment) {
    for (const partition of its) if (!owned.get(memberId)!.has(key(partition)) && revoked.has(key(partition))) moved.set(partition, memberId);
  }
  return moved;
}

function listed(assignment: StickyAssignment['assignment']): GroupAssignment {
  return new Map([...assignment].map(([memberId, its]) => [memberId, [...its]]));
}
