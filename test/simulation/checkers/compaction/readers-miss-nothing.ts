import type { CompactionChecker } from './compaction-checker.ts';
import { nameOf } from './latest-is-kept.ts';

/**
 * The last record of each key was given to each reader that came by, though segments were replaced under its feet. An earlier one may be
 * gone in one replica and not in the next; so may, where tombstones go, what was deleted.
 */
export const readersMissNothing: CompactionChecker = ({ topic, keepsTombstones, runs, kept }) => {
  if (!keepsTombstones) return [];
  const last = new Map(kept.map((record) => [`${record.partition} ${record.key}`, record]));
  return runs.flatMap(({ partition, from, records }) => {
    const to = records.at(-1)?.offset ?? -1;
    const seen = new Set(records.map(({ offset }) => offset));
    return Array.from(last.values()).flatMap((record) => {
      const isPassed = record.partition === partition && record.offset >= from && record.offset <= to;
      return isPassed && !seen.has(record.offset) ? [`a reader from ${from} to ${to} of ${topic}-${partition} was not given ${nameOf(record)} at offset ${record.offset}`] : [];
    });
  });
};
