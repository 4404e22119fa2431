import type { Checker } from './checker.ts';

/**
 * A record is kept once, and more often only where something was disturbed between its sending and its answer: only then does a
 * producer that is not idempotent send it again. What nobody sent is not kept at all.
 */
export const copiesComeFromRetries: Checker = ({ sent, kept, disturbedMs, topic }) => {
  const copies = new Map<string, number>();
  for (const { value } of kept) copies.set(value, (copies.get(value) ?? 0) + 1);
  const wrong: string[] = [];
  for (const { value, sentMs, acknowledged } of sent) {
    const answeredMs = acknowledged?.atMs ?? Infinity;
    const count = copies.get(value) ?? 0;
    copies.delete(value);
    if (count > 1 && !disturbedMs.some((atMs) => atMs >= sentMs && atMs <= answeredMs)) wrong.push(`${value} of ${topic} is kept ${count} times, and nothing explains a retry`);
  }
  return [...wrong, ...Array.from(copies.keys(), (value) => `${value} is kept in ${topic}, but was never sent`)];
};
