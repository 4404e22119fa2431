import { expect } from 'chai';
import fc from 'fast-check';
import { CallQueue } from '../../../src/zookeeper/call-queue.ts';
import type { Answer } from '../../../src/zookeeper/call-queue.ts';
import { ZooKeeperError } from '../../../src/zookeeper/zookeeper.ts';
import { ManualClock } from './manual-clock.ts';

const timeoutMs = 600;

class Harness {
  readonly clock = new ManualClock();
  readonly sent: { readonly path: string; readonly answer: Answer<string> }[] = [];
  readonly ended = new Map<string, string>();
  stuckCount = 0;
  readonly queue: CallQueue;

  constructor(maxInFlightRequests = 10) {
    this.queue = new CallQueue({ clock: this.clock, maxInFlightRequests, timeoutMs: () => timeoutMs, onStuck: () => { this.stuckCount += 1; } });
  }

  call(kind: 'read' | 'write', path: string): void {
    this.queue.call<string>(kind, path, (answer) => this.sent.push({ path, answer }))
      .then((value) => this.ended.set(path, value), (error: ZooKeeperError) => this.ended.set(path, error.name));
  }

  get sentPaths(): string[] {
    return this.sent.map(({ path }) => path);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

describe('calls to ZooKeeper', () => {
  it('wait for a connection and go out in order', async () => {
    const harness = new Harness();
    harness.call('read', '/a');
    harness.call('write', '/b');
    expect(harness.sentPaths).to.deep.equal([]);
    harness.queue.connected();
    expect(harness.sentPaths).to.deep.equal(['/a', '/b']);
    harness.sent[0]?.answer(undefined, 'done');
    harness.sent[1]?.answer(new ZooKeeperError('NO_NODE', '/b'));
    await turn();
    expect([...harness.ended]).to.deep.equal([['/a', 'done'], ['/b', 'NO_NODE']]);
  });

  it('that were sent end with CONNECTION_LOSS when they write, and go out again, first, when they read', async () => {
    const harness = new Harness(3);
    harness.queue.connected();
    for (const [kind, path] of [['read', '/a'], ['write', '/b'], ['read', '/c'], ['write', '/d']] as const) harness.call(kind, path);
    harness.queue.disconnected();
    await turn();
    expect([...harness.ended]).to.deep.equal([['/b', 'CONNECTION_LOSS']]);
    harness.sent.length = 0;
    harness.queue.connected();
    expect(harness.sentPaths).to.deep.equal(['/a', '/c', '/d']);
  });

  it('ignore an answer that belongs to an earlier connection', async () => {
    const harness = new Harness();
    harness.queue.connected();
    harness.call('read', '/a');
    harness.queue.disconnected();
    harness.queue.connected();
    harness.sent[0]?.answer(undefined, 'old');
    await turn();
    expect([...harness.ended]).to.deep.equal([]);
    harness.sent[1]?.answer(undefined, 'new');
    await turn();
    expect([...harness.ended]).to.deep.equal([['/a', 'new']]);
  });

  it('end with CONNECTION_LOSS, and the connection too, when their answer is a whole session late', async () => {
    const harness = new Harness(1);
    harness.queue.connected();
    harness.call('write', '/sent');
    harness.call('write', '/waiting');
    harness.clock.pass(timeoutMs - 1);
    await turn();
    expect(harness.ended.size).to.equal(0);
    harness.clock.pass(1);
    await turn();
    expect([...harness.ended]).to.deep.equal([['/sent', 'CONNECTION_LOSS']]);
    expect(harness.stuckCount).to.equal(1);
  });

  it('wait as long as it takes behind others, and end with OPERATION_TIMEOUT a session after the connection', async () => {
    const harness = new Harness(1);
    harness.queue.connected();
    for (const path of ['/a', '/b', '/c', '/d']) harness.call('write', path);
    for (let answered = 0; answered < 3; answered++) {
      harness.clock.pass(timeoutMs - 1);
      harness.sent[answered]?.answer(undefined, 'done');
    }
    harness.call('write', '/e');
    harness.queue.disconnected();
    harness.clock.pass(timeoutMs - 1);
    await turn();
    expect([...harness.ended]).to.deep.equal([['/a', 'done'], ['/b', 'done'], ['/c', 'done'], ['/d', 'CONNECTION_LOSS']]);
    harness.clock.pass(1);
    await turn();
    expect(harness.ended.get('/e')).to.equal('OPERATION_TIMEOUT');
    expect(harness.clock.timerCount).to.equal(0);
  });

  it('all end when the session does', async () => {
    const harness = new Harness(1);
    harness.queue.connected();
    harness.call('read', '/a');
    harness.call('write', '/b');
    harness.queue.rejectAll('SESSION_EXPIRED');
    await turn();
    expect([...harness.ended.values()]).to.deep.equal(['SESSION_EXPIRED', 'SESSION_EXPIRED']);
  });

  it('end with BAD_ARGUMENTS when the package does not take them', async () => {
    const harness = new Harness();
    harness.queue.connected();
    const refused = harness.queue.call('read', 'a', () => { throw new Error('Node path must start with / character.'); });
    const error = await refused.catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(ZooKeeperError).with.property('name', 'BAD_ARGUMENTS');
  });

  it('each end exactly once and never exceed the window, whatever happens in whatever order', async () => {
    const event = fc.constantFrom('read', 'write', 'connect', 'disconnect', 'answer', 'time', 'expire');
    await fc.assert(fc.asyncProperty(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), async (events, window) => {
      const harness = new Harness(window);
      let unanswered: Answer<string>[] = [];
      let started = 0;
      let isConnected = false;
      for (const kind of events) {
        const sentBefore = harness.sent.length;
        if (kind === 'read' || kind === 'write') harness.call(kind, `/${started++}`);
        if (kind === 'time') harness.clock.pass(timeoutMs / 2);
        if (kind === 'expire') harness.queue.rejectAll('SESSION_EXPIRED');
        if (kind === 'answer') unanswered.shift()?.(undefined, 'answered');
        if (kind === 'disconnect') harness.queue.disconnected();
        if (kind === 'connect' && !isConnected) harness.queue.connected();
        if (kind === 'connect') isConnected = true;
        if (kind === 'disconnect') {
          isConnected = false;
          unanswered = [];
        }
        unanswered.push(...harness.sent.slice(sentBefore).map(({ answer }) => answer));
        expect(unanswered.length).to.be.at.most(window);
      }
      harness.queue.disconnected();
      harness.clock.pass(timeoutMs);
      await turn();
      expect(harness.ended.size).to.equal(started);
      expect(harness.clock.timerCount).to.equal(0);
    }), { numRuns: 200 });
  });
});
