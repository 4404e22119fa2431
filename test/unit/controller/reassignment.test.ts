import { expect } from 'chai';
import fc from 'fast-check';
import { imbalanced } from '../../../src/controller/imbalance.ts';
import type { ControlledPartition } from '../../../src/controller/cluster-state.ts';
import { isBeingReassigned, isReassignmentComplete, originOf, reassignedTo, targetFault, targetOf } from '../../../src/controller/reassignment.ts';

const settled = (replicas: readonly number[]) => ({ replicas, addingReplicas: [], removingReplicas: [] });
const replicaSets = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 });

describe('reassignment of a partition', () => {
  it('keeps the old replicas behind the new ones until it is complete, as Kafka 3.9.1 was seen to do', () => {
    expect(reassignedTo(settled([1, 2]), [3, 2])).to.deep.equal({ replicas: [3, 2, 1], addingReplicas: [3], removingReplicas: [1] });
  });

  it('knows where it came from and where it goes, also when it is turned aside on the way', () => {
    fc.assert(
      fc.property(replicaSets, replicaSets, replicaSets, (origin, first, second) => {
        const turned = reassignedTo(reassignedTo(settled(origin), first), second);
        expect(targetOf(turned)).to.deep.equal(second);
        expect(originOf(turned).toSorted()).to.deep.equal(origin.toSorted());
        const back = reassignedTo(turned, originOf(turned));
        expect(isBeingReassigned(back)).to.equal(false);
        expect(back.replicas.toSorted()).to.deep.equal(origin.toSorted());
      }),
    );
  });

  it('is complete when every target is in sync, whoever else is', () => {
    const state = { controllerEpoch: 1, leader: 1, leaderEpoch: 0, leaderRecoveryState: 'RECOVERED' as const };
    const assignment = reassignedTo(settled([1, 2]), [3, 2]);
    expect(isReassignmentComplete(assignment, { ...state, isr: [1, 2] })).to.equal(false);
    expect(isReassignmentComplete(assignment, { ...state, isr: [1, 2, 3] })).to.equal(true);
    expect(isReassignmentComplete(assignment, { ...state, isr: [3, 2] })).to.equal(true);
  });

  it('is refused for targets that cannot be', () => {
    const live = new Set([1, 2, 3]);
    expect(targetFault([3, 1], live)).to.equal(undefined);
    for (const target of [[], [1, 1], [-2], [4]]) expect(targetFault(target, live), target.join()).to.be.a('string');
  });
});

describe('leader imbalance', () => {
  const partition = (number: number, replicas: readonly number[], leader: number, isr: readonly number[] = replicas): ControlledPartition => ({
    topic: 't',
    partition: number,
    assignment: settled(replicas),
    leadership: { state: { controllerEpoch: 1, leader, leaderEpoch: 0, isr, leaderRecoveryState: 'RECOVERED' }, version: 0 },
  });
  const numbersOf = (partitions: readonly ControlledPartition[]): number[] => partitions.map(({ partition: number }) => number);
  const electable = new Set([1, 2]);

  it('is mended for brokers that lead less than they may, by more than the percentage', () => {
    const tenth = Array.from({ length: 10 }, (_, number) => partition(number, [1, 2], number === 0 ? 2 : 1));
    expect(numbersOf(imbalanced(tenth, electable, 10))).to.deep.equal([]);
    expect(numbersOf(imbalanced(tenth, electable, 9))).to.deep.equal([0]);
  });

  it('is left where the preferred replica is away or not in sync', () => {
    expect(numbersOf(imbalanced([partition(0, [3, 2], 2), partition(1, [1, 2], 2, [2]), partition(2, [1, 2], 2)], electable, 10))).to.deep.equal([2]);
  });
});
