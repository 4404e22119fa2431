import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { OffsetIndex } from '../../../src/log/offset-index.ts';
import { TimeIndex } from '../../../src/log/time-index.ts';
import { TransactionIndex } from '../../../src/log/transaction-index.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { removeTemporaryFolders, temporaryFolder } from './support.ts';

describe('offset index', () => {
  let file: string;
  beforeEach(() => (file = path.join(temporaryFolder(), '00000000000000000100.index')));
  afterEach(removeTemporaryFolders);

  it('finds the last entry at or below an offset, whatever was appended and cut', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), gap: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ kind: fc.constant('cut' as const), at: fc.integer({ min: 0, max: 1500 }) }),
      fc.record({ kind: fc.constant('save' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        nodeDisk.removeSync(file);
        let index = new OffsetIndex(nodeDisk, file, 100, 1024);
        let model: [number, number][] = [];
        for (const one of steps) {
          if (one.kind === 'append') {
            const [offset, position] = model.at(-1) ?? [100, 0];
            index.append(offset + one.gap, position + one.gap * 10);
            model.push([offset + one.gap, position + one.gap * 10]);
          } else if (one.kind === 'cut') {
            index.truncateTo(100 + one.at);
            model = model.filter(([offset]) => offset < 100 + one.at);
          } else {
            index.entries.save();
            index = new OffsetIndex(nodeDisk, file, 100, 1024);
          }
          expect(index.entries.count).to.equal(model.length);
        }
        for (const target of [0, 99, 100, 101, 150, 300, 10_000]) expect(index.lookup(target)).to.equal(model.findLast(([offset]) => offset <= target)?.[1] ?? 0);
        expect(index.lastOffset).to.equal(model.at(-1)?.[0] ?? 100);
      }),
      { numRuns: 60 },
    );
  });

  it('is full at segment.index.bytes, rounded down to whole entries', () => {
    const index = new OffsetIndex(nodeDisk, file, 100, 30);
    index.append(101, 10);
    index.append(102, 20);
    expect(index.isFull).to.equal(false);
    index.append(103, 30);
    expect(index.isFull).to.equal(true);
  });

  it('passes over the zeros of a file made large in advance', () => {
    const bytes = Buffer.alloc(80);
    bytes.writeInt32BE(5, 0);
    bytes.writeInt32BE(100, 4);
    nodeDisk.replaceFileSync(file, bytes);
    const index = new OffsetIndex(nodeDisk, file, 100, 1024);
    expect([index.entries.count, index.lastOffset, index.lastPosition]).to.deep.equal([1, 105, 100]);
  });

  it('takes no memory after it was saved and unloaded', () => {
    const index = new OffsetIndex(nodeDisk, file, 100, 1024);
    index.append(101, 10);
    index.entries.unload();
    expect(index.entries.heldBytes).to.be.greaterThan(0);
    index.entries.save();
    index.entries.unload();
    expect(index.entries.heldBytes).to.equal(0);
    expect(index.lookup(101)).to.equal(10);
  });
});

describe('time index', () => {
  let file: string;
  beforeEach(() => (file = path.join(temporaryFolder(), '00000000000000000007.timeindex')));
  afterEach(removeTemporaryFolders);

  it('keeps only growing timestamps, beyond 32 bits too', () => {
    const index = new TimeIndex(nodeDisk, file, 7, 1024);
    index.maybeAppend(1_700_000_000_000, 9);
    index.maybeAppend(1_700_000_000_000, 11);
    index.maybeAppend(1_600_000_000_000, 12);
    index.maybeAppend(Number.MAX_SAFE_INTEGER, 13);
    expect([index.entries.count, index.lastTimestamp, index.lastOffset]).to.deep.equal([2, Number.MAX_SAFE_INTEGER, 13]);
    expect([1_699_999_999_999, 1_700_000_000_000, 1_800_000_000_000, Number.MAX_SAFE_INTEGER].map((time) => index.lookup(time))).to.deep.equal([7, 9, 9, 13]);
  });

  it('keeps the last slot for the entry that closes the segment', () => {
    const index = new TimeIndex(nodeDisk, file, 7, 24);
    expect(index.isFull).to.equal(false);
    index.maybeAppend(1, 8);
    expect(index.isFull).to.equal(true);
  });

  it('drops entries at or above the offset of a cut', () => {
    const index = new TimeIndex(nodeDisk, file, 7, 1024);
    for (const [time, offset] of [[10, 8], [20, 9], [30, 9], [40, 12]] as const) index.maybeAppend(time, offset);
    index.truncateTo(9);
    expect([index.entries.count, index.lastTimestamp]).to.deep.equal([1, 10]);
  });
});

describe('transaction index', () => {
  afterEach(removeTemporaryFolders);

  it('is a file only once it has an entry, and is cut by the marker', () => {
    const file = path.join(temporaryFolder(), '00000000000000000000.txnindex');
    const index = new TransactionIndex(nodeDisk, file);
    expect(index.read()).to.deep.equal([]);
    expect(nodeDisk.existsSync(file)).to.equal(false);
    const entries = [
      { producerId: 1, firstOffset: 0, lastOffset: 5, lastStableOffset: 3 },
      { producerId: 2 ** 40, firstOffset: 3, lastOffset: 9, lastStableOffset: 10 },
    ];
    for (const entry of entries) index.append(entry);
    expect(new TransactionIndex(nodeDisk, file).read()).to.deep.equal(entries);
    index.truncateTo(9);
    expect(new TransactionIndex(nodeDisk, file).read()).to.deep.equal(entries.slice(0, 1));
  });

  it('is known to be corrupt when an entry is not whole', () => {
    const file = path.join(temporaryFolder(), '00000000000000000000.txnindex');
    nodeDisk.replaceFileSync(file, Buffer.alloc(40));
    expect(new TransactionIndex(nodeDisk, file).read()).to.equal(undefined);
  });
});
