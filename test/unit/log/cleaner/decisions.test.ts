import crypto from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { dirtyPart, isWorthCleaning } from '../../../../src/log/cleaner/cleanable.ts';
import type { CompactedLogState } from '../../../../src/log/cleaner/cleanable.ts';
import { endOfGroup } from '../../../../src/log/cleaner/grouping.ts';
import { hash, md5 } from '../../../../src/log/cleaner/md5.ts';
import { OffsetMap } from '../../../../src/log/cleaner/offset-map.ts';

const nowMs = 1_000_000;
const segment = (baseOffset: number, sizeBytes = 100, timestamp = 0) => ({ baseOffset, sizeBytes, largestTimestamp: timestamp + 10, timestampOfFirstBatch: timestamp });

function log(state: Partial<CompactedLogState> = {}): CompactedLogState {
  const segments = state.segments ?? [segment(0), segment(10), segment(20), segment(30)];
  return { logStartOffset: 0, logEndOffset: 35, lastStableOffset: 35, checkpoint: undefined, minCompactionLagMs: 0, maxCompactionLagMs: Number.MAX_SAFE_INTEGER, ...state, segments };
}

describe('dirty part of a log', () => {
  it('is all but the active segment when it was never cleaned', () => {
    expect(dirtyPart(log(), nowMs)).to.deep.equal({
      firstDirtyOffset: 0, firstUncleanableOffset: 30, isCheckpointInvalid: false, cleanableBytes: 300, totalBytes: 300, dirtyRatio: 1, overdueMs: 0,
    });
  });

  it('begins at the checkpoint, and the rest counts as clean', () => {
    expect(dirtyPart(log({ checkpoint: 20 }), nowMs)).to.include({ firstDirtyOffset: 20, cleanableBytes: 100, totalBytes: 300, dirtyRatio: 1 / 3 });
    expect(dirtyPart(log({ checkpoint: 30 }), nowMs)).to.include({ cleanableBytes: 0, dirtyRatio: 0 });
  });

  it('begins again at the start when the checkpoint is not in the log any more', () => {
    expect(dirtyPart(log({ checkpoint: 5, logStartOffset: 10 }), nowMs)).to.include({ firstDirtyOffset: 10, isCheckpointInvalid: true });
    expect(dirtyPart(log({ checkpoint: 36, logStartOffset: 3 }), nowMs)).to.include({ firstDirtyOffset: 3, isCheckpointInvalid: true });
    expect(dirtyPart(log({ checkpoint: 35 }), nowMs)).to.include({ firstDirtyOffset: 35, isCheckpointInvalid: false });
  });

  it('ends before the segment that holds the last stable offset', () => {
    expect(dirtyPart(log({ lastStableOffset: 25 }), nowMs)).to.include({ firstUncleanableOffset: 20, cleanableBytes: 200 });
    expect(dirtyPart(log({ lastStableOffset: 5, checkpoint: 20 }), nowMs)).to.include({ firstDirtyOffset: 20, firstUncleanableOffset: 20, cleanableBytes: 0 });
  });

  it('leaves out what is younger than min.compaction.lag.ms', () => {
    const segments = [segment(0, 100, nowMs - 500), segment(10, 100, nowMs - 90), segment(20, 100, nowMs - 400), segment(30)];
    expect(dirtyPart(log({ segments, minCompactionLagMs: 100 }), nowMs).firstUncleanableOffset).to.equal(10);
    expect(dirtyPart(log({ segments, minCompactionLagMs: 70 }), nowMs).firstUncleanableOffset).to.equal(30);
  });

  it('is overdue when its first record is older than max.compaction.lag.ms', () => {
    const segments = [segment(0, 100, nowMs - 500), segment(10, 1, nowMs - 300), segment(20)];
    expect(dirtyPart(log({ segments, maxCompactionLagMs: 200 }), nowMs).overdueMs).to.equal(300);
    expect(dirtyPart(log({ segments, maxCompactionLagMs: 200, checkpoint: 10 }), nowMs).overdueMs).to.equal(100);
    expect(dirtyPart(log({ segments, maxCompactionLagMs: 600 }), nowMs).overdueMs).to.equal(0);
  });

  it('is cleaned above min.cleanable.dirty.ratio, or when it is overdue', () => {
    const part = dirtyPart(log({ checkpoint: 20 }), nowMs);
    expect([isWorthCleaning(part, 0.3), isWorthCleaning(part, 1 / 3)]).to.deep.equal([true, false]);
    expect(isWorthCleaning({ ...part, overdueMs: 1 }, 0.9)).to.equal(true);
    expect(isWorthCleaning({ ...part, overdueMs: 1, cleanableBytes: 0 }, 0.9)).to.equal(false);
    expect(isWorthCleaning(dirtyPart(log({ segments: [segment(0, 0), segment(30)] }), nowMs), 0)).to.equal(false);
  });
});

describe('groups of segments', () => {
  const sized = (baseOffset: number, sizeBytes: number, indexBytes = 8) => ({ baseOffset, sizeBytes, offsetIndexBytes: indexBytes, timeIndexBytes: indexBytes });
  const limits = { segmentBytesMax: 100, indexBytesMax: 100, firstUncleanableOffset: 50 };
  const ends = (segments: ReturnType<typeof sized>[], more = {}): number[] => {
    const found: number[] = [];
    for (let from = 0; from < segments.length; from = found.at(-1)!) found.push(endOfGroup(segments, from, { ...limits, ...more }));
    return found;
  };

  it('hold as much as fits in one segment', () => {
    expect(ends([sized(0, 40), sized(10, 60), sized(20, 1), sized(30, 200), sized(40, 10)])).to.deep.equal([2, 3, 4, 5]);
  });

  it('keep within segment.index.bytes', () => {
    expect(ends([sized(0, 1, 60), sized(10, 1, 40), sized(20, 1, 1)])).to.deep.equal([2, 3]);
  });

  it('span at most 2^31 - 1 offsets, empty segments apart', () => {
    const far = 2 ** 31;
    expect(ends([sized(0, 1), sized(10, 1), sized(far, 1)], { firstUncleanableOffset: far + 5 })).to.deep.equal([2, 3]);
    expect(ends([sized(0, 1), sized(10, 1), sized(far + 1, 1)], { firstUncleanableOffset: far + 5 })).to.deep.equal([1, 3]);
    expect(ends([sized(0, 1), sized(far, 0)], { firstUncleanableOffset: far + 5 })).to.deep.equal([2]);
  });
});

describe('offset map', () => {
  it('hashes as MD5 does', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(5), (bytes, start) => {
      const from = Math.min(start, bytes.length);
      md5(bytes, from, bytes.length);
      expect(Buffer.from(hash.buffer).toString('hex')).to.equal(crypto.createHash('md5').update(bytes.subarray(from)).digest('hex'));
    }));
  });

  it('remembers the last offset of each key, and grows no further than its memory', () => {
    const bytesMax = 24 * 10_000;
    const map = new OffsetMap(bytesMax, 0.9);
    const key = Buffer.alloc(4);
    let offset = 0;
    for (; !map.isFull; offset++) {
      key.writeUInt32BE(offset % 20_000);
      map.put(key, 0, 4, offset);
    }
    expect([map.size, map.entriesMax, map.latestOffset]).to.deep.equal([9000, 9000, 8999]);
    expect(map.heldBytes).to.be.at.most(bytesMax * 1.2);
    for (let number = 0; number < 9000; number++) {
      key.writeUInt32BE(number);
      expect(map.get(key, 0, 4)).to.equal(number);
    }
    key.writeUInt32BE(9000);
    expect(map.get(key, 0, 4)).to.equal(-1);
    key.writeUInt32BE(7);
    map.put(key, 0, 4, 12_345);
    expect([map.get(key, 0, 4), map.size]).to.deep.equal([12_345, 9000]);
  });

  it('takes little memory for few keys', () => {
    const map = new OffsetMap(128 * 1024 * 1024, 0.9);
    for (let number = 0; number < 1000; number++) map.put(Buffer.from(`key-${number}`), 0, Buffer.byteLength(`key-${number}`), number);
    expect(map.heldBytes).to.be.lessThan(100_000);
  });
});
