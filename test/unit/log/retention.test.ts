import { expect } from 'chai';
import { countDeletable } from '../../../src/log/retention.ts';
import type { RetentionState } from '../../../src/log/retention.ts';

/** Four segments of 100 bytes, [0, 10), [10, 20), [20, 30) and the active [30, 40), whose records are 1000 ms apart. */
function state(values: Partial<RetentionState>): RetentionState {
  const segments = [0, 10, 20, 30].map((baseOffset, index) => ({ baseOffset, sizeBytes: 100, largestTimestamp: 1000 * (index + 1) }));
  return { segments, logStartOffset: 0, logEndOffset: 40, highWatermark: 40, nowMs: 4000, isDeletePolicy: true, retentionBytes: -1, retentionMs: -1, ...values };
}

describe('retention of a log', () => {
  for (const [name, values, count] of [
    ['nothing without limits', {}, 0],
    ['segments wholly below the log start', { logStartOffset: 20 }, 2],
    ['those also of a compacted log', { logStartOffset: 20, isDeletePolicy: false, retentionMs: 0 }, 2],
    ['not the segment that holds the log start', { logStartOffset: 19 }, 1],
    ['by size, as long as retention.bytes stay', { retentionBytes: 250 }, 1],
    ['by size, exactly', { retentionBytes: 200 }, 2],
    ['all by size', { retentionBytes: 0 }, 4],
    ['by time, older than retention.ms', { retentionMs: 2000 }, 1],
    ['by time, all', { retentionMs: 0, nowMs: 5000 }, 4],
    ['not what is above the high watermark', { retentionMs: 0, nowMs: 9000, highWatermark: 25 }, 2],
    ['by the start, then by size', { logStartOffset: 10, retentionBytes: 250 }, 1],
    ['not segments from the future', { retentionMs: 0, nowMs: 500 }, 0],
    ['not an empty active segment', { segments: [{ baseOffset: 40, sizeBytes: 0, largestTimestamp: 0 }], retentionMs: 0, nowMs: 9000 }, 0],
  ] as const satisfies readonly [string, Partial<RetentionState>, number][]) {
    it(`deletes ${name}`, () => expect(countDeletable(state(values))).to.equal(count));
  }
});
