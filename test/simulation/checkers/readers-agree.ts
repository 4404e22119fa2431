import type { Checker } from './checker.ts';

/** A reader gets each offset once, in order, and what it got is still there at the end, unless it was deleted for its age. */
export const readersAgree: Checker = ({ read, kept, starts, promises, topic }) => {
  if (!promises.isDurable) return [];
  const values = new Map(kept.map(({ partition, offset, value }) => [`${partition}@${offset}`, value]));
  const next = new Map<number, number>();
  return read.flatMap(({ partition, offset, value }) => {
    const due = next.get(partition) ?? 0;
    next.set(partition, offset + 1);
    const isDue = offset === due || (promises.isTrimmed && offset > due);
    const wrong = isDue ? [] : [`the reader of ${topic}-${partition} was given offset ${offset} where ${due} was due`];
    const found = values.get(`${partition}@${offset}`);
    if (offset < starts[partition]! || found === value) return wrong;
    return [...wrong, `the reader was given ${value} at offset ${offset} of ${topic}-${partition}, where ${found ?? 'nothing'} lies now`];
  });
};
