import { expect } from 'chai';
import sinon from 'sinon';
import { BlocksAhead } from '../../../src/log/blocks-ahead.ts';
import type { Disk, DiskFile } from '../../../src/runtime/disk.ts';
import { TestClock } from './support.ts';

const mebibyte = 1024 * 1024;
const segmentBytes = 64 * mebibyte;

describe('blocks ahead of a log file', () => {
  let clock: TestClock;
  let segment: { file: DiskFile; writtenBytes: number };
  let allocate: sinon.SinonStub<[number, number], Promise<boolean>>;
  let truncateSync: sinon.SinonStub<[number], void>;
  let held: number;
  let usableBytes: number;
  let blocks: BlocksAhead;

  beforeEach(() => {
    clock = new TestClock();
    held = 0;
    usableBytes = 2048 * mebibyte;
    allocate = sinon.stub<[number, number], Promise<boolean>>().resolves(true);
    truncateSync = sinon.stub();
    const hold = (): (() => void) => {
      held++;
      return () => void held--;
    };
    segment = { file: { allocate, truncateSync, hold } as Partial<DiskFile> as DiskFile, writtenBytes: 0 };
    const disk = { spaceSync: () => ({ totalBytes: 4096 * mebibyte, usableBytes }) } as Partial<Disk> as Disk;
    blocks = new BlocksAhead(segment, { clock, disk });
  });

  /** Writes so many megabytes, one each `eachMs`. */
  async function write(count: number, eachMs: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      clock.pass(eachMs);
      segment.writtenBytes += mebibyte;
      blocks.grown(segmentBytes);
      await Promise.resolve();
    }
  }
  const asked = (): [number, number][] => allocate.args.map(([position, length]) => [position / mebibyte, length / mebibyte]);

  it('are asked for at the second look, where four megabytes took less than a second', async () => {
    await write(7, 200);
    expect(asked()).to.deep.equal([]);
    await write(1, 200);
    expect(asked()).to.deep.equal([[8, 16]]);
  });

  it('are asked for again before they are used up, and never behind the largest size of a segment', async () => {
    await write(63, 10);
    expect(asked()).to.deep.equal([[8, 16], [20, 16], [32, 16], [44, 16], [56, 8]]);
  });

  it('are not for a file that grows slowly', async () => {
    await write(60, 300);
    expect(asked()).to.deep.equal([]);
  });

  it('are not taken from a volume with less than a gigabyte left', async () => {
    usableBytes = 1023 * mebibyte;
    await write(60, 10);
    expect(asked()).to.deep.equal([]);
  });

  it('are not asked for again where the file system has none to give', async () => {
    allocate.resolves(false);
    await write(63, 10);
    expect(asked()).to.deep.equal([[8, 16]]);
    await blocks.giveBack();
    expect(truncateSync.callCount).to.equal(0);
  });

  it('are given back down to what is written by the time that they are there', async () => {
    let answer: (isDone: boolean) => void = () => undefined;
    allocate.returns(new Promise((resolve) => (answer = resolve)));
    await write(8, 10);
    const givenBack = blocks.giveBack();
    segment.writtenBytes += 5;
    expect([truncateSync.callCount, held]).to.deep.equal([0, 2]);
    answer(true);
    await givenBack;
    expect(truncateSync.args).to.deep.equal([[8 * mebibyte + 5]]);
    expect(held).to.equal(0);
    await blocks.giveBack();
    expect(truncateSync.callCount).to.equal(1);
  });

  it('are given back when nothing was written between two tidyings, and come again with what is written then', async () => {
    await write(8, 10);
    await blocks.tidy();
    segment.writtenBytes++;
    await blocks.tidy();
    expect(truncateSync.callCount).to.equal(0);
    await blocks.tidy();
    expect(truncateSync.args).to.deep.equal([[8 * mebibyte + 1]]);
    await write(8, 10);
    expect(asked()).to.deep.equal([[8, 16], [12 + 1 / mebibyte, 16]]);
  });

  it('tell of an error of the disk, and let the file go', async () => {
    await write(8, 10);
    truncateSync.throws(new Error('EIO'));
    const error = await blocks.giveBack().then(() => undefined, (reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
    expect(held).to.equal(0);
  });
});
