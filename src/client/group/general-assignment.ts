import type { TopicPartition } from '../records.ts';
import { compareText } from './assignor.ts';
import type { MemberSubscription } from './assignor.ts';
import type { PartitionMovements } from './partition-movements.ts';
import { partitionMovements } from './partition-movements.ts';
import { sortedMembers } from './sorted-members.ts';
import type { SortedMembers } from './sorted-members.ts';
import type { StickyInput } from './sticky-input.ts';
import { noGeneration } from './sticky-input.ts';

/**
 * Members want different topics. Everybody keeps what it may; free partitions go to whoever has least, those that few
 * want first; then partitions move from members with more to members with less until nothing gets better.
 */
export function generalAssignment(input: StickyInput): ReadonlyMap<string, ReadonlySet<TopicPartition>> {
  const state = startingState(input);
  const kept = keepOwned(state);
  const free = state.all.filter((partition) => !kept.has(partition));
  state.sorted.addAll(state.current.keys());
  balance(state, kept.size === 0 ? state.all : free);
  return state.current;
}

interface State {
  readonly input: StickyInput;
  readonly current: Map<string, Set<TopicPartition>>;
  readonly ownerOf: Map<TopicPartition, string>;
  readonly membersOf: ReadonlyMap<string, readonly string[]>;
  readonly topicsOf: ReadonlyMap<string, readonly string[]>;
  /** Partitions of the topics with the fewest members first. */
  all: TopicPartition[];
  readonly sorted: SortedMembers;
  readonly movements: PartitionMovements;
  /** Owner in an older generation than the newest, where there was one. */
  readonly previous: ReadonlyMap<TopicPartition, { readonly memberId: string; readonly generation: number }>;
  isRevoking: boolean;
}

function startingState(input: StickyInput): State {
  const current = new Map([...input.owned].map(([memberId, its]) => [memberId, new Set(its)]));
  const membersOf = new Map([...input.topics.keys()].map((topic) => [topic, input.members.filter((member) => member.topics.includes(topic)).map(({ memberId }) => memberId)]));
  const topicsInOrder = [...input.topics.keys()].toSorted((a, b) => membersOf.get(a)!.length - membersOf.get(b)!.length || compareText(a, b));
  return {
    input,
    current,
    ownerOf: new Map([...current].flatMap(([memberId, its]) => [...its].map((partition) => [partition, memberId] as const))),
    membersOf,
    topicsOf: new Map(input.members.map(({ memberId, topics }) => [memberId, topics.filter((topic) => input.topics.has(topic))])),
    all: topicsInOrder.flatMap((topic) => input.partitionsOf(topic)),
    sorted: sortedMembers((memberId) => current.get(memberId)!.size),
    movements: partitionMovements(),
    previous: previousOwners(input),
    isRevoking: false,
  };
}

function previousOwners(input: StickyInput): Map<TopicPartition, { readonly memberId: string; readonly generation: number }> {
  const previous = new Map<TopicPartition, { readonly memberId: string; readonly generation: number }>();
  for (const { memberId } of input.members) {
    const { partitions, generationId } = input.before.get(memberId)!;
    const generation = generationId ?? noGeneration;
    if (generation >= input.maxGeneration) continue;
    for (const partition of partitions) {
      const known = previous.get(partition);
      if (known === undefined || generation > known.generation) previous.set(partition, { memberId, generation });
    }
  }
  return previous;
}

function keepOwned(state: State): Set<TopicPartition> {
  const { input, current, ownerOf } = state;
  const kept = new Set<TopicPartition>();
  const subscriptions = new Map(input.members.map((member) => [member.memberId, member]));
  for (const [memberId, its] of current) {
    const member: MemberSubscription = subscriptions.get(memberId)!;
    for (const partition of its) {
      if (member.topics.includes(partition.topic) && !input.racks.mismatch(memberId, partition)) {
        kept.add(partition);
        continue;
      }
      its.delete(partition);
      ownerOf.delete(partition);
      state.isRevoking = true;
    }
  }
  return kept;
}

function balance(state: State, free: TopicPartition[]): void {
  const { input, current } = state;
  const isFirst = current.get(state.sorted.last())!.size === 0;
  const left = input.racks.isUsed ? free.filter((partition) => !giveTo(state, partition, true)) : free;
  for (const partition of left) giveTo(state, partition, false);

  const movable = (partition: TopicPartition): boolean => canTopicMove(state, partition.topic);
  state.all = state.all.filter(movable);
  const fixed = new Map<string, Set<TopicPartition>>();
  for (const memberId of state.topicsOf.keys()) {
    if (canTakePart(state, memberId)) continue;
    state.sorted.remove(memberId);
    fixed.set(memberId, current.get(memberId)!);
    current.delete(memberId);
  }

  if (current.size > 0) {
    const before = new Map([...current].map(([memberId, its]) => [memberId, new Set(its)]));
    if (!state.isRevoking) improve(state, free.filter(movable));
    const isChanged = improve(state, state.all);
    if (!isFirst && isChanged && imbalance(current) >= imbalance(before)) for (const [memberId, its] of before) current.set(memberId, its);
  }
  for (const [memberId, its] of fixed) current.set(memberId, its);
}

/** To the member with least that wants it. */
function giveTo(state: State, partition: TopicPartition, isInRack: boolean): boolean {
  for (const memberId of state.sorted) {
    if (!state.topicsOf.get(memberId)!.includes(partition.topic) || (isInRack && state.input.racks.mismatch(memberId, partition))) continue;
    state.sorted.remove(memberId);
    state.current.get(memberId)!.add(partition);
    state.ownerOf.set(partition, memberId);
    state.sorted.add(memberId);
    return true;
  }
  return false;
}

const canTopicMove = ({ membersOf }: State, topic: string): boolean => membersOf.get(topic)!.length >= 2;

const most = ({ input, topicsOf }: State, memberId: string): number => topicsOf.get(memberId)!.reduce((sum, topic) => sum + input.topics.get(topic)!.length, 0);

function canTakePart(state: State, memberId: string): boolean {
  const its = state.current.get(memberId)!;
  return its.size < most(state, memberId) || [...its].some(({ topic }) => canTopicMove(state, topic));
}

/** Sum of the differences between all pairs of members. */
function imbalance(assignment: ReadonlyMap<string, ReadonlySet<TopicPartition>>): number {
  const sizes = [...assignment.values()].map(({ size }) => size);
  return sizes.reduce((sum, size, index) => sum + sizes.slice(index + 1).reduce((part, other) => part + Math.abs(size - other), 0), 0);
}

function isBalanced(state: State): boolean {
  const { current, sorted, ownerOf, input } = state;
  const size = (memberId: string): number => current.get(memberId)!.size;
  if (size(sorted.first()) >= size(sorted.last()) - 1) return true;
  for (const memberId of sorted) {
    const its = current.get(memberId)!;
    if (its.size === most(state, memberId)) continue;
    for (const topic of state.topicsOf.get(memberId)!) {
      for (const partition of input.partitionsOf(topic)) {
        if (!its.has(partition) && its.size + 1 < size(ownerOf.get(partition)!)) return false;
      }
    }
  }
  return true;
}

/** Moves partitions to members with at least two less, until none can move. @returns whether any did */
function improve(state: State, partitions: readonly TopicPartition[]): boolean {
  const { current, ownerOf, previous } = state;
  let isAnyMoved = false;
  for (let isMoved = true; isMoved; ) {
    isMoved = false;
    for (const partition of partitions) {
      if (isBalanced(state)) break;
      const size = current.get(ownerOf.get(partition)!)!.size;
      const earlier = previous.get(partition)?.memberId;
      let target: string | undefined;
      // Kafka's does not ask whether the earlier owner still wants the topic, and then hands it what it refuses.
      if (earlier !== undefined && current.has(earlier) && state.topicsOf.get(earlier)!.includes(partition.topic) && size > current.get(earlier)!.size + 1) target = earlier;
      else if (state.membersOf.get(partition.topic)!.some((memberId) => size > current.get(memberId)!.size + 1)) target = state.sorted.find((memberId) => state.topicsOf.get(memberId)!.includes(partition.topic));
      if (target === undefined) continue;
      move(state, partition, target);
      isMoved = true;
      isAnyMoved = true;
    }
  }
  return isAnyMoved;
}

function move(state: State, wanted: TopicPartition, to: string): void {
  const { current, ownerOf, sorted } = state;
  const partition = state.movements.instead(wanted, ownerOf.get(wanted)!, to);
  const from = ownerOf.get(partition)!;
  sorted.remove(from);
  sorted.remove(to);
  state.movements.moved(partition, from, to);
  current.get(from)!.delete(partition);
  current.get(to)!.add(partition);
  ownerOf.set(partition, to);
  sorted.add(to);
  sorted.add(from);
}
