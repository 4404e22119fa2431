import type { Checker } from './checker.ts';

/**
 * A record is kept once, and once more for each loss of connections between its sending and its answer: only then does a producer that
 * is not idempotent send it again. What nobody sent is not kept at all.
 */
export const copiesComeFromRetries: Checker = ({ sent, kept, cutsMs }) => {
  const copies = new Map<string, number>();
  for (const { value } of kept) copies.set(value, (copies.get(value) ?? 0) + 1);
  const wrong: string[] = [];
  for (const { value, sentMs, acknowledged } of sent) {
    const answeredMs = acknowledged?.atMs ?? Infinity;
    const allowed = 1 + cutsMs.filter((cutMs) => cutMs >= sentMs && cutMs <= answeredMs).length;
    const count = copies.get(value) ?? 0;
    copies.delete(value);
    if (count > allowed) wrong.push(`${value} is kept ${count} times, where retries explain ${allowed}`);
  }
  return [...wrong, ...Array.from(copies.keys(), (value) => `${value} is kept, but was never sent`)];
};
