import type { TopicPartition } from '../records.ts';

/** One member of a group as it told the leader of itself. */
export interface MemberSubscription {
  readonly memberId: string;
  /** group.instance.id */
  readonly groupInstanceId: string | undefined;
  readonly topics: readonly string[];
  readonly userData: Buffer | null;
  readonly ownedPartitions: readonly TopicPartition[];
  /** Generation in which it owned them; undefined where the subscription does not tell it (before version 2). */
  readonly generationId: number | undefined;
  /** client.rack; undefined when not set. */
  readonly rackId: string | undefined;
}

/** Topics that exist, each with the racks of its partitions' replicas; their number is that of the partitions. */
export type TopicLayouts = ReadonlyMap<string, readonly (readonly string[])[]>;

/** Partitions by member id. */
export type GroupAssignment = Map<string, TopicPartition[]>;

/** What a member was given last: an assignor may tell the next leader of it. */
export interface LastAssignment {
  readonly generationId: number;
  readonly partitions: readonly TopicPartition[];
}

/** Eager: all partitions are given up before a rebalance. Cooperative: only those that go elsewhere (KIP-429). */
export type RebalanceProtocol = 'eager' | 'cooperative';

/** How a group shares out partitions; the leader of the group decides by it. Pure: the same input gives the same answer. */
export interface Assignor {
  /** As it stands in JoinGroup, and in partition.assignment.strategy here. */
  readonly name: string;
  readonly protocols: readonly RebalanceProtocol[];
  userData(last: LastAssignment | undefined): Buffer | null;
  /** Each member is in the answer, those with nothing too. */
  assign(topics: TopicLayouts, members: readonly MemberSubscription[]): GroupAssignment;
}

/** Static members first, by group.instance.id; then the others by member id (AbstractPartitionAssignor.MemberInfo). */
export function compareMembers(a: MemberSubscription, b: MemberSubscription): number {
  if (a.groupInstanceId !== undefined && b.groupInstanceId !== undefined) return compareText(a.groupInstanceId, b.groupInstanceId);
  if (a.groupInstanceId !== undefined) return -1;
  if (b.groupInstanceId !== undefined) return 1;
  return compareText(a.memberId, b.memberId);
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether racks are worth looking at: they meet, and not every partition is in every rack. */
export function isRackAware(memberRacks: ReadonlySet<string>, partitions: readonly (readonly string[])[]): boolean {
  const racks = new Set(partitions.flat());
  if (![...memberRacks].some((rack) => racks.has(rack))) return false;
  return partitions.some((its) => new Set(its).size !== racks.size);
}
