import type { ConsumerRecord } from '../../../../src/client/records.ts';

/** A write to a compacted topic, known by its number, which a header of the record tells. */
export interface KeyedWrite {
  readonly number: number;
  readonly partition: number;
  readonly key: string;
  readonly isTombstone: boolean;
  /** Undefined while it is not acknowledged. */
  offset: number | undefined;
}

export interface KeyedRead {
  readonly number: number;
  readonly partition: number;
  readonly key: string;
  readonly isTombstone: boolean;
  readonly offset: number;
}

/** What one reader was given of a partition from one place on, without a seek in between. */
export interface ReadRun {
  readonly partition: number;
  readonly from: number;
  readonly records: KeyedRead[];
}

export interface CompactionHistory {
  readonly topic: string;
  /** delete.retention.ms is longer than the run: tombstones stay. */
  readonly keepsTombstones: boolean;
  /** In the order of the calls. */
  readonly writes: KeyedWrite[];
  readonly runs: ReadRun[];
  /** The whole log, as a fresh reader finds it at the end. */
  readonly kept: KeyedRead[];
}

export const numberHeader = 'number';

export function keyedReadOf({ partition, offset, key, value, headers }: ConsumerRecord): KeyedRead {
  const number = headers.find((header) => header.key === numberHeader)?.value;
  return { number: Number(String(number)), partition, offset, key: String(key), isTombstone: value === null };
}
