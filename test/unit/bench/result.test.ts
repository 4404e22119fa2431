import { expect } from 'chai';
import { chartOf, positionOf } from '../../bench/report/chart.ts';
import { withResults } from '../../bench/report/result.ts';
import type { Result } from '../../bench/report/result.ts';

describe('results of benches', () => {
  const result: Result = {
    bench: 'light',
    title: 'a <light> load',
    against: 'Kafka 3.9.1',
    rounds: 5,
    isQuick: false,
    date: '2026-11-21T18:00:00.000Z',
    commit: 'abc1234',
    machine: { cpu: 'Some CPU', cores: 2, memoryGB: 25, kernel: 'Linux 6', node: 'v20.20.0', jdk: '17.0.15' },
    rows: [
      { figure: 'CPU s/GB', ours: [1], theirs: [4], ratio: 0.25, bar: { atMost: 0.5 }, isMet: true },
      { figure: 'records/s', ours: [1], theirs: [4], ratio: 0.25, bar: { atLeast: 1 }, isMet: false },
      { figure: 'p50 ms', ours: [1], theirs: [0], bar: { atMost: 1 } },
      { figure: 'RSS MB', ours: [1], theirs: [1], ratio: 1 },
    ],
  };

  it('lie on a logarithmic axis: each doubling is as far, and what is outside stays at the edge', () => {
    expect(positionOf(2) - positionOf(1)).to.be.closeTo(positionOf(0.2) - positionOf(0.1), 1e-9);
    expect(positionOf(0)).to.equal(positionOf(0.05));
    expect(positionOf(1000)).to.equal(positionOf(10));
  });

  it('become a chart of those that something is asked of, a dot where it is met and a ring where not', () => {
    const chart = chartOf([result]);
    expect(chart).to.match(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 900 136" /);
    const x = Number(positionOf(0.25).toFixed(1));
    expect(chart).to.include(`<circle class="met" cx="${x}" cy="90" r="4.5"/>`);
    expect(chart).to.include(`<circle class="short" cx="${x}" cy="110" r="4.5"/>`);
    expect(chart.match(/<circle/g)).to.have.lengthOf(2);
    expect(chart).to.include('≤ 0.5');
    expect(chartOf([result])).to.equal(chart);
  });

  it('keep their names apart from the marks of the picture', () => {
    const chart = chartOf([{ ...result, bench: 'a<b&c' }]);
    expect(chart).to.include('a&lt;b&amp;c').and.not.to.include('a<b');
  });

  it('stand on the page between its marks, and replace the former ones', () => {
    const page = 'before\n<!-- results: written by run.ts -->\nold\n<!-- end of results -->\nafter\n';
    const written = withResults(page, [result]);
    expect(written).to.match(/^before\n/).and.to.match(/<!-- end of results -->\nafter\n$/);
    expect(written).to.include('2026-11-21, commit abc1234, 5 rounds; Some CPU, 2 cores, 25 GB, Linux 6, Node v20.20.0, JDK 17.0.15').and.not.to.include('old');
    expect(written).to.include('| records/s | 1.00 | 4.00 | 0.25 | ≥ 1 **short** |').and.not.to.include('RSS MB');
    expect(withResults(written, [result])).to.equal(written);
  });

  it('find no place on a page without marks', () => {
    expect(() => withResults('nothing', [result])).to.throw('the page has no');
  });
});
