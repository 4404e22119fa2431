import type { Fault } from '../cluster/fault.ts';

/** Whether a run with only these faults, by index, still fails. */
export type StillFails = (keep: readonly number[]) => Promise<boolean>;

/**
 * The least of a schedule that still fails, as far as some tries can find it: halves, then quarters, … are left out
 * (delta debugging). What is drawn elsewhere does not change with the schedule.
 */
export async function shrink(schedule: readonly Fault[], stillFails: StillFails, triesMax: number): Promise<readonly number[]> {
  let kept = schedule.map(({ index }) => index);
  let tries = 0;
  for (let size = Math.ceil(kept.length / 2); size >= 1 && kept.length > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length; ) {
      if (tries++ >= triesMax) return kept;
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (await stillFails(fewer)) kept = fewer;
      else at += size;
    }
  }
  return kept;
}
