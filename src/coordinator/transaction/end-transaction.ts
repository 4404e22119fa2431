import type { Producer } from './add-partitions.ts';
import { answer } from './decision.ts';
import type { Decision } from './decision.ts';
import { noPartitions } from './partitions.ts';
import { noEpoch } from './transaction.ts';
import type { Transaction, TransactionEntry } from './transaction.ts';

export type Outcome = 'commit' | 'abort';

/**
 * EndTxn. The outcome is stored before anybody is told of it; from then on it is only carried out.
 * @see TransactionCoordinator.endTransaction in Apache Kafka 3.9
 */
export function endTransaction({ transaction, pending }: TransactionEntry, { producerId, epoch }: Producer, outcome: Outcome, nowMs: number): Decision {
  if (transaction.producerId !== producerId) return answer('INVALID_PRODUCER_ID_MAPPING');
  if (transaction.producerEpoch !== epoch) return answer('PRODUCER_FENCED');
  if (pending !== undefined) return answer('CONCURRENT_TRANSACTIONS');
  switch (transaction.state) {
    case 'Ongoing':
      return { kind: 'store', next: { ...transaction, state: outcome === 'commit' ? 'PrepareCommit' : 'PrepareAbort', updatedMs: nowMs } };
    case 'PrepareCommit':
    case 'PrepareAbort':
      return answer(outcomeOf(transaction) === outcome ? 'CONCURRENT_TRANSACTIONS' : 'INVALID_TXN_STATE');
    case 'CompleteCommit':
    case 'CompleteAbort':
      return answer(outcomeOf(transaction) === outcome ? 'NONE' : 'INVALID_TXN_STATE');
    default:
      return answer('INVALID_TXN_STATE');
  }
}

/** The abort of a transaction whose producer is fenced, because another came or its time is up. */
export function fence({ transaction, hasFailedFence }: TransactionEntry, nowMs: number): Transaction {
  const producerEpoch = hasFailedFence ? transaction.producerEpoch : transaction.producerEpoch + 1;
  return { ...transaction, producerEpoch, lastProducerEpoch: noEpoch, state: 'PrepareAbort', updatedMs: nowMs };
}

/** All markers are written. */
export function completed(transaction: Transaction, nowMs: number): Transaction {
  return { ...transaction, state: outcomeOf(transaction) === 'commit' ? 'CompleteCommit' : 'CompleteAbort', partitions: noPartitions, updatedMs: nowMs };
}

export function outcomeOf({ state }: Transaction): Outcome {
  return state === 'PrepareCommit' || state === 'CompleteCommit' ? 'commit' : 'abort';
}
