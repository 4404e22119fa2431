import type { Clock } from './clock.ts';

/** Work that yields where it may be interrupted: `inSlices` does so, `atOnce` does not. */
export type Interruptible<Result> = Generator<void, Result>;

/** Runs it to its end without a pause. Throws what it throws. */
export function atOnce<Result>(work: Interruptible<Result>): Result {
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value;
}

/** Runs what yields between two pieces of work, and lets others have the event loop whenever `sliceMs` are over. Rejects with what it throws. */
export async function inSlices<Result>(clock: Clock, sliceMs: number, work: Interruptible<Result>): Promise<Result> {
  let sliceStartedMs = clock.monotonicMs();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    if (clock.monotonicMs() - sliceStartedMs < sliceMs) continue;
    await new Promise<void>((resolve) => clock.defer(resolve));
    sliceStartedMs = clock.monotonicMs();
  }
}
