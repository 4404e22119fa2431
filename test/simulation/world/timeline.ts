import type { Trace } from './trace.ts';

/** What is due when: a binary heap by time, then by order of arrival, so that a run is the same each time. */
export interface Timeline {
  readonly nowMs: number;
  readonly steps: number;
  /** Events that are due and were not taken back; what grows without bound shows here. */
  readonly pending: number;
  /** Calls `event` after `delayMs` of simulated time; the returned function takes it back. */
  after(delayMs: number, event: () => void): () => void;
  /** Called after each event, when all promises have settled; what it throws ends the run. */
  afterEachStep(look: () => void): void;
  /** Goes on, event by event, until `isDone` holds or nothing is due before `untilMs`; between events all promises settle. */
  run(untilMs: number, isDone?: () => boolean): Promise<void>;
}

interface Entry {
  readonly dueMs: number;
  readonly order: number;
  event: (() => void) | undefined;
}

/** Node lets all promises settle between two immediates; so many are asked for at once, since a turn of its loop costs more. */
const stepsPerTurn = 256;

export function createTimeline(trace: Trace): Timeline {
  const heap: Entry[] = [];
  const looks: (() => void)[] = [];
  let nowMs = 0;
  let order = 0;
  let steps = 0;
  let pending = 0;

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

  /** The next event that stands, if it is due by `untilMs`. */
  function takeNext(untilMs: number): Entry | undefined {
    for (let next = heap[0]; next !== undefined; next = heap[0]) {
      if (next.event !== undefined && next.dueMs > untilMs) return undefined;
      pop();
      if (next.event !== undefined) return next;
    }
    return undefined;
  }

  function step(untilMs: number): boolean {
    const next = takeNext(untilMs);
    if (next === undefined) return false;
    pending--;
    nowMs = next.dueMs;
    steps++;
    trace.step(nowMs);
    const event = next.event!;
    next.event = undefined;
    event();
    return true;
  }

  return {
    get nowMs() {
      return nowMs;
    },
    get steps() {
      return steps;
    },
    get pending() {
      return pending;
    },
    after(delayMs, event) {
      const entry: Entry = { dueMs: nowMs + Math.max(0, delayMs), order: order++, event };
      pending++;
      push(entry);
      return () => {
        if (entry.event !== undefined) pending--;
        entry.event = undefined;
      };
    },
    afterEachStep(look) {
      looks.push(look);
    },
    run: (untilMs, isDone = () => false) =>
      new Promise((resolve, reject) => {
        let isOver = false;
        const one = (): void => {
          if (isOver) return;
          try {
            for (const look of looks) look();
            if (!isDone() && step(untilMs)) return;
            if (!isDone()) nowMs = Math.max(nowMs, Math.min(untilMs, Number.MAX_SAFE_INTEGER));
            isOver = true;
            resolve();
          } catch (error) {
            isOver = true;
            reject(error as Error);
          }
        };
        const turn = (): void => {
          if (isOver) return;
          for (let count = 0; count < stepsPerTurn; count++) setImmediate(one);
          setImmediate(turn);
        };
        turn();
      }),
  };
}
