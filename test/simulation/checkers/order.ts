import type { Checker } from './checker.ts';

/** First copies stand in the order of sending, with one request in flight; offsets have no gaps. */
export const orderIsKept: Checker = ({ sent, kept, partitions }) => {
  const places = new Map(sent.map(({ value }, index) => [value, index]));
  const wrong: string[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const seen = new Set<string>();
    let newest = -1;
    let nextOffset = 0;
    for (const { value, offset } of kept.filter((record) => record.partition === partition)) {
      if (offset !== nextOffset) wrong.push(`offset ${offset} of partition ${partition} follows ${nextOffset - 1}`);
      nextOffset = offset + 1;
      if (seen.has(value)) continue;
      seen.add(value);
      const place = places.get(value);
      if (place === undefined) continue;
      if (place < newest) wrong.push(`${value} at offset ${offset} of partition ${partition} stands behind a record sent later`);
      newest = Math.max(newest, place);
    }
  }
  return wrong;
};
