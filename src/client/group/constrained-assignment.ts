import type { TopicPartition } from '../records.ts';
import { compareText } from './assignor.ts';
import type { StickyInput } from './sticky-input.ts';

export interface StickyAssignment {
  readonly assignment: ReadonlyMap<string, ReadonlySet<TopicPartition>>;
  /** Partitions that go from one member to another, by the new one. */
  readonly moved: ReadonlyMap<TopicPartition, string>;
}

/**
 * Every member wants the same topics, so each gets the quota, and some one more:
 *
 *     1. everybody keeps what it owned, up to its quota (where racks matter: what is in its rack)
 *     2. what is free goes round to members with too little, in their rack where that matters
 *     3. and the rest goes round without looking at racks
 */
export function constrainedAssignment(input: StickyInput): StickyAssignment {
  const minQuota = Math.floor(input.count / input.members.length);
  const maxQuota = Math.ceil(input.count / input.members.length);
  const state: State = {
    input,
    minQuota,
    maxQuota,
    overMinExpected: input.count % input.members.length,
    overMin: 0,
    assignment: new Map(input.members.map(({ memberId }) => [memberId, new Set()])),
    underMin: [],
    atMin: [],
    mayBeRevoked: new Map(),
    moved: new Map(),
  };
  const assigned = keepOwned(state);
  state.underMin.sort(compareText);
  state.atMin.sort(compareText);
  const free = [...input.topics.keys()].toSorted(compareText).flatMap((topic) => input.partitionsOf(topic)).filter((partition) => !assigned.has(partition));
  roundRobin(state, roundRobinInRacks(state, input.racks.sorted(free)));
  return { assignment: state.assignment, moved: state.moved };
}

interface State {
  readonly input: StickyInput;
  readonly minQuota: number;
  readonly maxQuota: number;
  /** How many members are to have more than the lower quota, and how many have. */
  readonly overMinExpected: number;
  overMin: number;
  readonly assignment: Map<string, Set<TopicPartition>>;
  /** Members with less than the lower quota. */
  underMin: string[];
  /** Members with just the lower quota, one of which may still get more. */
  atMin: string[];
  readonly mayBeRevoked: Map<TopicPartition, string>;
  readonly moved: Map<TopicPartition, string>;
}

function keepOwned(state: State): Set<TopicPartition> {
  const { input, minQuota, maxQuota } = state;
  const assigned = new Set<TopicPartition>();
  for (const [memberId, all] of input.owned) {
    const owned: TopicPartition[] = [];
    for (const partition of all) {
      if (input.racks.mismatch(memberId, partition)) state.mayBeRevoked.set(partition, memberId);
      else if (!input.disputed.has(partition)) owned.push(partition);
    }
    owned.sort((a, b) => a.partition - b.partition || compareText(a.topic, b.topic));
    let quota = owned.length;
    if (owned.length < minQuota) {
      state.underMin.push(memberId);
    } else if (owned.length >= maxQuota && state.overMin < state.overMinExpected) {
      quota = maxQuota;
      state.overMin++;
      if (state.overMin === state.overMinExpected) state.atMin = [];
    } else {
      quota = minQuota;
      if (state.overMin < state.overMinExpected) state.atMin.push(memberId);
    }
    for (const partition of owned.slice(0, quota)) {
      assigned.add(partition);
      state.assignment.get(memberId)!.add(partition);
    }
    for (const partition of owned.slice(quota)) state.mayBeRevoked.set(partition, memberId);
  }
  return assigned;
}

/** @returns how many the member has then */
function give(state: State, partition: TopicPartition, memberId: string): number {
  const its = state.assignment.get(memberId)!;
  its.add(partition);
  const before = state.mayBeRevoked.get(partition);
  if ((before !== undefined && before !== memberId) || state.input.disputed.has(partition)) state.moved.set(partition, memberId);
  return its.size;
}

/** @returns what could not be given to a member in a rack of its replicas */
function roundRobinInRacks(state: State, free: readonly TopicPartition[]): TopicPartition[] {
  const { racks } = state.input;
  if (!racks.isUsed) return [...free];
  const near = (memberIds: readonly string[], partition: TopicPartition, from: number): number => {
    const its = racks.racksOf(partition);
    for (let step = 0; step < memberIds.length; step++) {
      const index = (from + step) % memberIds.length;
      const rack = racks.rackOf(memberIds[index]!);
      if (rack !== undefined && its.includes(rack)) return index;
    }
    return -1;
  };
  let next = 0;
  return free.filter((partition) => {
    const index = near(state.underMin, partition, next);
    if (index >= 0) {
      next = giveUnderMin(state, partition, index);
      return false;
    }
    const last = near(state.atMin, partition, 0);
    if (last < 0) return true;
    const memberId = state.atMin[last]!;
    if (state.assignment.get(memberId)!.size + 1 === state.maxQuota) {
      state.atMin.splice(last, 1);
      state.overMin++;
      if (state.overMin === state.overMinExpected) state.atMin = [];
    }
    give(state, partition, memberId);
    return false;
  });
}

/** @returns where to look for the next member */
function giveUnderMin(state: State, partition: TopicPartition, index: number): number {
  const memberId = state.underMin[index]!;
  const count = give(state, partition, memberId);
  if (count < state.minQuota) return (index + 1) % state.underMin.length;
  state.underMin.splice(index, 1);
  if (count < state.maxQuota && state.overMin < state.overMinExpected) state.atMin.push(memberId);
  return state.underMin.length === 0 ? 0 : index % state.underMin.length;
}

function roundRobin(state: State, free: readonly TopicPartition[]): void {
  let next = 0;
  for (const partition of free) {
    if (next >= state.underMin.length) next = 0;
    const isUnderMin = state.underMin.length > 0;
    const memberId = isUnderMin ? state.underMin[next]! : state.atMin.shift();
    if (memberId === undefined) throw new Error('every member has its quota, and partitions are left');
    const count = give(state, partition, memberId);
    if (isUnderMin && count === state.minQuota) {
      state.underMin.splice(next, 1);
      state.atMin.push(memberId);
    } else if (isUnderMin) {
      next++;
    }
  }
}
