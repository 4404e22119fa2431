import { randomInt } from 'node:crypto';
import process from 'node:process';
import { expect } from 'chai';
import { compileSimulator } from './bundle.ts';
import type { CompiledSimulator } from './bundle.ts';
import { checkers } from './checkers/index.ts';
import { newHistory } from './history.ts';
import { forgetfulDisk } from './planted/forgetful-disk.ts';
import { recordMessages } from './report/recorder.ts';
import { shrink } from './report/shrink.ts';
import { timelineHtml } from './report/timeline-html.ts';
import { timelineText } from './report/timeline-text.ts';
import { keptSeeds } from './seeds.ts';
import { simulate } from './simulation.ts';

/** Some that reach much. */
const fixedSeeds = [1, 2, 3, 4];
/** Fresh seeds are run for so long, but this many at least and at most. */
const freshMs = 4000;
const freshSeeds = { least: 2, most: 20 };
/** A planted fault of the disk must show within so many seeds. */
const seedsToFind = 20;

/** Any. */
const seedOfTrace = 11;

async function inTimeZone<T>(zone: string, run: () => Promise<T>): Promise<T> {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    return await run();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}

/** Notes from where a function of the machine is called while the simulator runs; others, as the test's own clock, may. */
function watchCalls<K extends string>(target: Record<K, () => number>, name: K, calls: string[]): () => void {
  const original = target[name];
  target[name] = () => {
    const from = String(new Error(name).stack);
    if (/\/(src|simulation)\//.test(from.split('\n').slice(2).join('\n'))) calls.push(from);
    return original.call(target);
  };
  return () => {
    target[name] = original;
  };
}

describe('whole brokers on simulated time, disks, network and ZooKeeper', function () {
  this.timeout(180_000);
  let compiled: CompiledSimulator;
  before(async () => {
    compiled = await compileSimulator();
  });
  after(() => compiled.remove());

  for (const seed of fixedSeeds) {
    it(`keep their promises with seed ${seed}`, async () => {
      const { violations } = await compiled.simulate(seed);
      expect(violations).to.deep.equal([]);
    });
  }

  for (const { seed, scenario, found } of keptSeeds) {
    it(`keep their promises with seed ${seed} of ${scenario}, which once found: ${found}`, async () => {
      const { violations } = await compiled.simulate(seed, { scenario });
      expect(violations).to.deep.equal([]);
    });
  }

  it('keep their promises with fresh seeds', async () => {
    const first = randomInt(2 ** 31);
    const startedMs = performance.now();
    for (let count = 0; count < freshSeeds.most && (count < freshSeeds.least || performance.now() - startedMs < freshMs); count++) {
      const { violations } = await compiled.simulate(first + count);
      expect(violations, `replay: npm run simulate -- --seed ${first + count}`).to.deep.equal([]);
    }
  });

  it('do the same with the same seed, compiled or not and wherever the machine stands, and something else with another', async () => {
    const options = { scenario: 'three-brokers', lengthMs: 15_000 };
    const once = await compiled.simulate(seedOfTrace, options);
    const again = await inTimeZone('Pacific/Kiritimati', () => simulate(seedOfTrace, options));
    const other = await compiled.simulate(seedOfTrace + 1, options);
    expect(again.traceHash).to.equal(once.traceHash);
    expect(again.steps).to.equal(once.steps);
    expect(other.traceHash).to.not.equal(once.traceHash);
  });

  it('ask the machine neither for the time nor for chance', async () => {
    const asked: string[] = [];
    const restore = [watchCalls(Date, 'now', asked), watchCalls(Math, 'random', asked)];
    try {
      for (const scenario of ['three-brokers', 'one-broker-killed']) await simulate(1, { scenario, lengthMs: 5000 });
    } finally {
      for (const one of restore) one();
    }
    expect(asked).to.deep.equal([]);
  });
});

describe('the simulator', function () {
  this.timeout(180_000);

  it('finds a disk that forgets the last write of a process that dies', async () => {
    const found: string[] = [];
    for (let seed = 1; seed <= seedsToFind && found.length === 0; seed++) {
      found.push(...(await simulate(seed, { scenario: 'one-broker-killed', planted: { disk: forgetfulDisk } })).violations);
    }
    expect(found[0]).to.match(/acknowledged at offset \d+ of orders-\d, where .* lies$/);
  });

  it('finds each wrong in a history that has them all', () => {
    const history = newHistory(1);
    const sent = (value: string, offset: number) => ({ value, partition: 0, sentMs: 0, acknowledged: { offset, atMs: 5 }, failure: undefined });
    history.sent.push(sent('a', 1), sent('b', 0), sent('c', 2), sent('d', 9));
    for (const value of 'abcd') history.arrivals.set(value, 1);
    history.kept.push(...['b', 'a', 'c', 'c', 'x'].map((value, offset) => ({ partition: 0, offset, value })));
    history.read.push({ partition: 0, offset: 0, value: 'a' }, { partition: 0, offset: 2, value: 'c' });
    expect(checkers.flatMap((check) => check(history))).to.deep.equal([
      'd was acknowledged at offset 9 of orders-0, where nothing lies',
      'c of orders is kept 2 times, and came 1 times',
      'x is kept in orders, but was never sent',
      'a at offset 1 of orders-0 stands behind a record sent later',
      'the reader was given a at offset 0 of orders-0, where b lies now',
      'the reader of orders-0 was given offset 2 where 1 was due',
    ]);
  });

  it('shrinks a schedule to the faults that matter', async () => {
    const schedule = Array.from({ length: 20 }, (_, index) => ({ index, kind: 'kill', atMs: index, forMs: 0, victim: 0, roll: 0 }));
    const kept = await shrink(schedule, (keep) => Promise.resolve(keep.includes(3) && keep.includes(17)), 100);
    expect(kept).to.deep.equal([3, 17]);
  });

  it('draws what happened, with the faults, for people', async () => {
    let messages: ReturnType<typeof recordMessages> = () => [];
    const result = await simulate(1, { scenario: 'three-brokers', lengthMs: 10_000, watch: (world) => (messages = recordMessages(world)) });
    expect(timelineText(result)).to.match(/broker-\d +fault fault 0: /);
    const page = timelineHtml(result, messages());
    expect(page).to.match(/class="fault"[^>]*><title>fault 0: /);
    expect(page).to.contain('Fetch v');
  });
});
