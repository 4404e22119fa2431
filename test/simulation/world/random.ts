import type { Random } from '../../../src/runtime/random.ts';

/** Chance from a seed (mulberry32): the same seed gives the same run, on every machine. */
export interface SeededRandom extends Random {
  /** True once in `times` on average. */
  oneIn(times: number): boolean;
  /** A stream of its own, so that a new draw in one place does not shift those of another. */
  fork(): SeededRandom;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    integer: (bound) => Math.floor((next() / 0x1_0000_0000) * bound),
    bytes: (length) => Buffer.from(Array.from({ length }, () => next() & 0xff)),
    oneIn: (times) => next() % times === 0,
    fork: () => seededRandom(next()),
  };
}
