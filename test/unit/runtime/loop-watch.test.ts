import { expect } from 'chai';
import { createLoopWork } from '../../../src/runtime/loop-work.ts';
import { watchLoop } from '../../../src/runtime/loop-watch.ts';
import type { LoopDelays } from '../../../src/runtime/loop-watch.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import type { LogFields } from '../../../src/runtime/logger.ts';
import { createMetrics } from '../../../src/runtime/metrics.ts';
import { TestClock } from '../log/support.ts';

const idle: LoopDelays = { p50Ms: 0.1, p99Ms: 0.5, maxMs: 2 };
const intervalMs = 10_000;

function watched() {
  const clock = new TestClock();
  const work = createLoopWork(clock);
  const metrics = createMetrics();
  const warnings: (LogFields | undefined)[] = [];
  let delays = idle;
  let isStopped = false;
  const monitor = { take: () => delays, stop: () => void (isStopped = true) };
  const end = watchLoop({ clock, logger: { ...silentLogger, warn: (_event, fields) => void warnings.push(fields) }, metrics, monitor, work });
  return {
    clock,
    work,
    metrics,
    warnings,
    end,
    isStopped: () => isStopped,
    /** So long later, with these delays meanwhile. */
    pass(next: LoopDelays) {
      delays = next;
      clock.pass(intervalMs);
    },
  };
}

describe('watch of the event loop', () => {
  it('shows the delays of the last interval', () => {
    const { pass, metrics } = watched();
    pass(idle);
    expect(metrics.read()).to.include({ 'ottla:type=EventLoop,name=DelayMs,quantile=0.5': 0.1, 'ottla:type=EventLoop,name=DelayMs,quantile=0.99': 0.5, 'ottla:type=EventLoop,name=DelayMs,quantile=1': 2 });
  });

  it('is silent while no stall is longer than a second', () => {
    const { pass, warnings } = watched();
    pass({ ...idle, maxMs: 999 });
    expect(warnings).to.deep.equal([]);
  });

  it('warns of a stall, and names the work that took it', () => {
    const { pass, warnings, work, clock } = watched();
    work.run('loading of topic-1', () => clock.pass(1500));
    work.run('loading of topic-2', () => clock.pass(5));
    pass({ ...idle, maxMs: 1510 });
    expect(warnings).to.deep.equal([{ ms: 1510, during: 'loading of topic-1', longestWorkMs: 1500, times: 1 }]);
  });

  it('names none where no work took most of it', () => {
    const { pass, warnings, work, clock } = watched();
    work.run('retention of topic-1', () => clock.pass(300));
    pass({ ...idle, maxMs: 1500 });
    expect(warnings).to.deep.equal([{ ms: 1500, during: 'unknown', longestWorkMs: 300, times: 1 }]);
  });

  it('warns once a minute at the most, then of the longest since', () => {
    const { pass, warnings, work, clock } = watched();
    pass({ ...idle, maxMs: 1100 });
    work.run('Fetch', () => clock.pass(2900));
    for (const maxMs of [3000, 2000, 2, 2, 2, 2]) pass({ ...idle, maxMs });
    expect(warnings.map((fields) => [fields?.['ms'], fields?.['during'], fields?.['times']])).to.deep.equal([[1100, 'unknown', 1], [3000, 'Fetch', 2]]);
  });

  it('charges a turn of requests to the last request in it', () => {
    const { pass, warnings, work, clock } = watched();
    const beganMs = clock.monotonicMs();
    work.doing = 'Produce';
    clock.pass(1200);
    work.turnEnded(beganMs);
    pass({ ...idle, maxMs: 1200 });
    expect(warnings).to.deep.equal([{ ms: 1200, during: 'Produce', longestWorkMs: 1200, times: 1 }]);
  });

  it('ends', () => {
    const { pass, warnings, end, isStopped } = watched();
    end();
    pass({ ...idle, maxMs: 5000 });
    expect([isStopped(), warnings]).to.deep.equal([true, []]);
  });
});
