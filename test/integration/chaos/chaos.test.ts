import { expect } from 'chai';
import { runChaos } from './chaos.ts';

/** The short form; `test/interop/chaos.interop.ts` is the long one. */
const durationMs = 8000;

describe('three brokers of real processes that are killed at random', function () {
  this.timeout(120_000);

  it(`lose nothing in ${durationMs / 1000} seconds`, async () => {
    const told: string[] = [];
    const wrong = await runChaos({ kind: 'ours', durationMs, seed: 1, tell: (line) => void told.push(line) });
    expect(wrong, told.join('\n')).to.deep.equal([]);
  });
});
