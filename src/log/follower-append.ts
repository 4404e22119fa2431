import * as batch from '../record/batch.ts';
import { LogError } from './errors.ts';

/** One append as its segment sees it. */
export interface AppendSummary {
  /** Whole batches. */
  readonly records: Buffer;
  /** For v0 and v1, a number that is surely not above the first record's: its true offset is inside the compressed set. */
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** -1 when no batch has a time. */
  readonly maxTimestamp: number;
  /** Last offset of the batch with the greatest timestamp. */
  readonly offsetOfMaxTimestamp: number;
}

/** Calls `visit` with the start of each whole batch. */
export function forEachBatch(records: Buffer, visit: (start: number) => void): void {
  let start = 0;
  for (let end = batch.batchEnd(records, 0, records.length); end !== undefined; end = batch.batchEnd(records, start, records.length)) {
    visit(start);
    start = end;
  }
}

/**
 * Checks batches that a leader stored. Undefined when there is no whole one.
 * @throws LogError CORRUPT_MESSAGE, OFFSET_OUT_OF_RANGE when offsets go back or below `endOffset`
 */
export function summarizeBatches(records: Buffer, endOffset: number): AppendSummary | undefined {
  let nextOffset = endOffset;
  let firstOffset = -1;
  let maxTimestamp = -1;
  let offsetOfMaxTimestamp = -1;
  let wholeBytes = 0;
  forEachBatch(records, (start) => {
    if (batch.storedCrc(records, start) !== batch.computedCrc(records, start)) {
      throw new LogError('CORRUPT_MESSAGE', `Record is corrupt (stored crc = ${batch.storedCrc(records, start)}) at byte ${start} of the append`);
    }
    const first = batch.baseOffset(records, start);
    const last = batch.lastOffset(records, start);
    if (!Number.isSafeInteger(last) || first < nextOffset || last < first) {
      throw new LogError('OFFSET_OUT_OF_RANGE', `Unexpected offset in the append: a batch has offsets [${first}, ${last}], the next offset is ${nextOffset}`);
    }
    if (wholeBytes === 0) firstOffset = batch.magic(records, start) === 2 ? first : Math.max(endOffset, last - 0x7fff_ffff);
    const timestamp = batch.maxTimestamp(records, start);
    if (timestamp > maxTimestamp || offsetOfMaxTimestamp < 0) {
      maxTimestamp = timestamp;
      offsetOfMaxTimestamp = last;
    }
    nextOffset = last + 1;
    wholeBytes = start + batch.batchSizeBytes(records, start);
  });
  if (batch.isBatchMalformed(records, wholeBytes, records.length)) {
    throw new LogError('CORRUPT_MESSAGE', `Record size or format is out of range at byte ${wholeBytes} of the append`);
  }
  if (wholeBytes === 0) return undefined;
  return { records: wholeBytes === records.length ? records : records.subarray(0, wholeBytes), firstOffset, lastOffset: nextOffset - 1, maxTimestamp, offsetOfMaxTimestamp };
}
