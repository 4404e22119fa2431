import type { ErrorName } from '../../protocol/errors.ts';
import type { TopicPartition } from '../group/partition-map.ts';
import { answer } from './decision.ts';
import type { Decision } from './decision.ts';
import { hasPartition, withPartitions } from './partitions.ts';
import { isCompleting } from './transaction.ts';
import type { Transaction, TransactionEntry } from './transaction.ts';

export interface Producer {
  readonly producerId: number;
  readonly epoch: number;
}

/** AddPartitionsToTxn and AddOffsetsToTxn: the transaction begins with its first partition. */
export function addPartitions({ transaction, pending }: TransactionEntry, producer: Producer, added: readonly TopicPartition[], nowMs: number): Decision {
  const error = producerError(transaction, producer);
  if (error !== undefined) return answer(error);
  if (pending !== undefined || isCompleting(transaction)) return answer('CONCURRENT_TRANSACTIONS');
  const isOngoing = transaction.state === 'Ongoing';
  if (isOngoing && added.every((one) => hasPartition(transaction.partitions, one))) return answer('NONE');
  return {
    kind: 'store',
    next: { ...transaction, state: 'Ongoing', partitions: withPartitions(transaction.partitions, added), startMs: isOngoing ? transaction.startMs : nowMs, updatedMs: nowMs },
  };
}

/** Whether partitions are in the transaction: their leaders ask before its first record (KIP-890). */
export function verifyPartitions({ transaction }: TransactionEntry, producer: Producer, asked: readonly TopicPartition[]): readonly ErrorName[] {
  const error = producerError(transaction, producer) ?? (isCompleting(transaction) ? 'CONCURRENT_TRANSACTIONS' : undefined);
  return asked.map((one) => error ?? (hasPartition(transaction.partitions, one) ? 'NONE' : 'TRANSACTION_ABORTABLE'));
}

function producerError(transaction: Transaction, { producerId, epoch }: Producer): ErrorName | undefined {
  if (transaction.producerId !== producerId) return 'INVALID_PRODUCER_ID_MAPPING';
  return transaction.producerEpoch === epoch ? undefined : 'PRODUCER_FENCED';
}
