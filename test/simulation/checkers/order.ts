import type { Checker } from './checker.ts';

/** First copies stand in the order of sending, with one request in flight; offsets have no gaps. */
export const orderIsKept: Checker = ({ sent, kept, partitions, starts, topic, promises }) => {
  const places = new Map(sent.map(({ value }, index) => [value, index]));
  const wrong: string[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const seen = new Set<string>();
    let newest = -1;
    let nextOffset = starts[partition]!;
    for (const { value, offset } of kept.filter((record) => record.partition === partition)) {
      if (offset !== nextOffset) wrong.push(`offset ${offset} of ${topic}-${partition} follows ${nextOffset - 1}`);
      nextOffset = offset + 1;
      if (seen.has(value)) continue;
      seen.add(value);
      const place = places.get(value);
      if (place === undefined) continue;
      // The first copy of a record whose log was trimmed may be gone: what is left of it is a later one.
      if (place < newest && starts[partition] === 0 && promises.isUnordered !== true) wrong.push(`${value} at offset ${offset} of ${topic}-${partition} stands behind a record sent later`);
      newest = Math.max(newest, place);
    }
  }
  return wrong;
};
