import { expect } from 'chai';
import fc from 'fast-check';
import { SessionTracker } from '../../../src/zookeeper-server/session-tracker.ts';

describe('session tracker', () => {
  it('ends a session at the first whole tick after its timeout', () => {
    const tracker = new SessionTracker(500);
    expect(tracker.touch('a', 2000, 1234)).to.equal(3500);
    expect(tracker.expire(3499)).to.deep.equal([]);
    expect(tracker.expire(3500)).to.deep.equal(['a']);
    expect(tracker.count).to.equal(0);
  });

  it('gives a session that ends exactly at a tick one tick more', () => {
    expect(new SessionTracker(500).touch('a', 2000, 1000)).to.equal(3500);
  });

  it('lets every touched session live its timeout and at most one tick longer', () => {
    const steps = fc.array(fc.record({ session: fc.constantFrom('a', 'b', 'c'), waitMs: fc.nat(1500) }), { maxLength: 60 });
    fc.assert(fc.property(steps, fc.integer({ min: 1, max: 700 }), (all, tickMs) => {
      const tracker = new SessionTracker(tickMs);
      const touchedMs = new Map<string, number>();
      let nowMs = 0;
      for (const { session, waitMs } of all) {
        nowMs += waitMs;
        for (const ended of tracker.expire(nowMs)) {
          expect(nowMs - touchedMs.get(ended)!).to.be.greaterThan(1000);
          touchedMs.delete(ended);
        }
        for (const at of touchedMs.values()) expect(nowMs - at).to.be.at.most(1000 + tickMs);
        tracker.touch(session, 1000, nowMs);
        touchedMs.set(session, nowMs);
        const next = Math.min(...touchedMs.values());
        expect(tracker.nextDeadlineMs).to.equal((Math.floor((next + 1000) / tickMs) + 1) * tickMs);
      }
      expect(tracker.count).to.equal(touchedMs.size);
    }));
  });

  it('forgets a session that was closed', () => {
    const tracker = new SessionTracker(100);
    tracker.touch('a', 1000, 0);
    tracker.forget('a');
    expect(tracker.nextDeadlineMs).to.equal(undefined);
    expect(tracker.expire(1e9)).to.deep.equal([]);
  });
});
