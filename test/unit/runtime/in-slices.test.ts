import { expect } from 'chai';
import { inSlices } from '../../../src/runtime/in-slices.ts';
import { TestClock } from '../log/support.ts';

describe('work in slices', () => {
  /** Ten steps of 3 ms each, and what was done after each turn of the event loop. */
  async function run(sliceMs: number): Promise<{ readonly result: string; readonly seen: readonly number[] }> {
    const clock = new TestClock();
    const seen: number[] = [];
    let done = 0;
    let isOver = false;
    function* work(): Generator<void, string> {
      for (; done < 10; done++) {
        clock.pass(3);
        yield;
      }
      return 'all';
    }
    const look = (): void => {
      seen.push(done);
      if (!isOver) setImmediate(look);
    };
    const running = inSlices(clock, sliceMs, work());
    look();
    const result = await running;
    isOver = true;
    return { result, seen };
  }

  it('lets others have the event loop when a slice is over', async () => {
    const { result, seen } = await run(8);
    expect(result).to.equal('all');
    expect(seen.length).to.be.above(2);
    expect(seen[0]).to.equal(2);
  });

  it('is done in one go where it is short', async () => {
    const { seen } = await run(1000);
    expect(seen[0]).to.equal(10);
  });

  it('fails with what the work throws', async () => {
    function* work(): Generator<void, void> {
      yield;
      throw new Error('thrown by the work');
    }
    const failure = await inSlices(new TestClock(), 1000, work()).catch((error: Error) => error.message);
    expect(failure).to.equal('thrown by the work');
  });
});
