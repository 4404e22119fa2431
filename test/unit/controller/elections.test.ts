import { expect } from 'chai';
import fc from 'fast-check';
import { electForShutdown, electOffline, electPreferred, firstState, needsUncleanElection, repaired, withoutReplica } from '../../../src/controller/elections.ts';
import type { PartitionState } from '../../../src/zookeeper/znodes/partition-state.ts';

const epoch = 7;
const state = (leader: number, isr: readonly number[], change: Partial<PartitionState> = {}): PartitionState => ({ controllerEpoch: 1, leader, leaderEpoch: 4, isr, leaderRecoveryState: 'RECOVERED', ...change });
const set = (...ids: number[]): ReadonlySet<number> => new Set(ids);
const told = (found: PartitionState | undefined): string => (found === undefined ? 'stays' : `leader ${found.leader} isr ${found.isr.join(',')} epoch ${found.leaderEpoch}${found.leaderRecoveryState === 'RECOVERING' ? ' recovering' : ''}`);

describe('election of a partition\'s leader', () => {
  it('makes the first living replica of a new partition its leader, and all living ones in sync', () => {
    expect(firstState([2, 1, 3], set(1, 2, 3), epoch)).to.deep.equal(state(2, [2, 1, 3], { controllerEpoch: epoch, leaderEpoch: 0 }));
    expect(told(firstState([2, 1, 3], set(3, 1), epoch))).to.equal('leader 1 isr 1,3 epoch 0');
    expect(firstState([2, 1], set(3), epoch)).to.equal(undefined);
  });

  it('replaces a dead leader by the first in-sync replica of the assignment, in one write (golden step 04)', () => {
    expect(told(electOffline([3, 2, 1], state(3, [3, 2, 1]), set(1, 2), false, epoch))).to.equal('leader 2 isr 2,1 epoch 5');
    expect(told(electOffline([3, 2, 1], state(3, [3, 1]), set(1, 2), false, epoch))).to.equal('leader 1 isr 1 epoch 5');
  });

  it('takes one that is out of sync only where that is allowed, and says that records are being recovered (step 44)', () => {
    expect(electOffline([1, 3], state(-1, [1]), set(3), false, epoch)).to.equal(undefined);
    expect(told(electOffline([1, 3], state(-1, [1]), set(3), true, epoch))).to.equal('leader 3 isr 3 epoch 5 recovering');
  });

  it('prefers the first of the assignment where it lives and is in sync', () => {
    expect(told(electPreferred([1, 2], state(2, [2, 1]), set(1, 2), epoch))).to.equal('leader 1 isr 2,1 epoch 5');
    expect(told(electPreferred([1, 2], state(2, [2]), set(1, 2), epoch))).to.equal('stays');
    expect(told(electPreferred([1, 2], state(2, [2, 1]), set(2), epoch))).to.equal('stays');
    expect(told(electPreferred([1, 2], state(1, [1, 2]), set(1, 2), epoch))).to.equal('stays');
  });

  it('hands over what a stopping broker leads, unless nobody else can lead', () => {
    expect(told(electForShutdown([1, 2, 3], state(1, [1, 2, 3]), set(1, 2, 3), set(1, 2), epoch))).to.equal('leader 3 isr 3 epoch 5');
    expect(told(electForShutdown([1, 2], state(1, [1]), set(1, 2), set(1), epoch))).to.equal('stays');
  });

  it('never takes the last member out of an ISR', () => {
    expect(told(withoutReplica(state(2, [2, 1, 3]), 3, epoch))).to.equal('leader 2 isr 2,1 epoch 5');
    expect(told(withoutReplica(state(1, [1]), 1, epoch))).to.equal('leader -1 isr 1 epoch 5');
    expect(told(withoutReplica(state(2, [2, 1]), 3, epoch))).to.equal('stays');
  });
});

describe('repair of a partition after brokers came or went', () => {
  const repair = (before: PartitionState, registered: ReadonlySet<number>, stopping: readonly number[] = [], isUncleanAllowed = false): string =>
    told(repaired([1, 2, 3], before, { registered, electable: new Set(Array.from(registered).filter((id) => !stopping.includes(id))) }, isUncleanAllowed, epoch));

  it('is one write with the next epoch, however many are gone', () => {
    expect(repair(state(1, [1, 2, 3]), set(3))).to.equal('leader 3 isr 3 epoch 5');
    expect(repair(state(2, [2, 1, 3]), set(2))).to.equal('leader 2 isr 2 epoch 5');
  });

  it('leaves a partition without a leader when only the last in-sync replica died, and only once', () => {
    const after = repaired([1, 2], state(1, [1]), { registered: set(2), electable: set(2) }, false, epoch);
    expect(told(after)).to.equal('leader -1 isr 1 epoch 5');
    expect(told(repaired([1, 2], after!, { registered: set(2), electable: set(2) }, false, epoch))).to.equal('stays');
  });

  it('does nothing while all live, also when the leader is about to stop', () => {
    expect(repair(state(1, [1, 2, 3]), set(1, 2, 3))).to.equal('stays');
    expect(repair(state(1, [1, 2, 3]), set(1, 2, 3), [1])).to.equal('stays');
  });

  it('asks for an unclean election only where no in-sync replica lives and another does', () => {
    const living = (...ids: number[]) => ({ registered: set(...ids), electable: set(...ids) });
    expect(needsUncleanElection([1, 2], state(-1, [1]), living(2))).to.equal(true);
    expect(needsUncleanElection([1, 2], state(-1, [1]), living(1, 2))).to.equal(false);
    expect(needsUncleanElection([1, 2], state(-1, [1]), living(3))).to.equal(false);
    expect(needsUncleanElection([1, 2], state(1, [1]), living(1))).to.equal(false);
  });

  it('elects only who lives and, unless unclean, has every acknowledged record; is settled after one step', () => {
    const brokers = fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });
    const cluster = brokers.chain((replicas) => fc.record({
      replicas: fc.constant(replicas),
      isr: fc.shuffledSubarray(replicas, { minLength: 1 }),
      registered: fc.subarray([1, 2, 3, 4, 5]),
      stopping: fc.subarray([1, 2, 3, 4, 5]),
      leaderIndex: fc.nat(),
      isUnclean: fc.boolean(),
    }));
    fc.assert(fc.property(cluster, ({ replicas, isr, registered, stopping, leaderIndex, isUnclean }) => {
      const before = state(isr[leaderIndex % isr.length]!, isr);
      const living = { registered: new Set(registered), electable: new Set(registered.filter((id) => !stopping.includes(id))) };
      const after = repaired(replicas, before, living, isUnclean, epoch);
      if (after === undefined) return;
      expect(after.leaderEpoch).to.equal(before.leaderEpoch + 1);
      expect(after.isr).to.have.length.greaterThan(0);
      if (after.leader !== -1) {
        expect(after.isr).to.include(after.leader);
        if (after.leader !== before.leader) expect(living.electable.has(after.leader)).to.equal(true);
        if (!isUnclean) expect(before.isr).to.include(after.leader);
      }
      expect(repaired(replicas, after, living, isUnclean, epoch)).to.equal(undefined);
    }), { numRuns: 500 });
  });
});
