import type { KeyedRead } from '../../workloads/compaction/history.ts';
import type { CompactionChecker } from './compaction-checker.ts';
import { nameOf } from './latest-is-kept.ts';

/** What is read is what was written there, once, in the order of the writes; cleaning changes no offset. */
export const placesStay: CompactionChecker = ({ topic, writes, runs, kept }) => {
  const partitions = Array.from(new Set(kept.map(({ partition }) => partition)), (partition) => kept.filter((record) => record.partition === partition));
  return [...runs.map(({ records }) => records), ...partitions].flatMap((records) =>
    records.flatMap((record, index) => {
      const before = records[index - 1];
      const write = writes[record.number];
      const where = `offset ${record.offset} of ${topic}-${record.partition}`;
      if (write === undefined || !isSame(write, record)) return [`${nameOf(record)} of ${record.key} at ${where} was never written so`];
      if (write.offset !== undefined && write.offset !== record.offset) return [`${nameOf(record)} is read at ${where}, and was acknowledged at ${write.offset}`];
      if (before !== undefined && before.offset >= record.offset) return [`${where} is read after ${before.offset}`];
      return before !== undefined && before.number >= record.number ? [`${nameOf(record)} at ${where} stands behind ${before.number}`] : [];
    }),
  );
};

const isSame = (write: Pick<KeyedRead, 'partition' | 'key' | 'isTombstone'>, read: KeyedRead): boolean =>
  write.partition === read.partition && write.key === read.key && write.isTombstone === read.isTombstone;
