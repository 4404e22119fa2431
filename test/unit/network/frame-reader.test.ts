import { expect } from 'chai';
import fc from 'fast-check';
import { createFrameReader } from '../../../src/network/frame-reader.ts';
import { createBufferPool } from '../../../src/runtime/buffer-pool.ts';
import type { BufferPool } from '../../../src/runtime/buffer-pool.ts';

const framed = (payload: Uint8Array): Buffer => {
  const size = Buffer.alloc(4);
  size.writeInt32BE(payload.length);
  return Buffer.concat([size, payload]);
};

/** Feeds the stream in pieces through one reused buffer, as the network does, and copies what comes out. */
function readAll(stream: Buffer, cuts: readonly number[], frameBytesMax = 1 << 20, pool?: BufferPool): Buffer[] {
  const reader = createFrameReader(frameBytesMax, pool);
  const shared = Buffer.alloc(stream.length);
  const frames: Buffer[] = [];
  const edges = [0, ...[...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b), stream.length];
  for (let index = 1; index < edges.length; index++) {
    const count = stream.copy(shared, 0, edges[index - 1], edges[index]);
    reader.feed(shared.subarray(0, count));
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(Buffer.from(frame.buffer.subarray(frame.start, frame.end)));
    reader.keep();
    shared.fill(0xee);
  }
  return frames;
}

describe('frames of a byte stream', () => {
  it('come out whole and in order however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { maxLength: 12 }), fc.array(fc.nat(40_000), { maxLength: 20 }), (payloads, cuts) => {
        const frames = readAll(Buffer.concat(payloads.map(framed)), cuts);
        expect(frames.map((frame) => frame.toString('hex'))).to.deep.equal(payloads.map((payload) => Buffer.from(payload).toString('hex')));
      }),
      { numRuns: 200 },
    );
  });

  it('are the same in buffers of a pool, which nobody else writes while they are valid', () => {
    const pool = createBufferPool();
    /** Whoever borrows next writes at once. */
    const hostile: BufferPool = {
      borrow: (length) => pool.borrow(length).fill(0xdd),
      giveBack: (buffer) => pool.giveBack(buffer.fill(0xcc)),
    };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 8 }), fc.array(fc.nat(400_000), { maxLength: 20 }), (sizes, cuts) => {
        const payloads = sizes.map((size, index) => Buffer.alloc(size, index + 1));
        const frames = readAll(Buffer.concat(payloads.map(framed)), cuts, 1 << 20, hostile);
        expect(frames.length).to.equal(payloads.length);
        for (const [index, frame] of frames.entries()) expect(frame.equals(payloads[index]!)).to.equal(true);
      }),
      { numRuns: 100 },
    );
  });

  it('are refused when a size is zero, negative or above the limit', () => {
    for (const size of [0, -1, -0x8000_0000, 101, 0x7fffffff]) {
      const bytes = Buffer.alloc(8);
      bytes.writeInt32BE(size);
      expect(() => readAll(bytes, [], 100), String(size)).to.throw('socket.request.max.bytes');
    }
  });

  it('cost nothing while they are only announced', () => {
    const reader = createFrameReader(100 << 20);
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(100 << 20);
    const before = process.memoryUsage().arrayBuffers;
    reader.feed(bytes);
    expect(reader.next()).to.equal(undefined);
    reader.keep();
    expect(reader.keptBytes()).to.equal(4096);
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(1 << 20);
  });

  it('keep at most five times what has arrived, in buffers of a pool too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300_000 }), fc.integer({ min: 300_000, max: 100 << 20 }), (arrived, announced) => {
        const reader = createFrameReader(100 << 20, createBufferPool());
        const bytes = Buffer.alloc(4 + arrived);
        bytes.writeInt32BE(announced);
        reader.feed(bytes);
        expect(reader.next()).to.equal(undefined);
        reader.keep();
        expect(reader.keptBytes()).to.be.at.most(Math.max(4096, bytes.length * 5));
      }),
    );
  });

  it('stay as they were while later bytes arrive behind them', () => {
    const reader = createFrameReader(1000);
    const stream = Buffer.concat([framed(Buffer.from('first')), framed(Buffer.from('second'))]);
    reader.feed(stream.subarray(0, 6));
    expect(reader.next()).to.equal(undefined);
    reader.keep();
    reader.feed(stream.subarray(6));
    const first = reader.next()!;
    const second = reader.next()!;
    expect(first.buffer.toString('latin1', first.start, first.end)).to.equal('first');
    expect(second.buffer.toString('latin1', second.start, second.end)).to.equal('second');
  });
});
