import type { Checker } from './checker.ts';

/** A reader gets each offset once, in order, and what it got is still there at the end. */
export const readersAgree: Checker = ({ read, kept }) => {
  const values = new Map(kept.map(({ partition, offset, value }) => [`${partition}@${offset}`, value]));
  const next = new Map<number, number>();
  return read.flatMap(({ partition, offset, value }) => {
    const due = next.get(partition) ?? 0;
    next.set(partition, offset + 1);
    const wrong = offset === due ? [] : [`the reader of partition ${partition} was given offset ${offset} where ${due} was due`];
    const found = values.get(`${partition}@${offset}`);
    return found === value ? wrong : [...wrong, `the reader was given ${value} at offset ${offset} of partition ${partition}, where ${found ?? 'nothing'} lies now`];
  });
};
