import { expect } from 'chai';
import fc from 'fast-check';
import { buildBatch } from '../../../src/record/build.ts';
import { minutesIn } from '../../bench/benches/soak.ts';
import { percentile } from '../../bench/broker/load.ts';
import { flatness } from '../../bench/load/flatness.ts';
import { frameSplitter } from '../../bench/load/frame-connection.ts';
import { numberIn } from '../../bench/load/numbered-frames.ts';
import { dueMs, requestOf } from '../../bench/load/schedule.ts';
import { slopePerSecond } from '../../bench/load/trend.ts';

describe('the parts of a load that only compute', () => {
  it('find the slope of a straight line, wherever it begins', () => {
    const line = (slope: number, start: number) => Array.from({ length: 10 }, (_, index) => ({ seconds: 100 + index * 10, value: start + slope * index * 10 }));
    expect(slopePerSecond(line(0.25, 80))).to.be.closeTo(0.25, 1e-9);
    expect(slopePerSecond(line(-2, 80))).to.be.closeTo(-2, 1e-9);
    expect(slopePerSecond(line(0, 80))).to.equal(0);
  });

  it('find the slope nearest to scattered samples', () => {
    const samples = [1, 3, 2, 4].map((value, seconds) => ({ seconds, value }));
    expect(slopePerSecond(samples)).to.be.closeTo(0.8, 1e-9);
    expect(slopePerSecond([{ seconds: 5, value: 1 }])).to.satisfy(Number.isNaN);
  });

  it('space requests evenly, the connections in turn', () => {
    const schedule = { beginMs: 1000, ratePerSecond: 500, connections: 4, requests: 12 };
    expect([0, 1, 5].map((request) => dueMs(schedule, request))).to.deep.equal([1000, 1002, 1010]);
    const numbers = [0, 1, 2].flatMap((nth) => [0, 1, 2, 3].map((connection) => requestOf(schedule, connection, nth)));
    expect(numbers).to.deep.equal(Array.from({ length: 12 }, (_, number) => number));
  });

  it('take the percentile of ascending values', () => {
    const values = Array.from({ length: 1000 }, (_, index) => index + 1);
    expect([0.5, 0.99, 0.999, 1].map((share) => percentile(values, share))).to.deep.equal([501, 991, 1000, 1000]);
    expect(percentile([], 0.5)).to.satisfy(Number.isNaN);
  });

  it('call a curve flat by its largest and smallest value', () => {
    expect(flatness([2, 3, 2.5])).to.equal(1.5);
    expect(flatness([7])).to.equal(1);
  });

  it('find the number at the end of a value in its batch', () => {
    const value = Buffer.alloc(100, 'x');
    value.writeUInt32BE(4_000_000_123, 96);
    const batch = Buffer.concat([Buffer.from('before'), buildBatch({}, [{ key: null, value, timestamp: 5 }])]);
    expect(numberIn(batch, 6)).to.equal(4_000_000_123);
  });

  it('take the minutes of a soak from the command line', () => {
    expect(minutesIn(['soak', '--rounds', '1'])).to.equal(undefined);
    expect(minutesIn(['soak', '--minutes', '2.5'])).to.equal(2.5);
    for (const wrong of [[], ['0'], ['--quick']]) expect(() => minutesIn(['--minutes', ...wrong])).to.throw('--minutes wants');
  });

  it('cut a stream into its frames, however it arrives', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (bodies, cuts) => {
        const stream = Buffer.concat(bodies.flatMap((body) => [Buffer.from([0, 0, 0, body.length]), body]));
        const found: Buffer[] = [];
        const take = frameSplitter((body) => found.push(Buffer.from(body)));
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const end = Math.min(stream.length, at + cuts[turn % cuts.length]!);
          take(stream.subarray(at, end));
          at = end;
        }
        expect(found.map((body) => Array.from(body))).to.deep.equal(bodies.map((body) => Array.from(body)));
      }),
    );
  });
});
