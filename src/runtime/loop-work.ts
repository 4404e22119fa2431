import type { Clock } from './clock.ts';

/**
 * What the event loop is busy with, told by those who may keep it long, so that a stall has a name. Work that waits (a promise) does
 * not belong here: only what runs from begin to end in one go.
 */
export interface LoopWork {
  /** What whoever has the loop is doing; whoever begins something sets it. */
  doing: string;
  /** Runs work that may be long. */
  run<Result>(what: string, work: () => Result): Result;
  /** A turn of requests ends that began at `sinceMs` (monotonic): it is charged to the last that was set. */
  turnEnded(sinceMs: number): void;
  /** The longest since this was last asked. */
  takeLongest(): LongWork;
}

export interface LongWork {
  readonly what: string;
  readonly tookMs: number;
}

const none: LongWork = { what: 'unknown', tookMs: 0 };

export function createLoopWork(clock: Clock): LoopWork {
  let longest = none;

  function took(what: string, tookMs: number): void {
    if (tookMs > longest.tookMs) longest = { what, tookMs };
  }

  const self: LoopWork = {
    doing: none.what,
    run(what, work) {
      const sinceMs = clock.monotonicMs();
      try {
        return work();
      } finally {
        took(what, clock.monotonicMs() - sinceMs);
        self.doing = what; // a turn that did this is charged to it, and not to what follows
      }
    },
    turnEnded: (sinceMs) => took(self.doing, clock.monotonicMs() - sinceMs),
    takeLongest() {
      const taken = longest;
      longest = none;
      return taken;
    },
  };
  return self;
}
