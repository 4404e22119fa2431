import { expect } from 'chai';
import { readArguments } from '../../bench/arguments.ts';

describe('the arguments of a bench run', () => {
  const read = (...args: string[]): ReturnType<typeof readArguments> => readArguments(args, { all: ['light', 'start', 'consume', 'soak'], usual: ['light', 'start', 'consume'], quick: ['light'] }, 'results');

  it('run the usual benches five times and keep the results when nothing is said', () => {
    expect(read()).to.deep.equal({ names: ['light', 'start', 'consume'], rounds: 5, isQuick: false, minutes: undefined, out: 'results' });
  });

  it('choose benches, rounds and a folder, in any order', () => {
    expect(read('start', '--rounds', '2', 'light', '--out', 'here')).to.deep.equal({ names: ['start', 'light'], rounds: 2, isQuick: false, minutes: undefined, out: 'here' });
  });

  it('in a quick run take a few benches, or those that are named, and keep nothing unasked', () => {
    expect(read('--quick')).to.deep.equal({ names: ['light'], rounds: 2, isQuick: true, minutes: undefined, out: undefined });
    expect(read('--quick', 'start', '--rounds', '1', '--out', 'here')).to.deep.equal({ names: ['start'], rounds: 1, isQuick: true, minutes: undefined, out: 'here' });
  });

  it('refuse what is no bench, and name the benches', () => {
    expect(() => read('lihgt')).to.throw('lihgt is neither a bench nor --rounds N, --minutes N, --quick or --out FOLDER. The benches are: light, start, consume, soak');
  });

  for (const wrong of ['0', '-1', '1.5', 'many', undefined]) {
    it(`refuse ${wrong} rounds`, () => {
      expect(() => read('--rounds', ...(wrong === undefined ? [] : [wrong]))).to.throw('--rounds wants a whole number from 1 on');
    });
  }

  it('let a long bench run when it is named, for the minutes that are given', () => {
    expect(read('soak', '--minutes', '0.5')).to.deep.include({ names: ['soak'], minutes: 0.5 });
    for (const wrong of ['0', '-1', 'long', 'Infinity']) expect(() => read('soak', '--minutes', wrong)).to.throw('--minutes wants a number above 0');
  });

  it('refuse a folder without a name', () => {
    expect(() => read('--out')).to.throw('--out wants a folder');
  });
});
