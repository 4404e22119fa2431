import { expect } from 'chai';
import fc from 'fast-check';
import type { FetchEntry } from '../../../src/client/fetch-session.ts';
import { afterFailedFetch, afterFetch, noFetchSession, planFetch } from '../../../src/client/fetch-session.ts';

const entry = (partition: number, fetchOffset: number): FetchEntry => ({ topic: 't', partition, topicId: undefined, fetchOffset, currentLeaderEpoch: 0, partitionMaxBytes: 1 });

describe('fetch sessions of a consumer', () => {
  it('name only what is new, changed or no longer wanted', () => {
    const first = planFetch(noFetchSession, [entry(0, 5), entry(1, 7)]);
    expect([first.sessionId, first.sessionEpoch, first.named.length]).to.deep.equal([0, 0, 2]);
    const session = afterFetch(first, 42);
    const second = planFetch(session, [entry(0, 6), entry(2, 0)]);
    expect([second.sessionId, second.sessionEpoch]).to.deep.equal([42, 1]);
    expect(second.named.map(({ partition }) => partition)).to.deep.equal([0, 2]);
    expect(second.forgotten.map(({ partition }) => partition)).to.deep.equal([1]);
    expect(planFetch(afterFetch(second, 42), [entry(0, 6), entry(2, 0)]).named).to.deep.equal([]);
  });

  it('begin anew after a failure, and stay away where the broker gives none', () => {
    const session = afterFetch(planFetch(noFetchSession, [entry(0, 5)]), 42);
    const again = planFetch(afterFailedFetch(session, false), [entry(0, 5)]);
    expect([again.sessionId, again.sessionEpoch, again.named.length]).to.deep.equal([42, 0, 1]);
    expect(planFetch(afterFailedFetch(session, true), [entry(0, 5)]).sessionId).to.equal(0);
    expect(afterFetch(again, 0)).to.deep.equal(noFetchSession);
  });

  it('leave the broker with just what is wanted, whatever is wanted in whatever order', () => {
    const wish = fc.uniqueArray(fc.record({ partition: fc.nat(5), offset: fc.nat(3) }), { selector: ({ partition }) => partition });
    fc.assert(
      fc.property(fc.array(wish), (wishes) => {
        let session = noFetchSession;
        let remembered = new Map<number, number>();
        for (const entries of wishes.map((its) => its.map(({ partition, offset }) => entry(partition, offset)))) {
          const plan = planFetch(session, entries);
          if (plan.sessionEpoch === 0) remembered = new Map();
          for (const { partition } of plan.forgotten) remembered.delete(partition);
          for (const { partition, fetchOffset } of plan.named) remembered.set(partition, fetchOffset);
          expect([...remembered].toSorted()).to.deep.equal(entries.map(({ partition, fetchOffset }) => [partition, fetchOffset]).toSorted());
          session = afterFetch(plan, 7);
        }
      }),
    );
  });
});
