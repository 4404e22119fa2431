import type { Checker } from './checker.ts';

/** A record is kept at most as often as it came to a broker: a producer that is not idempotent sends again. What nobody sent is not kept at all. */
export const copiesComeFromRetries: Checker = ({ sent, kept, arrivals, topic }) => {
  const values = new Set(sent.map(({ value }) => value));
  const copies = new Map<string, number>();
  for (const { value } of kept) copies.set(value, (copies.get(value) ?? 0) + 1);
  return Array.from(copies).flatMap(([value, count]) => {
    if (!values.has(value)) return [`${value} is kept in ${topic}, but was never sent`];
    const came = arrivals.get(value) ?? 0;
    return count > came ? [`${value} of ${topic} is kept ${count} times, and came ${came} times`] : [];
  });
};
