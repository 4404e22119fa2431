import type { World } from '../../world/world.ts';

/** Offsets [from, to) of a partition, handed to a member in one poll. */
export interface Delivery {
  readonly at: number;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

export interface Commit {
  readonly member: string;
  /** The generation that the member was in when it began. */
  readonly generation: number;
  readonly partition: number;
  readonly offset: number;
  readonly sentAt: number;
  /** Undefined while it is not known whether it was done. */
  ackedAt: number | undefined;
}

/** A committed offset that the group's coordinator told. */
export interface Fetched {
  /** Of the member that asked; Infinity for one outside of the group. */
  readonly generation: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly partition: number;
  /** Undefined when there was none. */
  readonly offset: number | undefined;
}

/** What the members of one group did and saw. Times are places in the order of all that happened, not milliseconds. */
export interface GroupHistory {
  readonly groupId: string;
  /** `place` is the name of a static member, which keeps its partitions when another process takes its place, or of a life. */
  readonly assignments: { readonly place: string; readonly generation: number; readonly partitions: readonly number[] }[];
  readonly deliveries: Delivery[];
  readonly commits: Commit[];
  readonly fetched: Fetched[];
  /** The next place. */
  tick(): number;
}

export function newGroupHistory(groupId: string): GroupHistory {
  let ticks = 0;
  return { groupId, assignments: [], deliveries: [], commits: [], fetched: [], tick: () => ticks++ };
}

/** Adds what one poll gave. @param records in the order of their offsets within a partition */
export function noteDelivered(history: GroupHistory, records: readonly { readonly partition: number; readonly offset: number }[]): void {
  const at = history.tick();
  const ranges = new Map<number, { from: number; to: number }>();
  const close = (partition: number): void => {
    const range = ranges.get(partition);
    if (range !== undefined) history.deliveries.push({ at, partition, ...range });
  };
  for (const { partition, offset } of records) {
    const range = ranges.get(partition);
    if (range?.to === offset) range.to = offset + 1;
    else {
      close(partition);
      ranges.set(partition, { from: offset, to: offset + 1 });
    }
  }
  for (const partition of ranges.keys()) close(partition);
}

/** For each partition, what was delivered without a gap from offset 0 on; ticks must be asked for in ascending order. */
export function deliveredUpTo({ deliveries }: GroupHistory): (partition: number, at: number) => number {
  const ends = new Map<number, number>();
  const apart = new Map<number, Delivery[]>();
  let next = 0;
  function take(delivery: Delivery): void {
    const { partition } = delivery;
    let end = ends.get(partition) ?? 0;
    const waiting = [...(apart.get(partition) ?? []), delivery].sort((a, b) => a.from - b.from);
    while (waiting.length > 0 && waiting[0]!.from <= end) end = Math.max(end, waiting.shift()!.to);
    ends.set(partition, end);
    apart.set(partition, waiting);
  }
  return (partition, at) => {
    while (next < deliveries.length && deliveries[next]!.at <= at) take(deliveries[next++]!);
    return ends.get(partition) ?? 0;
  };
}

/** Waits until it holds, and looks twice a simulated second. @returns whether it did in time */
export async function comesTrue(world: World, withinMs: number, holds: () => Promise<boolean>): Promise<boolean> {
  const untilMs = world.timeline.nowMs + withinMs;
  while (!(await holds())) {
    if (world.timeline.nowMs > untilMs) return false;
    await world.sleep(500);
  }
  return true;
}
