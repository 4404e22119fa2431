import { faultKinds } from '../faults/index.ts';
import { seededRandom } from '../world/random.ts';
import type { SeededRandom } from '../world/random.ts';
import type { Cluster } from './cluster.ts';
import type { Fault, FaultKind } from './fault.ts';

export interface ScheduleOptions {
  readonly lengthMs: number;
  /** On average, milliseconds. */
  readonly gapMs: number;
  readonly machines: number;
  readonly losesPower: boolean;
}

/** What will go wrong in a run, in the order of time. */
export function drawSchedule(random: SeededRandom, { lengthMs, gapMs, machines, losesPower }: ScheduleOptions): Fault[] {
  const kinds = faultKinds.filter(({ needsSync }) => needsSync !== true || losesPower);
  const faults: Fault[] = [];
  for (let atMs = random.integer(gapMs); atMs < lengthMs; atMs += 1 + random.integer(2 * gapMs)) {
    const kind = choose(random, kinds);
    const [least, most] = kind.lengthMs;
    // Short ones are many: the square of an even draw.
    const share = random.integer(1000) / 1000;
    const forMs = Math.floor(least + (most - least) * share * share);
    faults.push({ index: faults.length, kind: kind.name, atMs, forMs, victim: random.integer(machines), roll: random.integer(2 ** 31) });
  }
  return faults;
}

function choose(random: SeededRandom, kinds: readonly FaultKind[]): FaultKind {
  let at = random.integer(kinds.reduce((sum, { weight }) => sum + weight, 0));
  for (const kind of kinds) {
    if (at < kind.weight) return kind;
    at -= kind.weight;
  }
  throw new Error('no kind of fault has a weight');
}

/** Lets each fault strike at its time, counted from now; resolves when the last is over. */
export async function strikeAll(cluster: Cluster, faults: readonly Fault[]): Promise<void> {
  const { world } = cluster;
  const startMs = world.timeline.nowMs;
  const struck: Promise<void>[] = [];
  let overMs = startMs;
  for (const fault of faults) {
    await world.sleep(startMs + fault.atMs - world.timeline.nowMs);
    const kind = faultKinds.find(({ name }) => name === fault.kind)!;
    overMs = Math.max(overMs, world.timeline.nowMs + fault.forMs);
    world.tell(cluster.machines[fault.victim]!.name, `fault ${fault.index}: ${fault.kind} for ${fault.forMs} ms`);
    struck.push(
      new Promise((resolve) => {
        cluster.begin(`fault ${fault.index} (${fault.kind})`, async () => {
          await kind.strike(cluster, fault, seededRandom(fault.roll));
          resolve();
        });
      }),
    );
  }
  await Promise.all([...struck, world.sleep(overMs - world.timeline.nowMs + 1)]);
}
