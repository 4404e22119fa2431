import type { Trace } from './trace.ts';

/** What is due when: a binary heap by time, then by order of arrival, so that a run is the same each time. */
export interface Timeline {
  readonly nowMs: number;
  readonly steps: number;
  /** Calls `event` after `delayMs` of simulated time; the returned function takes it back. */
  after(delayMs: number, event: () => void): () => void;
  /** Goes on, event by event, until `isDone` holds or nothing is due before `untilMs`; between events all promises settle. */
  run(untilMs: number, isDone?: () => boolean): Promise<void>;
}

interface Entry {
  readonly dueMs: number;
  readonly order: number;
  event: (() => void) | undefined;
}

export function createTimeline(trace: Trace): Timeline {
  const heap: Entry[] = [];
  let nowMs = 0;
  let order = 0;
  let steps = 0;

  const isBefore = (a: Entry, b: Entry): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);

  function push(entry: Entry): void {
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at]!, heap[parent]!)) break;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  }

  function pop(): Entry | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    let at = 0;
    for (;;) {
      const left = at * 2 + 1;
      const right = left + 1;
      let least = at;
      if (left < heap.length && isBefore(heap[left]!, heap[least]!)) least = left;
      if (right < heap.length && isBefore(heap[right]!, heap[least]!)) least = right;
      if (least === at) return first;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  }

  return {
    get nowMs() {
      return nowMs;
    },
    get steps() {
      return steps;
    },
    after(delayMs, event) {
      const entry: Entry = { dueMs: nowMs + Math.max(0, delayMs), order: order++, event };
      push(entry);
      return () => {
        entry.event = undefined;
      };
    },
    async run(untilMs, isDone = () => false) {
      await settle();
      while (!isDone()) {
        const next = heap[0];
        if (next === undefined || next.dueMs > untilMs) {
          nowMs = Math.max(nowMs, Math.min(untilMs, Number.MAX_SAFE_INTEGER));
          return;
        }
        pop();
        if (next.event === undefined) continue;
        nowMs = next.dueMs;
        steps++;
        trace.note(`step ${next.order} ${next.dueMs}`);
        next.event();
        await settle();
      }
    },
  };
}

/** Lets every promise that can settle without new events do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
