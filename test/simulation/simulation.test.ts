import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { forgetfulDisk } from './planted/forgetful-disk.ts';
import { checkers } from './checkers/index.ts';
import { newHistory } from './history.ts';
import { simulate } from './simulation.ts';
import type { PlantedFaults } from './world/world.ts';

/** Seeds that once found something, and some that reach much: each is run for ever. */
const fixedSeeds = [1, 2, 3, 4, 5, 6, 7, 8];
const freshSeeds = 20;
/** A planted fault must show within so many seeds. */
const seedsToFind = 20;

async function firstViolation(faults: PlantedFaults): Promise<string | undefined> {
  for (let seed = 1; seed <= seedsToFind; seed++) {
    const { violations } = await simulate(seed, { planted: faults, scenario: 'one-broker-killed' });
    if (violations.length > 0) return violations[0];
  }
  return undefined;
}

describe('a whole broker on simulated time, disk and network', () => {
  for (const seed of fixedSeeds) {
    it(`keeps its promises with seed ${seed}`, async () => {
      const { violations } = await simulate(seed);
      expect(violations).to.deep.equal([]);
    });
  }

  it(`keeps its promises with ${freshSeeds} fresh seeds`, async () => {
    const first = randomInt(2 ** 31);
    for (let seed = first; seed < first + freshSeeds; seed++) {
      const { violations } = await simulate(seed);
      expect(violations, `replay: npm run simulate -- --seed ${seed}`).to.deep.equal([]);
    }
  });

  it('does the same with the same seed, and something else with another', async () => {
    const [once, again, other] = [await simulate(11), await simulate(11), await simulate(12)];
    expect(again.traceHash).to.equal(once.traceHash);
    expect(again.steps).to.equal(once.steps);
    expect(other.traceHash).to.not.equal(once.traceHash);
  });
});

describe('the simulator', () => {
  it('finds a disk that forgets the last write of a process that dies', async () => {
    expect(await firstViolation({ disk: forgetfulDisk })).to.match(/acknowledged at offset \d+ of partition \d, where .* lies$/);
  });

  it('finds each wrong in a history that has them all', () => {
    const history = newHistory(1);
    const sent = (value: string, offset: number) => ({ value, partition: 0, sentMs: 0, acknowledged: { offset, atMs: 5 }, failure: undefined });
    history.sent.push(sent('a', 1), sent('b', 0), sent('c', 2), sent('d', 9));
    for (const value of 'abcd') history.arrivals.set(value, 1);
    history.kept.push(...['b', 'a', 'c', 'c', 'x'].map((value, offset) => ({ partition: 0, offset, value })));
    history.read.push({ partition: 0, offset: 0, value: 'a' }, { partition: 0, offset: 2, value: 'c' });
    expect(checkers.flatMap((check) => check(history))).to.deep.equal([
      'd was acknowledged at offset 9 of partition 0, where nothing lies',
      'c is kept 2 times, where retries explain 1',
      'x is kept, but was never sent',
      'a at offset 1 of partition 0 stands behind a record sent later',
      'the reader was given a at offset 0 of partition 0, where b lies now',
      'the reader of partition 0 was given offset 2 where 1 was due',
    ]);
  });
});
