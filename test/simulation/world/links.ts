import type { SeededRandom } from './random.ts';
import type { Timeline } from './timeline.ts';

/**
 * Wires between machines. A blocked wire loses nothing: what arrives is held, as TCP sends it again, until the wire is
 * whole or the connection was given up. Each direction is blocked by itself.
 */
export interface Links {
  /** One direction of one connection: what is carried keeps its order. */
  open(from: string, to: string): Channel;
  isBlocked(from: string, to: string): boolean;
  /** The returned function takes this block back; blocks of one wire add up. */
  block(from: string, to: string): () => void;
  /** Called when any wire is blocked or whole again. */
  onChange(listener: () => void): void;
  /** Delays are so many times as long from now on; 1 is the usual. */
  slowDown(factor: number): void;
  delayMs(): number;
  /** Pieces of bytes that were sent and have not arrived, on wires that are whole or blocked. */
  readonly onTheWay: number;
}

export interface Channel {
  carry(event: () => void): void;
  /** What is on the way does not arrive. */
  close(): void;
}

export function createLinks(timeline: Timeline, random: SeededRandom): Links {
  const blocks = new Map<string, number>();
  const held = new Map<string, (() => void)[]>();
  const listeners: (() => void)[] = [];
  let slowness = 1;
  let onTheWay = 0;

  /** 50 microseconds to 2 ms, now and then up to 50 ms. */
  const delayMs = (): number => (slowness * (random.oneIn(50) ? random.integer(50_000) : 50 + random.integer(2000))) / 1000;
  const wire = (from: string, to: string): string => `${from}>${to}`;

  function open(from: string, to: string): Channel {
    const key = wire(from, to);
    const queue: (() => void)[] = [];
    let lastDueMs = 0;
    let isClosed = false;
    /** Whatever is first in the queue arrives, so the order is kept also by what was held. */
    const arrive = (): void => {
      if (isClosed) return;
      if (blocks.has(key)) {
        let waiting = held.get(key);
        if (waiting === undefined) held.set(key, (waiting = []));
        waiting.push(arrive);
        return;
      }
      const event = queue.shift();
      if (event === undefined) return;
      onTheWay--;
      event();
    };
    return {
      carry(event) {
        if (!isClosed) {
          queue.push(event);
          onTheWay++;
        }
        lastDueMs = Math.max(timeline.nowMs + delayMs(), lastDueMs);
        timeline.after(lastDueMs - timeline.nowMs, arrive);
      },
      close() {
        isClosed = true;
        onTheWay -= queue.length;
        queue.length = 0;
      },
    };
  }

  function unblock(key: string): void {
    const left = (blocks.get(key) ?? 0) - 1;
    if (left > 0) {
      blocks.set(key, left);
      return;
    }
    blocks.delete(key);
    const waiting = held.get(key) ?? [];
    held.delete(key);
    for (const arrive of waiting) timeline.after(delayMs(), arrive);
    for (const listener of listeners) listener();
  }

  return {
    open,
    isBlocked: (from, to) => blocks.has(wire(from, to)),
    block(from, to) {
      const key = wire(from, to);
      blocks.set(key, (blocks.get(key) ?? 0) + 1);
      for (const listener of listeners) listener();
      let isOver = false;
      return () => {
        if (!isOver) unblock(key);
        isOver = true;
      };
    },
    onChange(listener) {
      listeners.push(listener);
    },
    slowDown(factor) {
      slowness = factor;
    },
    delayMs,
    get onTheWay() {
      return onTheWay;
    },
  };
}
