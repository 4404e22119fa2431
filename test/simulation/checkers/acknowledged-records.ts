import type { Checker } from './checker.ts';

/** Each acknowledged record lies where the cluster said: none is lost, whatever was killed since. */
export const acknowledgedRecordsAreKept: Checker = ({ sent, kept }) => {
  const values = new Map(kept.map(({ partition, offset, value }) => [`${partition}@${offset}`, value]));
  return sent.flatMap(({ value, partition, acknowledged }) => {
    if (acknowledged === undefined) return [];
    const found = values.get(`${partition}@${acknowledged.offset}`);
    return found === value ? [] : [`${value} was acknowledged at offset ${acknowledged.offset} of partition ${partition}, where ${found ?? 'nothing'} lies`];
  });
};
