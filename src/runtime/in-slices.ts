import type { Clock } from './clock.ts';

/** Runs what yields between two pieces of work, and lets others have the event loop whenever `sliceMs` are over. Rejects with what it throws. */
export async function inSlices<Result>(clock: Clock, sliceMs: number, work: Iterator<void, Result>): Promise<Result> {
  let sliceStartedMs = clock.monotonicMs();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    if (clock.monotonicMs() - sliceStartedMs < sliceMs) continue;
    await new Promise<void>((resolve) => clock.defer(resolve));
    sliceStartedMs = clock.monotonicMs();
  }
}
