import type { ConsumerRecord } from '../../src/client/records.ts';

/** A record that a producer was asked to send, and what became of it. */
export interface SentRecord {
  /** Without padding; no two are the same. */
  readonly value: string;
  readonly partition: number;
  readonly sentMs: number;
  /** Where the cluster said that it lies; undefined while there is no answer. */
  acknowledged: { readonly offset: number; readonly atMs: number } | undefined;
  /** Why it was given up; it may be in the log all the same. */
  failure: Error | undefined;
}

export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

/** What the clients of one topic saw, for checkers to judge. Times are simulated milliseconds. */
export interface History {
  readonly partitions: number;
  /** In the order of the calls. */
  readonly sent: SentRecord[];
  /** When connections were lost, by a kill or by the network: a request without an answer is then sent again. */
  readonly cutsMs: number[];
  /** What the reader that ran all the time was given, in that order. */
  readonly read: ReadRecord[];
  /** The whole log, as a fresh reader finds it after the last restart. */
  readonly kept: ReadRecord[];
}

export function newHistory(partitions: number): History {
  return { partitions, sent: [], cutsMs: [], read: [], kept: [] };
}

/** Bytes of a record that checkers know by a short name: the name, and dots up to the size wanted. */
export function paddedValue(name: string, paddingBytes: number): string {
  return name + '.'.repeat(paddingBytes);
}

/** Copies what the fetched bytes hold, without the padding. */
export function readRecordOf({ partition, offset, value }: ConsumerRecord): ReadRecord {
  return { partition, offset, value: String(value).replace(/\.*$/, '') };
}
