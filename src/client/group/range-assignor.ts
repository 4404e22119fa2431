import type { TopicPartition } from '../records.ts';
import type { Assignor, GroupAssignment, MemberSubscription, TopicLayouts } from './assignor.ts';
import { compareMembers, compareText, isRackAware } from './assignor.ts';

/**
 * Each topic by itself: its partitions in ranges, the first members one more where they do not divide evenly. Where
 * racks matter (KIP-881), partitions go to members of their replicas' racks first, within the same counts, and topics with
 * as many partitions and the same members stay aligned.
 */
export const rangeAssignor: Assignor = {
  name: 'range',
  protocols: ['eager'],
  userData: () => null,
  assign(topics, members) {
    const assignment: GroupAssignment = new Map(members.map(({ memberId }) => [memberId, []]));
    const states = topicStates(topics, members);
    const isByRack = states.some(({ needsRacks }) => needsRacks);
    if (isByRack) assignByRack(states, assignment);
    for (const state of states) assignRanges(state, () => true, assignment);
    if (isByRack) for (const partitions of assignment.values()) partitions.sort((a, b) => compareText(a.topic, b.topic) || a.partition - b.partition);
    return assignment;
  },
};

interface TopicState {
  readonly topic: string;
  readonly racks: readonly (readonly string[])[];
  /** In the order in which they are served. */
  readonly members: readonly MemberSubscription[];
  readonly needsRacks: boolean;
  readonly unassigned: Set<number>;
  readonly counts: Map<MemberSubscription, number>;
  readonly share: number;
  /** Members that may still get one more than the share. */
  extra: number;
}

function topicStates(topics: TopicLayouts, members: readonly MemberSubscription[]): TopicState[] {
  const ordered = members.toSorted(compareMembers);
  return [...topics].map(([topic, racks]): TopicState => {
    const its = ordered.filter((member) => member.topics.includes(topic));
    return {
      topic,
      racks,
      members: its,
      needsRacks: isRackAware(new Set(its.flatMap(({ rackId }) => rackId ?? [])), racks),
      unassigned: new Set(racks.keys()),
      counts: new Map(its.map((member) => [member, 0])),
      share: its.length === 0 ? 0 : Math.floor(racks.length / its.length),
      extra: its.length === 0 ? 0 : racks.length % its.length,
    };
  });
}

function room(state: TopicState, member: MemberSubscription): number {
  return Math.max(0, state.share + (state.extra > 0 ? 1 : 0) - state.counts.get(member)!);
}

function racksMatch({ racks }: TopicState, { rackId }: MemberSubscription, partition: number): boolean {
  return rackId === undefined || racks[partition]!.includes(rackId);
}

function give(state: TopicState, member: MemberSubscription, partitions: readonly number[], assignment: GroupAssignment): void {
  const its: TopicPartition[] = assignment.get(member.memberId)!;
  for (const partition of partitions) {
    its.push({ topic: state.topic, partition });
    state.unassigned.delete(partition);
  }
  const count = state.counts.get(member)! + partitions.length;
  state.counts.set(member, count);
  if (count > state.share) state.extra--;
}

function assignRanges(state: TopicState, may: (member: MemberSubscription, partition: number) => boolean, assignment: GroupAssignment): void {
  for (const member of state.members) {
    if (state.unassigned.size === 0) return;
    const chosen = [...state.unassigned].filter((partition) => may(member, partition)).slice(0, room(state, member));
    if (chosen.length > 0) give(state, member, chosen, assignment);
  }
}

function assignByRack(states: readonly TopicState[], assignment: GroupAssignment): void {
  const alike = new Map<string, TopicState[]>();
  for (const state of states) {
    const key = JSON.stringify([state.racks.length, state.members.map(({ memberId }) => memberId)]);
    alike.set(key, [...(alike.get(key) ?? []), state]);
  }
  for (const group of alike.values()) {
    const [first] = group;
    if (group.length > 1) assignAligned(group, assignment);
    else if (first!.needsRacks) assignRanges(first!, (member, partition) => racksMatch(first!, member, partition), assignment);
  }
}

/** The same partition of all the topics to one member, in whose rack every one of them has a replica. */
function assignAligned(states: readonly TopicState[], assignment: GroupAssignment): void {
  const left = new Set(states[0]!.members);
  for (let partition = 0; partition < states[0]!.racks.length && left.size > 0; partition++) {
    const member = [...left].find((candidate) => states.every((state) => racksMatch(state, candidate, partition) && room(state, candidate) > 0));
    if (member === undefined) continue;
    for (const state of states) give(state, member, [partition], assignment);
    if (!states.some((state) => room(state, member) > 0)) left.delete(member);
  }
}
