import { expect } from 'chai';
import { createEventQueue } from '../../../src/controller/event-queue.ts';
import { ControllerMoved } from '../../../src/controller/guarded-writer.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { ZooKeeperError } from '../../../src/zookeeper/zookeeper.ts';
import { ManualClock } from '../zookeeper/manual-clock.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('event queue of a controller', () => {
  it('runs events one at a time, in their order', async () => {
    const seen: string[] = [];
    let finish: () => void = () => undefined;
    const queue = createEventQueue(new ManualClock(), silentLogger, () => undefined);
    queue.add('slow', async () => {
      seen.push('slow begins');
      await new Promise<void>((resolve) => (finish = resolve));
      seen.push('slow ends');
    });
    queue.add('next', async () => void seen.push('next'));
    await settle();
    expect(seen).to.deep.equal(['slow begins']);
    finish();
    await settle();
    expect(seen).to.deep.equal(['slow begins', 'slow ends', 'next']);
  });

  it('runs an event again after a pause when it fails, before the next one', async () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    const queue = createEventQueue(clock, silentLogger, () => undefined);
    let failures = 2;
    queue.add('fails twice', async () => {
      seen.push('tried');
      if (failures-- > 0) throw new ZooKeeperError('CONNECTION_LOSS');
    });
    queue.add('next', async () => void seen.push('next'));
    for (let pause = 0; pause < 3; pause++) {
      await settle();
      clock.pass(500);
    }
    await settle();
    expect(seen).to.deep.equal(['tried', 'tried', 'tried', 'next']);
  });

  it('gives office up, without another try, when another controller has come', async () => {
    const clock = new ManualClock();
    let moves = 0;
    const queue = createEventQueue(clock, silentLogger, () => {
      moves++;
      queue.close();
    });
    const seen: string[] = [];
    queue.add('fenced', async () => {
      throw new ControllerMoved('raised');
    });
    queue.add('after', async () => void seen.push('after'));
    await settle();
    expect({ moves, seen, timers: clock.timerCount }).to.deep.equal({ moves: 1, seen: [], timers: 0 });
  });

  it('is silent when the session expires: the broker begins anew with the next', async () => {
    const clock = new ManualClock();
    const queue = createEventQueue(clock, silentLogger, () => expect.fail('not moved'));
    queue.add('expired', async () => {
      throw new ZooKeeperError('SESSION_EXPIRED');
    });
    await settle();
    expect(clock.timerCount).to.equal(0);
  });
});
