import type { Checker } from './checker.ts';

/** With acks=all the producer is idempotent: however often it sends a record again, one is kept. */
export const idempotentRecordsAreKeptOnce: Checker = ({ kept, promises, topic }) => {
  if (!promises.isIdempotent) return [];
  const offsets = new Map<string, number>();
  return kept.flatMap(({ partition, offset, value }) => {
    const before = offsets.get(value);
    offsets.set(value, offset);
    return before === undefined ? [] : [`${value} is kept at offsets ${before} and ${offset} of ${topic}-${partition}`];
  });
};
