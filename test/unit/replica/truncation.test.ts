import { expect } from 'chai';
import fc from 'fast-check';
import { truncationOf } from '../../../src/replica/truncation.ts';

const none = { epoch: -1, endOffset: -1 };

describe('where a follower cuts its log', () => {
  const cases = [
    { name: 'at the high watermark when the leader knows no such epoch', logEndOffset: 10, highWatermark: 6, ours: { epoch: 3, endOffset: 10 }, leaders: none, offset: 6, isComplete: true },
    { name: 'at the leader\'s end of the epoch that both have', logEndOffset: 10, highWatermark: 6, ours: { epoch: 3, endOffset: 10 }, leaders: { epoch: 3, endOffset: 8 }, offset: 8, isComplete: true },
    { name: 'at our end of that epoch when it is less', logEndOffset: 10, highWatermark: 6, ours: { epoch: 3, endOffset: 7 }, leaders: { epoch: 3, endOffset: 8 }, offset: 7, isComplete: true },
    { name: 'where our next older epoch ends, to ask again, when we do not have the leader\'s epoch (KIP-279)', logEndOffset: 10, highWatermark: 2, ours: { epoch: 1, endOffset: 4 }, leaders: { epoch: 2, endOffset: 8 }, offset: 4, isComplete: false },
    { name: 'at the leader\'s end when all our epochs are older', logEndOffset: 10, highWatermark: 2, ours: none, leaders: { epoch: 2, endOffset: 8 }, offset: 8, isComplete: true },
    { name: 'at our start when all our epochs are newer than the leader\'s', logEndOffset: 10, highWatermark: 2, ours: { epoch: 2, endOffset: 3 }, leaders: { epoch: 2, endOffset: 8 }, offset: 3, isComplete: true },
    { name: 'nowhere when the leader has all that we have', logEndOffset: 10, highWatermark: 2, ours: { epoch: 3, endOffset: 10 }, leaders: { epoch: 3, endOffset: 50 }, offset: 10, isComplete: true },
  ];
  for (const { name, offset, isComplete, leaders, ...view } of cases) {
    it(name, () => expect(truncationOf(view, leaders)).to.deep.equal({ offset, isComplete }));
  }

  /** Logs as lists of epochs, one for each offset; the leader's and the follower's share a beginning. */
  const grow = (from: readonly number[], steps: readonly number[]): number[] => {
    const log = [...from];
    for (const step of steps) log.push((log.at(-1) ?? 0) + step);
    return log;
  };
  /** As a log answers: its start for an epoch that is older than all. A leader also has its own epoch, newer than all. */
  const endOf = (log: readonly number[], epoch: number, isLeader: boolean) => {
    if (!isLeader && epoch > (log.at(-1) ?? -1)) return none;
    const below = log.filter((one) => one <= epoch);
    return { epoch: below.at(-1) ?? epoch, endOffset: below.length };
  };

  it('leaves a log that is a beginning of the leader\'s and keeps what they share, however the two went apart', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 12 });
    fc.assert(
      fc.property(steps, steps, steps, (common, more, other) => {
        const shared = grow([], common);
        const leaders = grow(shared, more);
        // No two leaders share an epoch: the follower's own epochs are none of the leader's.
        const highest = Math.max(0, ...leaders);
        const own = other.map((step) => step + highest + 1).sort((a, b) => a - b);
        let ours = [...shared, ...own];
        for (let rounds = 0; ours.length > 0; rounds++) {
          expect(rounds).to.be.lessThan(50);
          const latest = ours.at(-1)!;
          const answer = endOf(leaders, latest, true);
          const { offset, isComplete } = truncationOf({ logEndOffset: ours.length, highWatermark: 0, ours: endOf(ours, answer.epoch, false) }, answer);
          ours = ours.slice(0, offset);
          if (isComplete) break;
        }
        expect(ours).to.deep.equal(leaders.slice(0, ours.length));
        if (leaders.length > 0) expect(ours.length).to.be.at.least(shared.length);
      }),
    );
  });
});
