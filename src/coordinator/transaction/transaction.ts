import type { Partitions } from './partitions.ts';

/** States by their id in the log. PrepareEpochFence is a name alone: fencing and the abort that it brings are one step here. */
export const transactionStates = ['Empty', 'Ongoing', 'PrepareCommit', 'PrepareAbort', 'CompleteCommit', 'CompleteAbort', 'Dead', 'PrepareEpochFence'] as const;
export type TransactionState = (typeof transactionStates)[number];

export const noProducerId = -1;
export const noEpoch = -1;
/** No client gets a higher epoch, so that the coordinator can always fence it with one more. */
const epochMax = 0x7fff;

/** What is known of a transactional id. */
export interface Transaction {
  readonly transactionalId: string;
  readonly producerId: number;
  /** Before it, if any; -1 when it was read from the log, which does not keep it. */
  readonly lastProducerId: number;
  /** -1 for an id that was never given out. */
  readonly producerEpoch: number;
  /** The epoch before, while its holder may ask again for the present one (KIP-360); else -1. */
  readonly lastProducerEpoch: number;
  /** transaction.timeout.ms of the producer. */
  readonly timeoutMs: number;
  readonly state: TransactionState;
  /** Those that still lack the marker, once the outcome is stored. */
  readonly partitions: Partitions;
  /** Milliseconds since the Unix epoch; -1 before its first transaction. */
  readonly startMs: number;
  readonly updatedMs: number;
}

/** A transactional id as its coordinator holds it. */
export interface TransactionEntry {
  transaction: Transaction;
  /** On its way to the log: until it is there, other requests get CONCURRENT_TRANSACTIONS. */
  pending: Transaction | undefined;
  /** The last fence was perhaps not stored: nobody was told of its epoch, so the next one need not take another. */
  hasFailedFence: boolean;
}

export function entryOf(transaction: Transaction): TransactionEntry {
  return { transaction, pending: undefined, hasFailedFence: false };
}

export function newTransaction(transactionalId: string, producerId: number, timeoutMs: number, nowMs: number): Transaction {
  return {
    transactionalId,
    producerId,
    lastProducerId: noProducerId,
    producerEpoch: noEpoch,
    lastProducerEpoch: noEpoch,
    timeoutMs,
    state: 'Empty',
    partitions: new Map(),
    startMs: -1,
    updatedMs: nowMs,
  };
}

/** No client may be given the epoch after this one. */
export function isEpochExhausted(epoch: number): boolean {
  return epoch >= epochMax - 1;
}

/** The outcome is stored, its markers are not all written. */
export function isCompleting({ state }: Transaction): boolean {
  return state === 'PrepareCommit' || state === 'PrepareAbort';
}
