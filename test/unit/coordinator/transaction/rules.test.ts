import { expect } from 'chai';
import fc from 'fast-check';
import { verifyPartitions } from '../../../../src/coordinator/transaction/add-partitions.ts';
import { fence } from '../../../../src/coordinator/transaction/end-transaction.ts';
import { isExpired, isTimedOut } from '../../../../src/coordinator/transaction/expiry.ts';
import { afterMarker } from '../../../../src/coordinator/transaction/marker.ts';
import { entryOf, newTransaction, transactionStates } from '../../../../src/coordinator/transaction/transaction.ts';
import type { TransactionState } from '../../../../src/coordinator/transaction/transaction.ts';
import { firstProducerId, onePartition, Story } from './story.ts';

const inState = (state: TransactionState): Story => new Story({ state, producerEpoch: 3, startMs: 500, partitions: state === 'Ongoing' || state.startsWith('Prepare') ? onePartition : new Map() });

describe('a transactional id', () => {
  it('commits and aborts, one transaction after the other', () => {
    const story = new Story();
    expect(story.init()).to.equal('7/0');
    expect(story.add(0, 'a', 0)).to.equal('stored');
    expect(story.add(0, 'b', 1, 2)).to.equal('stored');
    expect(String(story)).to.equal('Ongoing 7/0 [a-0,b-1,b-2]');
    expect(story.end(0, 'commit')).to.equal('stored');
    expect(String(story)).to.equal('PrepareCommit 7/0 [a-0,b-1,b-2]');
    story.complete();
    expect(String(story)).to.equal('CompleteCommit 7/0 []');
    story.nowMs = 2000;
    expect(story.add(0, 'a', 0)).to.equal('stored');
    expect(story.entry.transaction.startMs).to.equal(2000);
    expect(story.end(0, 'abort')).to.equal('stored');
    story.complete();
    expect(String(story)).to.equal('CompleteAbort 7/0 []');
  });

  it('asks a producer to wait while a change of it is on its way to the log', () => {
    const story = new Story();
    story.init();
    story.isStoringLate = true;
    expect(story.add(0, 'a', 0)).to.equal('stored');
    expect([story.add(0, 'a', 0), story.end(0, 'commit'), story.init()]).to.deep.equal(['CONCURRENT_TRANSACTIONS', 'CONCURRENT_TRANSACTIONS', 'CONCURRENT_TRANSACTIONS']);
    story.settle(true);
    expect(story.add(0, 'a', 0)).to.equal('NONE');
  });

  const ends: readonly [TransactionState, string, string][] = [
    ['Empty', 'INVALID_TXN_STATE', 'INVALID_TXN_STATE'],
    ['Ongoing', 'stored', 'stored'],
    ['PrepareCommit', 'CONCURRENT_TRANSACTIONS', 'INVALID_TXN_STATE'],
    ['PrepareAbort', 'INVALID_TXN_STATE', 'CONCURRENT_TRANSACTIONS'],
    ['CompleteCommit', 'NONE', 'INVALID_TXN_STATE'],
    ['CompleteAbort', 'INVALID_TXN_STATE', 'NONE'],
  ];
  for (const [state, commit, abort] of ends) {
    it(`answers EndTxn in state ${state}`, () => {
      expect([inState(state).end(3, 'commit'), inState(state).end(3, 'abort'), inState(state).end(2, 'abort')]).to.deep.equal([commit, abort, 'PRODUCER_FENCED']);
    });
  }

  const inits: readonly [TransactionState, string, string][] = [
    ['Empty', '7/4', 'stored'],
    ['Ongoing', 'CONCURRENT_TRANSACTIONS', 'NONE'],
    ['PrepareCommit', 'CONCURRENT_TRANSACTIONS', 'CONCURRENT_TRANSACTIONS'],
    ['PrepareAbort', 'CONCURRENT_TRANSACTIONS', 'CONCURRENT_TRANSACTIONS'],
    ['CompleteCommit', '7/4', 'stored'],
    ['CompleteAbort', '7/4', 'stored'],
  ];
  for (const [state, init, add] of inits) {
    it(`answers InitProducerId and AddPartitionsToTxn in state ${state}`, () => {
      expect([inState(state).init(), inState(state).add(3, 'a', 0), inState(state).add(4, 'a', 0)]).to.deep.equal([init, add, 'PRODUCER_FENCED']);
    });
  }

  it('aborts an open transaction under a new epoch when another producer comes, who gets the one after', () => {
    const story = inState('Ongoing');
    expect(story.init()).to.equal('CONCURRENT_TRANSACTIONS');
    expect(String(story)).to.equal('PrepareAbort 7/4 [a-0]');
    expect(story.end(3, 'commit')).to.equal('PRODUCER_FENCED');
    story.complete();
    expect(story.init()).to.equal('7/5');
  });

  it('takes no further epoch for a fence after one that was perhaps not stored', () => {
    const story = inState('Ongoing');
    story.entry.transaction = { ...story.entry.transaction, producerEpoch: fence(story.entry, 0).producerEpoch };
    story.entry.hasFailedFence = true;
    expect(fence(story.entry, 0).producerEpoch).to.equal(4);
  });

  it('bumps the epoch of a producer that goes on after an error, once however often it asks (KIP-360)', () => {
    const story = inState('CompleteAbort');
    expect(story.init({ producerId: firstProducerId, epoch: 3 })).to.equal('7/4');
    expect(story.init({ producerId: firstProducerId, epoch: 3 })).to.equal('7/4');
    expect(story.init({ producerId: firstProducerId, epoch: 2 })).to.equal('PRODUCER_FENCED');
    expect(story.init({ producerId: 99, epoch: 4 })).to.equal('PRODUCER_FENCED');
    expect(story.init()).to.equal('7/5');
    expect(story.init({ producerId: firstProducerId, epoch: 4 })).to.equal('PRODUCER_FENCED');
  });

  it('gets a new producer id when epochs are used up', () => {
    const story = new Story({ producerEpoch: 32_765 });
    expect(story.init()).to.equal('7/32766');
    expect(story.init({ producerId: firstProducerId, epoch: 32_766 })).to.equal('8/0');
    expect(story.init({ producerId: firstProducerId, epoch: 32_766 })).to.equal('8/0'); // the answer was lost
    expect(story.init({ producerId: firstProducerId, epoch: 3 })).to.equal('PRODUCER_FENCED');
  });

  it('tells the leader of a partition whether it is in the transaction', () => {
    const { entry } = inState('Ongoing');
    const asked = [{ topic: 'a', partition: 0 }, { topic: 'a', partition: 1 }];
    expect(verifyPartitions(entry, { producerId: 7, epoch: 3 }, asked)).to.deep.equal(['NONE', 'TRANSACTION_ABORTABLE']);
    expect(verifyPartitions(entry, { producerId: 7, epoch: 2 }, asked)).to.deep.equal(['PRODUCER_FENCED', 'PRODUCER_FENCED']);
    expect(verifyPartitions(entry, { producerId: 8, epoch: 3 }, asked)).to.deep.equal(['INVALID_PRODUCER_ID_MAPPING', 'INVALID_PRODUCER_ID_MAPPING']);
    expect(verifyPartitions(inState('PrepareAbort').entry, { producerId: 7, epoch: 3 }, asked)).to.deep.equal(['CONCURRENT_TRANSACTIONS', 'CONCURRENT_TRANSACTIONS']);
  });

  it('is timed out only while its transaction is open, and expires only when it has none', () => {
    const open = entryOf({ ...newTransaction('t', 7, 100, 0), state: 'Ongoing', startMs: 1000 });
    expect([isTimedOut(open, 1100), isTimedOut(open, 1101), isTimedOut({ ...open, pending: open.transaction }, 1101)]).to.deep.equal([false, true, false]);
    const expiring = transactionStates.filter((state) => isExpired(entryOf({ ...newTransaction('t', 7, 100, 0), state }), 1000, 1000));
    expect(expiring).to.deep.equal(['Empty', 'CompleteCommit', 'CompleteAbort']);
    expect(isExpired(open, Infinity, 0)).to.equal(false);
  });

  it('retries a marker where the leader may be another or the log may recover, and gives way to a later coordinator', () => {
    const expected = { NONE: 'done', UNSUPPORTED_FOR_MESSAGE_FORMAT: 'done', NOT_LEADER_OR_FOLLOWER: 'again', KAFKA_STORAGE_ERROR: 'again', NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'again', TRANSACTION_COORDINATOR_FENCED: 'superseded', INVALID_PRODUCER_EPOCH: 'superseded', CORRUPT_MESSAGE: 'unexpected' } as const;
    for (const [error, outcome] of Object.entries(expected)) expect(afterMarker(error as keyof typeof expected), error).to.equal(outcome);
  });

  it('never reuses an epoch and never changes a stored outcome, whatever is asked in whatever order', () => {
    const step = fc.oneof(
      fc.constant('init' as const),
      fc.constant('add' as const),
      fc.constant('commit' as const),
      fc.constant('abort' as const),
      fc.constant('complete' as const),
      fc.constant('lost' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const story = new Story();
        const given = new Set<string>();
        for (const what of steps) {
          const before = story.entry.transaction;
          if (what === 'init') {
            const answer = story.init();
            if (answer.includes('/')) {
              expect(given.has(answer)).to.equal(false);
              given.add(answer);
            }
          } else if (what === 'add') story.add(before.producerEpoch, 'a', 0);
          else if (what === 'complete') story.complete();
          else if (what === 'lost') {
            story.isStoringLate = true;
            story.end(before.producerEpoch, 'commit');
            story.settle(false);
            story.isStoringLate = false;
          } else story.end(before.producerEpoch, what);
          const { state } = story.entry.transaction;
          if (before.state === 'PrepareCommit') expect(['PrepareCommit', 'CompleteCommit']).to.include(state);
          if (before.state === 'PrepareAbort') expect(['PrepareAbort', 'CompleteAbort']).to.include(state);
        }
      }),
    );
  });
});
