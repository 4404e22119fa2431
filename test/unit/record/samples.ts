import type { NewRecord } from '../../../src/record/build.ts';
import type { DecodedRecord } from '../../../src/record/read.ts';
import type { ValidateOptions } from '../../../src/record/validate.ts';

export const nowMs = 1_700_000_000_000;

export function records(count: number, firstTimestamp = nowMs): NewRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    key: Buffer.from(`key-${index}`),
    value: Buffer.from(`value ${index} ${'lorem ipsum '.repeat(index % 7)}`),
    timestamp: firstTimestamp + index,
    headers: index % 3 === 0 ? [{ key: 'häder', value: Buffer.from([index]) }, { key: '', value: null }] : [],
  }));
}

export interface PlainRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly { readonly key: string; readonly value: string | null }[];
}

/** Records as values that compare: bytes in hex. */
export function plain(list: readonly DecodedRecord[]): PlainRecord[] {
  const hex = (bytes: Buffer | null): string | null => (bytes === null ? null : bytes.toString('hex'));
  return list.map(({ offset, timestamp, key, value, headers }) => ({
    offset, timestamp, key: hex(key), value: hex(value), headers: headers.map((header) => ({ key: header.key, value: hex(header.value) })),
  }));
}

export function options(given: Buffer, changes: Partial<ValidateOptions> = {}): ValidateOptions {
  return {
    records: given, firstOffset: 0, nowMs, leaderEpoch: 0, compressionOfTopic: 'producer', cleanupPolicyCompact: false, timestampType: 'CreateTime',
    beforeMaxMs: Number.MAX_VALUE, afterMaxMs: Number.MAX_VALUE, fromClient: true, topicPartition: 't-0', ...changes,
  };
}
