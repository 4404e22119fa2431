import type { TopicPartition } from '../records.ts';
import type { MemberSubscription } from './assignor.ts';
import { isRackAware } from './assignor.ts';

/** Racks as the sticky assignors look at them (KIP-881); empty where they do not matter. */
export interface RackInfo {
  readonly isUsed: boolean;
  rackOf(memberId: string): string | undefined;
  racksOf(partition: TopicPartition): readonly string[];
  /** The member has a rack, and none of the partition's replicas is in it. */
  mismatch(memberId: string, partition: TopicPartition): boolean;
  /** Those first that the fewest members are near. */
  sorted(partitions: readonly TopicPartition[]): TopicPartition[];
}

export function rackInfo(layouts: ReadonlyMap<TopicPartition, readonly string[]>, members: readonly MemberSubscription[]): RackInfo {
  const rackByMember = new Map(members.flatMap(({ memberId, rackId }) => (rackId === undefined ? [] : [[memberId, rackId] as const])));
  const isUsed = rackByMember.size > 0 && isRackAware(new Set(rackByMember.values()), [...layouts.values()]);
  const membersByRack = new Map<string, number>();
  for (const rack of rackByMember.values()) membersByRack.set(rack, (membersByRack.get(rack) ?? 0) + 1);
  const near = (partition: TopicPartition): number => [...new Set(layouts.get(partition))].reduce((sum, rack) => sum + (membersByRack.get(rack) ?? 0), 0);
  const rackOf = (memberId: string): string | undefined => (isUsed ? rackByMember.get(memberId) : undefined);
  const racksOf = (partition: TopicPartition): readonly string[] => (isUsed ? (layouts.get(partition) ?? []) : []);
  return {
    isUsed,
    rackOf,
    racksOf,
    mismatch(memberId, partition) {
      const rack = rackOf(memberId);
      return rack !== undefined && !racksOf(partition).includes(rack);
    },
    sorted: (partitions) => (rackByMember.size === 0 ? [...partitions] : partitions.toSorted((a, b) => near(a) - near(b))),
  };
}
