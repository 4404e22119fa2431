import type { KeyedRead, KeyedWrite } from '../../workloads/compaction/history.ts';
import type { CompactionChecker } from './compaction-checker.ts';

/**
 * The last write of each key is there, and is the last of its key: what was overwritten or deleted does not come back. Once a tombstone
 * may go, a replica that was away for longer than delete.retention.ms has what it deleted.
 */
export const latestIsKept: CompactionChecker = ({ topic, keepsTombstones, writes, kept }) => {
  const last = new Map<string, KeyedWrite>();
  for (const write of writes) {
    if (write.offset === undefined) continue;
    const before = last.get(placeOf(write));
    if (before === undefined || write.offset > before.offset!) last.set(placeOf(write), write);
  }
  const found = new Map<string, KeyedRead>();
  for (const record of kept) found.set(placeOf(record), record);
  return Array.from(last).flatMap(([place, write]) => {
    const record = found.get(place);
    if (record?.number === write.number) return [];
    if (write.isTombstone && !keepsTombstones) return [];
    return [`the last of ${write.key} in ${topic}-${write.partition} is ${record === undefined ? 'nothing' : `${nameOf(record)} at offset ${record.offset}`}, not ${nameOf(write)} at offset ${write.offset}`];
  });
};

const placeOf = ({ partition, key }: { readonly partition: number; readonly key: string }): string => `${partition} ${key}`;

export const nameOf = ({ number, isTombstone }: { readonly number: number; readonly isTombstone: boolean }): string => `${isTombstone ? 'tombstone' : 'write'} ${number}`;
