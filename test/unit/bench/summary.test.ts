import { expect } from 'chai';
import fc from 'fast-check';
import { headlines, isMet, median, summarise, unmeasured } from '../../bench/report/summary.ts';
import { tableOf } from '../../bench/report/table.ts';

describe('a summary of rounds', () => {
  const bars = { 'records/s': { atLeast: 1.1 }, 'CPU s': { atMost: 0.5 } };
  const rounds = {
    ours: [{ 'records/s': 90, 'CPU s': 1, 'p50 ms': 3 }, { 'records/s': 130, 'CPU s': 3, 'p50 ms': 1 }, { 'records/s': 100, 'CPU s': 2, 'p50 ms': 2 }],
    theirs: [{ 'records/s': 50, 'CPU s': 3, 'p50 ms': 0 }, { 'records/s': 70, 'CPU s': 1, 'p50 ms': 0 }, { 'records/s': 80, 'CPU s': 2, 'p50 ms': 0 }],
  };

  it('takes the middle value, or the mean of the middle two', () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 10])).to.equal(3);
    expect(Number.isNaN(median([]))).to.equal(true);
  });

  it('has as many values above its median as below', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), { minLength: 1 }), (values) => {
        const middle = median(values);
        expect(values.filter((value) => value < middle).length).to.be.at.most(values.length / 2);
        expect(values.filter((value) => value > middle).length).to.be.at.most(values.length / 2);
      }),
    );
  });

  it('holds the ratio of the medians against the bar', () => {
    const [records, cpu] = summarise({ bars }, rounds);
    expect(records).to.deep.equal({ figure: 'records/s', ours: [90, 130, 100], theirs: [50, 70, 80], ratio: 100 / 70, bar: { atLeast: 1.1 }, isMet: true });
    expect(cpu).to.deep.include({ ratio: 1, isMet: false });
  });

  it('counts the limit itself as met', () => {
    expect(isMet(0.5, { atMost: 0.5 })).to.equal(true);
    expect(isMet(1.1, { atLeast: 1.1 })).to.equal(true);
    expect(isMet(0.51, { atMost: 0.5 })).to.equal(false);
    expect(isMet(1.09, { atLeast: 1.1 })).to.equal(false);
    expect(isMet(1, { atLeast: 0.9, atMost: 1.1 })).to.equal(true);
  });

  it('has no ratio to nothing, and judges none', () => {
    const row = summarise({ bars: { 'p50 ms': { atMost: 1 } } }, rounds)[2];
    expect(row).to.deep.equal({ figure: 'p50 ms', ours: [3, 1, 2], theirs: [0, 0, 0], bar: { atMost: 1 } });
    const alone = summarise({ bars }, { ours: rounds.ours, theirs: [] });
    expect(alone.map(({ ratio, isMet: verdict }) => [ratio, verdict])).to.deep.equal([[undefined, undefined], [undefined, undefined], [undefined, undefined]]);
  });

  it('averages ratios geometrically, so that twice and half make one', () => {
    const averages = { 'on average': { of: ['a', 'b'], bar: { atLeast: 1.2 } } };
    const rows = summarise({ bars: {}, averages }, { ours: [{ a: 2, b: 1 }], theirs: [{ a: 1, b: 2 }] });
    expect(rows[2]).to.deep.equal({ figure: 'on average', ours: [], theirs: [], ratio: 1, bar: { atLeast: 1.2 }, isMet: false });
    expect(summarise({ bars: {}, averages }, { ours: [{ a: 2 }], theirs: [{ a: 1 }] })).to.have.lengthOf(1);
  });

  it('names the bars of what was not measured', () => {
    expect(unmeasured({ bars: { ...bars, 'p99 ms': {} }, averages: { all: { of: ['p98 ms'], bar: {} } } }, rounds)).to.deep.equal(['p99 ms', 'p98 ms']);
  });

  it('heads with what something is asked of, or with everything', () => {
    expect(headlines(summarise({ bars }, rounds)).map(({ figure }) => figure)).to.deep.equal(['records/s', 'CPU s']);
    expect(headlines(summarise({ bars: {} }, rounds))).to.have.lengthOf(3);
  });

  it('is a table of medians with their spread', () => {
    expect(tableOf(summarise({ bars }, rounds), 'theirs')).to.equal(
      [
        '| figure | ours | theirs | ratio | bar |',
        '|---|---:|---:|---:|---|',
        '| records/s | 100 (90.0..130) | 70.0 (50.0..80.0) | 1.43 | ≥ 1.1 met |',
        '| CPU s | 2.00 (1.00..3.00) | 2.00 (1.00..3.00) | 1.00 | ≤ 0.5 **short** |',
        '| p50 ms | 2.00 (1.00..3.00) | 0.00 (0.00..0.00) |  |  |',
        '',
      ].join('\n'),
    );
    expect(tableOf(summarise({ bars: {} }, { ours: [{ 'records/s': 123_456.7 }], theirs: [] }), 'theirs')).to.include('| records/s | 123,457 |  |  |  |');
  });
});
