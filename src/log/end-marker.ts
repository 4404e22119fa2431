import { batchHeaderBytes, batchSizeBytes } from '../record/batch.ts';
import { VarintReader } from '../record/integers.ts';
import type { EndMarker } from './producer-state.ts';

const abortType = 0;
const commitType = 1;

/**
 * The end of a transaction from a control batch, which is never compressed: one record with key `i16 version, i16 type`
 * and value `i16 version, i32 coordinatorEpoch`. Undefined for control records of other types.
 */
export function readEndMarker(buffer: Buffer, start: number): EndMarker | undefined {
  const end = start + batchSizeBytes(buffer, start);
  const reader = new VarintReader();
  reader.reset(buffer, start + batchHeaderBytes, end);
  reader.varint(); // length
  reader.skip(1); // attributes
  reader.varlong(); // timestamp delta
  reader.varint(); // offset delta
  const key = reader.skip(reader.varint());
  const value = reader.skip(reader.varint());
  const type = buffer.readInt16BE(key + 2);
  if (type !== abortType && type !== commitType) return undefined;
  return { isAbort: type === abortType, coordinatorEpoch: buffer.readInt32BE(value + 2) };
}
