import { expect } from 'chai';
import { createWaitingRoom } from '../../../src/replica/waiting-room.ts';
import { TestClock } from '../log/support.ts';

describe('waiting room', () => {
  function room() {
    const clock = new TestClock();
    const events: string[] = [];
    const waiting = createWaitingRoom<string>(clock);
    const wait = (name: string, keys: readonly string[], timeoutMs: number, isReady: (key: string) => boolean): (() => void) =>
      waiting.wait(keys, timeoutMs, {
        tryComplete(key) {
          events.push(`${name} looked at ${key}`);
          if (isReady(key)) events.push(`${name} done`);
          return isReady(key);
        },
        expire: () => void events.push(`${name} expired`),
      });
    return { clock, events, waiting, wait };
  }

  it('looks only at waiters that name the key, and at each until it completes', () => {
    const { clock, events, waiting, wait } = room();
    let isReady = false;
    wait('a', ['p0', 'p1'], 100, () => isReady);
    wait('b', ['p2'], 100, () => true);
    waiting.wake('p1');
    isReady = true;
    waiting.wake('p0');
    waiting.wake('p1');
    expect(events).to.deep.equal(['a looked at p1', 'a looked at p0', 'a done']);
    expect(waiting.size()).to.equal(1);
    expect(clock.timerCount).to.equal(1);
  });

  it('does not ask a waiter again that wakes its own key while it completes', () => {
    const { waiting } = room();
    let completed = 0;
    waiting.wait(['p0'], 100, {
      tryComplete() {
        if (++completed === 1) waiting.wake('p0');
        return true;
      },
      expire: () => undefined,
    });
    waiting.wake('p0');
    expect([completed, waiting.size()]).to.deep.equal([1, 0]);
  });

  it('expires a waiter once, at its deadline', () => {
    const { clock, events, waiting, wait } = room();
    wait('a', ['p0'], 100, () => true);
    clock.pass(99);
    expect(events).to.deep.equal([]);
    clock.pass(1);
    waiting.wake('p0');
    expect(events).to.deep.equal(['a expired']);
    expect(waiting.size()).to.equal(0);
  });

  it('forgets a waiter that leaves, with its timer', () => {
    const { clock, events, waiting, wait } = room();
    const leave = wait('a', ['p0'], 100, () => true);
    leave();
    leave();
    waiting.wake('p0');
    clock.pass(1000);
    expect([events, waiting.size(), clock.timerCount]).to.deep.equal([[], 0, 0]);
  });

  it('lets a waiter that completes wake and take out others', () => {
    const { events, waiting, wait } = room();
    let leaveB = (): void => undefined;
    wait('a', ['p0'], 100, () => {
      leaveB();
      waiting.wake('p1');
      return true;
    });
    leaveB = wait('b', ['p0'], 100, () => true);
    wait('c', ['p1'], 100, () => true);
    waiting.wake('p0');
    expect(events.filter((event) => event.endsWith('done'))).to.deep.equal(['c done', 'a done', 'c done', 'a done'].slice(0, 2));
    expect(waiting.size()).to.equal(0);
  });
});
