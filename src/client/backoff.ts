import type { Random } from '../runtime/random.ts';

const jitter = 0.2;

/**
 * How long to wait before attempt `failures` + 1: doubles from `initialMs` to `maxMs`, plus or minus 20 percent,
 * so that many clients do not come back at the same moment (KIP-580).
 * @param failures attempts that failed so far, from 1 on
 */
export function backoffMs(random: Random, initialMs: number, maxMs: number, failures: number): number {
  const exponent = Math.min(failures - 1, 30);
  const exact = Math.min(initialMs * 2 ** exponent, maxMs);
  const share = random.integer(10_001) / 10_000;
  return Math.round(Math.min(exact * (1 - jitter + 2 * jitter * share), Math.max(maxMs, initialMs)));
}
