import { expect } from 'chai';
import fc from 'fast-check';
import { beforeEndMoves, expandedIsr, fetched, highWatermark, maximalIsr, neverMs, shrunkIsr, unknownFollower } from '../../../src/replica/in-sync.ts';
import type { Follower, LeaderView } from '../../../src/replica/in-sync.ts';

const lagMaxMs = 30_000;
const follower = (logEndOffset: number, caughtUpAtMs: number): Follower => ({ ...unknownFollower, logEndOffset, caughtUpAtMs });
const leader = (view: Partial<LeaderView>): LeaderView => ({ id: 1, logEndOffset: 10, isr: [1, 2, 3], pendingIsr: undefined, followers: new Map(), ...view });
const everyone = (_id: number): boolean => true;

describe('in-sync set of a partition that this broker leads', () => {
  const cases: readonly { readonly name: string; readonly followers: [number, Follower][]; readonly pending?: readonly number[]; readonly isr: readonly number[] | undefined }[] = [
    { name: 'drops a follower that has not caught up for replica.lag.time.max.ms', followers: [[2, follower(10, 0)], [3, follower(4, 0)]], isr: [1, 2] },
    { name: 'keeps a silent follower that has everything', followers: [[2, follower(10, 0)], [3, follower(10, 0)]], isr: undefined },
    { name: 'keeps one that lags, but not for long', followers: [[2, follower(9, 20_000)], [3, follower(4, 1)]], isr: undefined },
    { name: 'drops those that never fetched', followers: [[2, unknownFollower], [3, unknownFollower]], isr: [1] },
    { name: 'asks nothing while a change is under way', followers: [[2, follower(0, 0)], [3, follower(0, 0)]], pending: [1, 2], isr: undefined },
  ];
  for (const { name, followers, pending, isr } of cases) {
    it(name, () => {
      expect(shrunkIsr(leader({ followers: new Map(followers), pendingIsr: pending }), 30_001, lagMaxMs)).to.deep.equal(isr);
    });
  }

  it('takes in a follower that has reached the high watermark and the start of the leader epoch', () => {
    const view = leader({ isr: [1, 2], followers: new Map([[2, follower(10, 0)], [3, follower(8, 0)]]) });
    expect(expandedIsr(view, 3, 8, 5)).to.deep.equal([1, 2, 3]);
    expect(expandedIsr(view, 3, 9, 5)).to.equal(undefined);
    expect(expandedIsr(view, 3, 8, 9)).to.equal(undefined);
    expect(expandedIsr(view, 2, 8, 5)).to.equal(undefined);
    expect(expandedIsr({ ...view, pendingIsr: [1] }, 3, 8, 5)).to.equal(undefined);
  });
});

describe('high watermark of a partition that this broker leads', () => {
  const at = (view: Partial<LeaderView>, nowMs = 100_000, isAlive = everyone): number => highWatermark(leader(view), nowMs, lagMaxMs, isAlive);

  it('is the least end of the in-sync replicas', () => {
    expect(at({ followers: new Map([[2, follower(7, 0)], [3, follower(5, 0)]]) })).to.equal(5);
  });
  it('passes over a replica that is neither in sync nor about to be', () => {
    expect(at({ isr: [1, 2], followers: new Map([[2, follower(7, 0)], [3, follower(5, 0)]]) })).to.equal(7);
  });
  it('waits for a living replica that was caught up a moment ago, and for no dead one', () => {
    const followers = new Map([[2, follower(7, 0)], [3, follower(5, 99_000)]]);
    expect(at({ isr: [1, 2], followers })).to.equal(5);
    expect(at({ isr: [1, 2], followers }, 100_000, (id) => id !== 3)).to.equal(7);
  });
  it('waits for those that a change under way would take in, and for those it would drop', () => {
    const followers = new Map([[2, follower(7, 0)], [3, follower(5, 0)]]);
    expect(at({ isr: [1, 2], pendingIsr: [1, 2, 3], followers })).to.equal(5);
    expect(at({ isr: [1, 2, 3], pendingIsr: [1, 2], followers })).to.equal(5);
  });
  it('stands at 0 while an in-sync replica has not fetched from this leader', () => {
    expect(at({ followers: new Map([[2, follower(7, 0)], [3, unknownFollower]]) })).to.equal(0);
  });
});

describe('caught-up time of a follower', () => {
  it('is that of the session, for a follower that has everything while its partition is not named', () => {
    const session = { lastUsedMs: 100 };
    const idle = fetched(unknownFollower, { fetchOffset: 10, logStartOffset: 0, leaderEndOffset: 10, session }, 100);
    session.lastUsedMs = 90_000;
    expect(beforeEndMoves(idle, 10)).to.include({ caughtUpAtMs: 90_000, logEndOffset: 10, lastFetchLeaderEndOffset: 10 });
    expect(beforeEndMoves(idle, 11)).to.equal(idle);
    expect(shrunkIsr(leader({ logEndOffset: 11, isr: [1, 2], followers: new Map([[2, beforeEndMoves(idle, 10)]]) }), 90_001, lagMaxMs)).to.equal(undefined);
    expect(shrunkIsr(leader({ logEndOffset: 11, isr: [1, 2], followers: new Map([[2, idle]]) }), 90_001, lagMaxMs)).to.deep.equal([1]);
  });

  it('is that of the fetch before, once the follower has what the leader had then', () => {
    const first = fetched(unknownFollower, { fetchOffset: 0, logStartOffset: 0, leaderEndOffset: 10 }, 100);
    expect(first.caughtUpAtMs).to.equal(neverMs);
    const second = fetched(first, { fetchOffset: 10, logStartOffset: 0, leaderEndOffset: 20 }, 200);
    expect(second.caughtUpAtMs).to.equal(100);
    expect(fetched(second, { fetchOffset: 20, logStartOffset: 0, leaderEndOffset: 20 }, 300).caughtUpAtMs).to.equal(300);
  });

  it('never moves back, and never lies in the future', () => {
    const fetch = fc.record({ fetchOffset: fc.nat(50), leaderEndOffset: fc.nat(50), afterMs: fc.nat(1000) });
    fc.assert(
      fc.property(fc.array(fetch, { maxLength: 20 }), (fetches) => {
        let state = unknownFollower;
        let nowMs = 0;
        for (const { fetchOffset, leaderEndOffset, afterMs } of fetches) {
          nowMs += afterMs;
          const next = fetched(state, { fetchOffset: Math.min(fetchOffset, leaderEndOffset), logStartOffset: 0, leaderEndOffset }, nowMs);
          expect(next.caughtUpAtMs).to.be.at.least(state.caughtUpAtMs);
          expect(next.caughtUpAtMs).to.be.at.most(nowMs);
          state = next;
        }
      }),
    );
  });
});

describe('high watermark and ISR, whatever the followers do', () => {
  const ids = [2, 3, 4];
  const world = fc.record({
    logEndOffset: fc.nat(20),
    isr: fc.subarray(ids).map((others) => [1, ...others]),
    pendingIsr: fc.option(fc.subarray(ids).map((others) => [1, ...others]), { nil: undefined }),
    offsets: fc.tuple(fc.integer({ min: -1, max: 20 }), fc.integer({ min: -1, max: 20 }), fc.integer({ min: -1, max: 20 })),
    times: fc.tuple(fc.nat(60_000), fc.nat(60_000), fc.nat(60_000)),
  });
  it('never passes a member of the maximal ISR, and a dropped one is never the leader', () => {
    fc.assert(
      fc.property(world, ({ logEndOffset, isr, pendingIsr, offsets, times }) => {
        const followers = new Map(ids.map((id, index) => [id, follower(Math.min(offsets[index]!, logEndOffset), times[index]!)]));
        const view: LeaderView = { id: 1, logEndOffset, isr, pendingIsr, followers };
        const watermark = highWatermark(view, 60_000, lagMaxMs, everyone);
        expect(watermark).to.be.at.most(logEndOffset);
        for (const id of maximalIsr(view)) if (id !== 1) expect(watermark).to.be.at.most(Math.max(0, followers.get(id)!.logEndOffset));
        expect(shrunkIsr(view, 60_000, lagMaxMs) ?? isr).to.include(1);
      }),
    );
  });
});
