/*
 * A partition of __consumer_offsets read from its begin to its end: the latest record of a key counts, and what a
 * transaction committed counts from its COMMIT marker on (GroupMetadataManager.doLoadGroupsAndOffsets).
 */
import { batchEnd, isControl, isTransactional, nextOffset, producerId } from '../../record/batch.ts';
import { readMarker } from '../../record/control.ts';
import { readBatchRecords } from '../../record/read.ts';
import type { DecodedRecord } from '../../record/read.ts';
import { Group } from './group.ts';
import { decodeGroup } from './group-value.ts';
import { decodeOffsetValue } from './offset-value.ts';
import type { AppendedOffset } from './offsets.ts';
import { PartitionMap } from './partition-map.ts';
import { decodeRecordKey } from './record-keys.ts';

type GroupOffsets = Map<string, PartitionMap<AppendedOffset>>;

/** A record that cannot be understood; the others count. */
export interface UnreadableRecord {
  readonly offset: number;
  readonly error: unknown;
}

export interface Loader {
  /** Takes the batch that starts at `start` and is there whole. Its bytes may change afterwards. Returns the offset after it. */
  take(buffer: Buffer, start: number): number;
  /** @param wallMs milliseconds since the Unix epoch: from when on a group that only has offsets is there */
  finish(wallMs: number): { readonly groups: readonly Group[]; readonly unreadable: readonly UnreadableRecord[] };
}

/** How many unreadable records are told one by one. */
const unreadableMax = 10;

export function createLoader(): Loader {
  const groups = new Map<string, Group>();
  const committed: GroupOffsets = new Map();
  const open = new Map<number, GroupOffsets>();
  const unreadable: UnreadableRecord[] = [];

  function takeMarker(buffer: Buffer, start: number): void {
    const [record] = readBatchRecords(buffer, start);
    const marker = record === undefined ? undefined : readMarker(record);
    const producer = producerId(buffer, start);
    if (marker?.type === 'COMMIT') {
      for (const [group, offsets] of open.get(producer) ?? []) {
        for (const [topic, partition, appended] of offsets) setIfNewer(committed, group, topic, partition, appended);
      }
    }
    open.delete(producer);
  }

  function takeRecord(record: DecodedRecord, target: GroupOffsets, appendedAt: number): void {
    if (record.key === null) throw new Error('a record of __consumer_offsets has a key');
    const key = decodeRecordKey(record.key);
    if (key.kind === 'group') {
      if (record.value === null) groups.delete(key.group);
      else groups.set(key.group, decodeGroup(key.group, record.value));
    } else if (key.kind === 'offset') {
      if (record.value === null) target.get(key.group)?.delete(key.topic, key.partition);
      else offsetsOf(target, key.group).set(key.topic, key.partition, { value: decodeOffsetValue(record.value), appendedAt });
    } // a key of a later release is passed over
  }

  function targetOf(buffer: Buffer, start: number): GroupOffsets {
    if (!isTransactional(buffer, start)) return committed;
    const producer = producerId(buffer, start);
    let offsets = open.get(producer);
    if (offsets === undefined) {
      offsets = new Map();
      open.set(producer, offsets);
    }
    return offsets;
  }

  function guarded(offset: number, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (unreadable.length < unreadableMax) unreadable.push({ offset, error });
    }
  }

  return {
    take(buffer, start) {
      const next = nextOffset(buffer, start);
      const bytes = buffer.subarray(start, batchEnd(buffer, start, buffer.length));
      guarded(next - 1, () => {
        if (isControl(bytes, 0)) {
          takeMarker(bytes, 0);
          return;
        }
        const records = readBatchRecords(bytes, 0);
        const target = targetOf(bytes, 0);
        const appendedAt = records[0]?.offset ?? -1;
        for (const record of records) guarded(record.offset, () => takeRecord(record, target, appendedAt));
      });
      return next;
    },
    finish(wallMs) {
      const groupOf = (id: string): Group => {
        let group = groups.get(id);
        if (group === undefined) {
          group = new Group(id, wallMs);
          groups.set(id, group);
        }
        return group;
      };
      for (const [id, offsets] of committed) {
        for (const [topic, partition, { value, appendedAt }] of offsets) groupOf(id).offsets.load({ topic, partition, value }, appendedAt);
      }
      for (const [producer, ofGroups] of open) {
        for (const [id, offsets] of ofGroups) {
          for (const [topic, partition, { value, appendedAt }] of offsets) groupOf(id).offsets.loadTransactional(producer, { topic, partition, value }, appendedAt);
        }
      }
      return { groups: [...groups.values()], unreadable };
    },
  };
}

function offsetsOf(target: GroupOffsets, group: string): PartitionMap<AppendedOffset> {
  let offsets = target.get(group);
  if (offsets === undefined) {
    offsets = new PartitionMap();
    target.set(group, offsets);
  }
  return offsets;
}

function setIfNewer(target: GroupOffsets, group: string, topic: string, partition: number, appended: AppendedOffset): void {
  const before = target.get(group)?.get(topic, partition);
  if (before === undefined || before.appendedAt < appended.appendedAt) offsetsOf(target, group).set(topic, partition, appended);
}
