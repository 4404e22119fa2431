import type { Clock, Timer } from './clock.ts';

/** A wait of one loop that others may end early. */
export interface Pause {
  /** Resolves after `delayMs`, or at `end`. One at a time. */
  for(delayMs: number): Promise<void>;
  /** Nothing happens when nobody waits. */
  end(): void;
}

export function createPause(clock: Clock): Pause {
  let current: { readonly timer: Timer; readonly resolve: () => void } | undefined;

  function end(): void {
    current?.timer.cancel();
    current?.resolve();
    current = undefined;
  }

  return {
    for: (delayMs) =>
      new Promise((resolve) => {
        current = { timer: clock.setTimer(delayMs, end), resolve };
      }),
    end,
  };
}
