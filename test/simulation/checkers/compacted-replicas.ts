import { batchEnd, isControl, isTransactional, producerId } from '../../../src/record/batch.ts';
import { readMarker } from '../../../src/record/control.ts';
import { readBatchRecords } from '../../../src/record/read.ts';
import type { DecodedRecord } from '../../../src/record/read.ts';
import type { Partition } from '../../../src/replica/partition.ts';
import { isCompacted, logFilesOf } from './log-files.ts';
import type { BrokerMachine } from '../world/broker-machine.ts';

const dayMs = 86_400_000;
/** Where tombstones go sooner, a replica that was away for longer has what they deleted. */
const keepsTombstones = ({ log }: Partition): boolean => log.config['delete.retention.ms'] >= dayMs;

/** Each replica cleans by itself: they need not be equal, but the last record of each key is, unless it is a tombstone. */
export function unequalCompacted(machines: readonly BrokerMachine[]): string[] {
  const known = new Map<string, { readonly name: string; readonly latest: ReadonlyMap<string, number> }>();
  return machines.flatMap(({ name, inside, disk }) =>
    Array.from(inside?.replicas.partitions() ?? []).filter((partition) => isCompacted(partition) && keepsTombstones(partition)).flatMap(({ key, log }) => {
      const latest = latestOf(logFilesOf(disk, log.directory));
      const first = known.get(key);
      if (first === undefined) {
        known.set(key, { name, latest });
        return [];
      }
      const keys = new Set([...first.latest.keys(), ...latest.keys()]);
      return Array.from(keys).flatMap((one) => (first.latest.get(one) === latest.get(one) ? [] : [`of key ${one} in ${key} ${first.name} has ${first.latest.get(one)} as the last offset, ${name} ${latest.get(one)}`]));
    }),
  );
}

/** By key: the offset of its last record that is no tombstone and was not aborted. */
function latestOf(files: readonly Buffer[]): ReadonlyMap<string, number> {
  const last = new Map<string, DecodedRecord>();
  const open = new Map<number, DecodedRecord[]>();
  const settle = (records: readonly DecodedRecord[]): void => {
    for (const record of records) {
      const key = record.key?.toString('latin1') ?? '';
      if (record.offset >= (last.get(key)?.offset ?? -1)) last.set(key, record);
    }
  };
  for (const bytes of files) {
    for (let start = 0, end = batchEnd(bytes, 0, bytes.length); end !== undefined; start = end, end = batchEnd(bytes, start, bytes.length)) {
      const records = readBatchRecords(bytes, start);
      const producer = producerId(bytes, start);
      if (isControl(bytes, start)) {
        if (records[0] !== undefined && readMarker(records[0])?.type === 'COMMIT') settle(open.get(producer) ?? []);
        if (records[0] !== undefined) open.delete(producer);
      } else if (isTransactional(bytes, start)) {
        open.set(producer, [...(open.get(producer) ?? []), ...records]);
      } else {
        settle(records);
      }
    }
  }
  // A COMMIT marker may be cleaned away while its records stay.
  for (const records of open.values()) settle(records);
  return new Map(Array.from(last).flatMap(([key, { offset, value }]) => (value === null ? [] : [[Buffer.from(key, 'latin1').toString('hex'), offset] as const])));
}
