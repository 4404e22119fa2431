import { expect } from 'chai';
import { compactionCheckers } from './checkers/compaction/index.ts';
import { groupCheckers } from './checkers/groups/index.ts';
import { transactionCheckers } from './checkers/transactions/index.ts';
import { newGroupHistory, noteDelivered } from './workloads/groups/history.ts';
import type { CompactionHistory } from './workloads/compaction/history.ts';
import { newTransactionHistory } from './workloads/transactions/history.ts';
import type { Copier } from './workloads/transactions/history.ts';

describe('the checkers of the simulator', () => {
  it('find each wrong in a group that has them all', () => {
    const history = newGroupHistory('workers');
    history.assignments.push({ place: 'a', generation: 3, partitions: [0, 1] }, { place: 'b', generation: 3, partitions: [1] });
    noteDelivered(history, [{ partition: 0, offset: 0 }, { partition: 0, offset: 1 }, { partition: 0, offset: 3 }]);
    history.commits.push({ member: 'a', generation: 3, partition: 0, offset: 2, sentAt: history.tick(), ackedAt: history.tick() });
    const fetched = (offset: number): void => void history.fetched.push({ generation: 4, startedAt: history.tick(), endedAt: history.tick(), partition: 0, offset });
    fetched(2);
    fetched(1);
    fetched(3);
    expect(groupCheckers.flatMap((check) => check(history))).to.deep.equal([
      'a and b both have partition 1 in generation 3 of workers',
      'workers is told 1 for partition 0, where a had committed 2 in generation 3',
      'workers has committed 3 for partition 0, and was given what lies below 2 only',
    ]);
  });

  it('take a late commit of the same member, and what was delivered later, for right', () => {
    const history = newGroupHistory('workers');
    const commit = (offset: number, isAcked: boolean): void => void history.commits.push({ member: 'a', generation: 3, partition: 0, offset, sentAt: history.tick(), ackedAt: isAcked ? history.tick() : undefined });
    noteDelivered(history, [{ partition: 0, offset: 1 }]);
    noteDelivered(history, [{ partition: 0, offset: 0 }]);
    commit(1, false);
    commit(2, true);
    history.fetched.push({ generation: 4, startedAt: history.tick(), endedAt: history.tick(), partition: 0, offset: 1 });
    expect(groupCheckers.flatMap((check) => check(history))).to.deep.equal([]);
  });

  it('find each wrong in a compacted topic that has them all', () => {
    const write = (number: number, key: string, offset: number, isTombstone = false) => ({ number, partition: 0, key, isTombstone, offset });
    const history: CompactionHistory = {
      topic: 'accounts',
      keepsTombstones: true,
      writes: [write(0, 'x', 0), write(1, 'y', 1), write(2, 'x', 2, true), write(3, 'y', 3)],
      runs: [{ partition: 0, from: 0, records: [write(0, 'x', 0), write(3, 'y', 4)] }],
      kept: [write(0, 'x', 0), write(3, 'y', 3)],
    };
    expect(compactionCheckers.flatMap((check) => check(history))).to.deep.equal([
      'the last of x in accounts-0 is write 0 at offset 0, not tombstone 2 at offset 2',
      'write 3 is read at offset 4 of accounts-0, and was acknowledged at 3',
      'a reader from 0 to 4 of accounts-0 was not given write 3 at offset 3',
    ]);
  });

  it('find each wrong in transactions that have them all', () => {
    const history = newTransactionHistory('outputs');
    const copier = (name: string): Copier => ({ name, transactionalId: 't', begunAt: history.tick(), initialisedAt: history.tick() });
    const [old, young] = [copier('old'), copier('young')];
    const attempt = (id: number, by: Copier, copies: string[], outcome: 'committed' | 'unknown' | 'aborted') =>
      history.attempts.push({ id, copier: by, beganAt: history.tick(), copies, mayCommit: outcome !== 'aborted', isCommitted: outcome === 'committed' });
    attempt(0, old, ['a', 'b'], 'committed');
    attempt(1, young, ['c'], 'aborted');
    attempt(2, young, ['d'], 'unknown');
    for (const name of 'abcd') history.inputs.push({ name, partition: 0 });
    const copy = (attemptId: number, input: string, offset: number) => ({ partition: 0, offset, attempt: attemptId, input });
    history.kept.push(copy(1, 'c', 0), copy(0, 'a', 1), copy(2, 'd', 2));
    history.stored.push(copy(0, 'a', 1), copy(2, 'd', 2));
    history.read.push(copy(0, 'a', 1));
    expect(transactionCheckers.flatMap((check) => check(history))).to.deep.equal([
      '1 of 2 records of transaction 0 of old are in outputs: it was committed',
      '1 of 1 records of transaction 1 of young are in outputs: it was never committed',
      'old committed transaction 0, which it began when young had t',
      'a reader of outputs-0 was given c of transaction 1 at offset 0 where a of transaction 0 at offset 1 is committed',
      'there are 0 copies of b in outputs',
      'the copy of a at offset 1 of outputs-0 stands behind one of a later record',
    ]);
  });
});
