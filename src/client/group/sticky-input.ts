import { javaHashCode, javaHashOrder } from '../java-hash-order.ts';
import type { TopicPartition } from '../records.ts';
import type { MemberSubscription, TopicLayouts } from './assignor.ts';
import type { RackInfo } from './rack-info.ts';
import { rackInfo } from './rack-info.ts';

/** What a member says it owned before: the two sticky assignors write it in different places. */
export interface OwnedBefore {
  readonly partitions: readonly TopicPartition[];
  /** Undefined where it was not told. */
  readonly generationId: number | undefined;
}

/** Partitions of the assignment, one object each, so that they can be keys. */
export interface StickyInput {
  /** In the order of Java's HashMap, which decides between members that are alike. */
  readonly members: readonly MemberSubscription[];
  readonly topics: TopicLayouts;
  readonly count: number;
  readonly racks: RackInfo;
  readonly areSubscriptionsEqual: boolean;
  readonly before: ReadonlyMap<string, OwnedBefore>;
  /** What each member may keep: claims that a newer claim does not beat. */
  readonly owned: ReadonlyMap<string, Set<TopicPartition>>;
  /** Claimed by two members in one generation: whoever gets one gets it anew. */
  readonly disputed: ReadonlySet<TopicPartition>;
  /** Newest generation that any member told; -1 when none did. */
  readonly maxGeneration: number;
  partition(topic: string, partition: number): TopicPartition;
  partitionsOf(topic: string): readonly TopicPartition[];
}

export const noGeneration = -1;

export function stickyInput(topics: TopicLayouts, unordered: readonly MemberSubscription[], beforeOf: (member: MemberSubscription) => OwnedBefore): StickyInput {
  const members = javaHashOrder(unordered, ({ memberId }) => javaHashCode(memberId));
  const places = new Map([...topics].map(([topic, racks]) => [topic, racks.map((_, partition): TopicPartition => ({ topic, partition }))]));
  // A partition that was owned may be gone since.
  const gone = new Map<string, TopicPartition>();
  const partition = (topic: string, index: number): TopicPartition => {
    const place = places.get(topic)?.[index] ?? gone.get(`${index} ${topic}`) ?? { topic, partition: index };
    if (places.get(topic)?.[index] === undefined) gone.set(`${index} ${topic}`, place);
    return place;
  };
  const before = new Map(
    members.map((member) => {
      const { partitions, generationId } = beforeOf(member);
      return [member.memberId, { generationId, partitions: partitions.map((place) => partition(place.topic, place.partition)) }];
    }),
  );
  const layouts = new Map([...topics].flatMap(([topic, racks]) => racks.map((its, index) => [partition(topic, index), its] as const)));
  return {
    members,
    topics,
    count: layouts.size,
    racks: rackInfo(layouts, members),
    areSubscriptionsEqual: areEqual(members),
    before,
    ...claims(members, topics, before),
    maxGeneration: Math.max(noGeneration, ...[...before.values()].map(({ generationId }) => generationId ?? noGeneration)),
    partition,
    partitionsOf: (topic) => places.get(topic) ?? [],
  };
}

function areEqual(members: readonly MemberSubscription[]): boolean {
  const first = new Set(members[0]?.topics);
  return members.every(({ topics }) => topics.length === first.size && topics.every((topic) => first.has(topic)));
}

function claims(members: readonly MemberSubscription[], topics: TopicLayouts, before: ReadonlyMap<string, OwnedBefore>): Pick<StickyInput, 'owned' | 'disputed'> {
  const owned = new Map<string, Set<TopicPartition>>();
  const disputed = new Set<TopicPartition>();
  const owners = new Map<TopicPartition, MemberSubscription>();
  for (const member of members) {
    const its = new Set<TopicPartition>();
    owned.set(member.memberId, its);
    const { partitions, generationId = noGeneration } = before.get(member.memberId)!;
    for (const place of partitions) {
      if (place.partition >= (topics.get(place.topic)?.length ?? 0)) continue;
      const other = owners.get(place);
      const otherGeneration = other === undefined ? undefined : (other.generationId ?? noGeneration);
      if (otherGeneration !== undefined && generationId < otherGeneration) continue;
      if (other !== undefined) owned.get(other.memberId)!.delete(place);
      if (generationId === otherGeneration) disputed.add(place);
      else its.add(place);
      owners.set(place, member);
    }
  }
  return { owned, disputed };
}
