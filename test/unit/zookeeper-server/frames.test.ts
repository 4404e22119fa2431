import { expect } from 'chai';
import fc from 'fast-check';
import { FrameReader } from '../../../src/zookeeper-server/frames.ts';

function framed(...bodies: readonly Uint8Array[]): Buffer {
  return Buffer.concat(bodies.flatMap((body) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length);
    return [length, body];
  }));
}

describe('frames', () => {
  it('come out whole, however the stream was cut', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 80 }), (bodies, cuts) => {
      const seen: string[] = [];
      const reader = new FrameReader({ acceptsLength: () => true, frame: (frame) => seen.push(frame.toString('hex')) > 0 });
      const stream = framed(...bodies);
      let at = 0;
      for (const cut of [...cuts, stream.length]) {
        const part = stream.subarray(at, at + cut);
        expect(reader.push(part)).to.equal(part.length);
        at += part.length;
      }
      expect(seen).to.deep.equal(bodies.map((body) => Buffer.from(body).toString('hex')));
    }));
  });

  it('of a refused length are not waited for, and take no memory', () => {
    const lengths: number[] = [];
    const reader = new FrameReader({ acceptsLength: (length) => lengths.push(length) < 0, frame: () => true });
    expect(reader.push(Buffer.from('7fffffff00', 'hex'))).to.equal(4);
    expect(lengths).to.deep.equal([0x7fffffff]);
  });

  it('stop when they are more than is wanted, and go on from there', () => {
    const seen: number[] = [];
    const reader = new FrameReader({ acceptsLength: () => true, frame: (frame) => seen.push(frame[0]!) !== 2 });
    const stream = framed(Buffer.from([1]), Buffer.from([2]), Buffer.from([3]));
    expect(reader.push(stream)).to.equal(10);
    expect(seen).to.deep.equal([1, 2]);
    reader.push(stream.subarray(10));
    expect(seen).to.deep.equal([1, 2, 3]);
  });
});
