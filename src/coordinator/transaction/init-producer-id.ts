import { answer } from './decision.ts';
import type { Decision } from './decision.ts';
import { noPartitions } from './partitions.ts';
import { isCompleting, isEpochExhausted, noEpoch } from './transaction.ts';
import type { Transaction, TransactionEntry } from './transaction.ts';

/** Who asks, when it is a producer that goes on after an error (KIP-360). */
export interface ProducerIdAndEpoch {
  readonly producerId: number;
  readonly epoch: number;
}

export interface InitProducerId {
  readonly timeoutMs: number;
  readonly expected: ProducerIdAndEpoch | undefined;
}

/** `fence`: the open transaction is to be aborted first, under a new epoch. `new-producer-id`: the epochs of the present one are used up. */
export type InitDecision = Decision | { readonly kind: 'fence' } | { readonly kind: 'new-producer-id' };

/**
 * InitProducerId of a transactional id: its next epoch, which fences whoever had the one before.
 * @param newProducerId given when this was asked before and answered `new-producer-id`
 * @see TransactionCoordinator.prepareInitProducerIdTransit in Apache Kafka 3.9
 */
export function initProducerId({ transaction, pending }: TransactionEntry, request: InitProducerId, newProducerId: number | undefined, nowMs: number): InitDecision {
  if (pending !== undefined) return answer('CONCURRENT_TRANSACTIONS');
  const { expected } = request;
  if (expected !== undefined && !isProducerIdValid(transaction, expected)) return answer('PRODUCER_FENCED');
  if (isCompleting(transaction)) return answer('CONCURRENT_TRANSACTIONS');
  if (transaction.state === 'Ongoing') return { kind: 'fence' };
  const empty = { ...transaction, lastProducerId: transaction.producerId, timeoutMs: request.timeoutMs, state: 'Empty', partitions: noPartitions, startMs: -1, updatedMs: nowMs } as const;
  if (isEpochExhausted(transaction.producerEpoch) && (expected === undefined || expected.epoch === transaction.producerEpoch)) {
    if (newProducerId === undefined) return { kind: 'new-producer-id' };
    return { kind: 'store', next: { ...empty, producerId: newProducerId, producerEpoch: 0, lastProducerEpoch: expected === undefined ? noEpoch : transaction.producerEpoch } };
  }
  const epochs = nextEpochs(transaction, expected?.epoch);
  return epochs === undefined ? answer('PRODUCER_FENCED') : { kind: 'store', next: { ...empty, ...epochs } };
}

/** The one before is valid too where its epochs were used up: it may have missed the answer that gave it a new id. */
function isProducerIdValid(transaction: Transaction, { producerId, epoch }: ProducerIdAndEpoch): boolean {
  return (
    transaction.producerEpoch === noEpoch ||
    producerId === transaction.producerId ||
    (producerId === transaction.lastProducerId && isEpochExhausted(epoch))
  );
}

/** Undefined for a producer that was fenced. */
function nextEpochs({ producerEpoch, lastProducerEpoch }: Transaction, expected: number | undefined): Pick<Transaction, 'producerEpoch' | 'lastProducerEpoch'> | undefined {
  if (expected === undefined) return { producerEpoch: producerEpoch + 1, lastProducerEpoch: noEpoch };
  if (producerEpoch === noEpoch || expected === producerEpoch) return { producerEpoch: producerEpoch + 1, lastProducerEpoch: producerEpoch };
  // It asks again for what it was given, and nobody came in between: that would have cleared the last epoch.
  return expected === lastProducerEpoch ? { producerEpoch, lastProducerEpoch } : undefined;
}
