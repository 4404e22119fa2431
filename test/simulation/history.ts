import type { World } from './world/world.ts';
import type { ConsumerRecord } from '../../src/client/records.ts';

/** A record that a producer was asked to send, and what became of it. */
export interface SentRecord {
  /** Without padding; no two are the same. */
  readonly value: string;
  readonly partition: number;
  readonly sentMs: number;
  /** Where the cluster said that it lies (-1: it does not say, acks=0); undefined while there is no answer. */
  acknowledged: { readonly offset: number; readonly atMs: number } | undefined;
  /** Why it was given up; it may be in the log all the same. */
  failure: Error | undefined;
}

export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

/** What a topic's producer may rely on. */
export interface Promises {
  /** What was acknowledged is kept, and is where it was said to be; else it may be lost with its leader (acks of 0 or 1). */
  readonly isDurable: boolean;
  /** Old records go, by retention or by request: the log may begin anywhere. */
  readonly isTrimmed: boolean;
  /** Nobody waits for an answer (acks=0): what was sent on a connection that hangs may come behind what was sent on the next. */
  readonly isUnordered?: boolean;
  /** A record that is sent again is not kept again. */
  readonly isIdempotent?: boolean;
}

/** What the clients of one topic saw, for checkers to judge. Times are simulated milliseconds. */
export interface History {
  readonly topic: string;
  readonly promises: Promises;
  readonly partitions: number;
  /** In the order of the calls. */
  readonly sent: SentRecord[];
  /** How often each value came to a broker: each time a producer that is not idempotent may add a copy. */
  readonly arrivals: Map<string, number>;
  /** What the reader that ran all the time was given, in that order. */
  readonly read: ReadRecord[];
  /** The whole log, as a fresh reader finds it after the last restart. */
  readonly kept: ReadRecord[];
  /** Where each partition begins at the end. */
  readonly starts: number[];
}

export function newHistory(partitions: number, topic = 'orders', promises: Promises = { isDurable: true, isTrimmed: false }): History {
  return { topic, promises, partitions, sent: [], arrivals: new Map(), read: [], kept: [], starts: Array.from({ length: partitions }, () => 0) };
}

const produceKey = 0;

/** Counts the records of a history as they come to brokers; values begin with `prefix`. */
export function countArrivals(world: World, { arrivals }: History, prefix: string): void {
  const pattern = new RegExp(`${prefix}-\\d+`, 'g');
  world.network.onBytes(({ isRequest, bytes }) => {
    if (!isRequest || bytes.length < 8 || bytes.readInt16BE(4) !== produceKey) return;
    for (const [value] of bytes.toString('latin1').matchAll(pattern)) arrivals.set(value, (arrivals.get(value) ?? 0) + 1);
  });
}

/** Bytes of a record that checkers know by a short name: the name, and dots up to the size wanted. */
export function paddedValue(name: string, paddingBytes: number): string {
  return name + '.'.repeat(paddingBytes);
}

/** Copies what the fetched bytes hold, without the padding. */
export function readRecordOf({ partition, offset, value }: ConsumerRecord): ReadRecord {
  return { partition, offset, value: String(value).replace(/\.*$/, '') };
}
