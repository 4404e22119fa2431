import type { NewHeader } from '../record/build.ts';

/** Bytes as they are; a string is written as UTF-8. Null is no key (or a tombstone), which is not the empty key. */
export type Content = Uint8Array | string | null;

export interface ProducerRecord {
  readonly topic: string;
  /** Chosen by the partitioner when left out. */
  readonly partition?: number | undefined;
  readonly key?: Content;
  readonly value?: Content;
  readonly headers?: readonly { readonly key: string; readonly value: Content }[];
  /** Milliseconds since 1970; now when left out. */
  readonly timestamp?: number | undefined;
}

/** Where a record came to lie. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** -1 with acks=0, which waits for no answer. */
  readonly offset: number;
  /** The producer's, or the broker's where message.timestamp.type is LogAppendTime. Milliseconds. */
  readonly timestamp: number;
}

export interface ConsumerRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds; -1 where the record has none. */
  readonly timestamp: number;
  readonly timestampType: 'CreateTime' | 'LogAppendTime' | 'NoTimestampType';
  /** A view of the fetched bytes, as the value is: copy what is kept for long. */
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[];
  /** Undefined for records of the formats before 0.11. */
  readonly leaderEpoch: number | undefined;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export function bytesOf(content: Content | undefined): Uint8Array | null {
  if (content === undefined || content === null) return null;
  return typeof content === 'string' ? Buffer.from(content) : content;
}

const noHeaders: readonly NewHeader[] = [];

export function headersOf(headers: ProducerRecord['headers']): readonly NewHeader[] {
  if (headers === undefined || headers.length === 0) return noHeaders;
  return headers.map(({ key, value }) => ({ key, value: bytesOf(value) }));
}
