import type { Checker } from './checker.ts';

/** Each acknowledged record lies where the cluster said, unless it was deleted for its age: none is lost, whatever was killed since. */
export const acknowledgedRecordsAreKept: Checker = ({ sent, kept, starts, promises, topic }) => {
  if (!promises.isDurable) return [];
  const values = new Map(kept.map(({ partition, offset, value }) => [`${partition}@${offset}`, value]));
  return sent.flatMap(({ value, partition, acknowledged }) => {
    if (acknowledged === undefined || acknowledged.offset < starts[partition]!) return [];
    const found = values.get(`${partition}@${acknowledged.offset}`);
    return found === value ? [] : [`${value} was acknowledged at offset ${acknowledged.offset} of ${topic}-${partition}, where ${found ?? 'nothing'} lies`];
  });
};
