import { addPartitions } from '../../../../src/coordinator/transaction/add-partitions.ts';
import type { Decision } from '../../../../src/coordinator/transaction/decision.ts';
import { completed, endTransaction, fence } from '../../../../src/coordinator/transaction/end-transaction.ts';
import type { Outcome } from '../../../../src/coordinator/transaction/end-transaction.ts';
import { initProducerId } from '../../../../src/coordinator/transaction/init-producer-id.ts';
import { listOf, partitionsOf } from '../../../../src/coordinator/transaction/partitions.ts';
import { entryOf, isCompleting, newTransaction } from '../../../../src/coordinator/transaction/transaction.ts';
import type { Transaction, TransactionEntry } from '../../../../src/coordinator/transaction/transaction.ts';

export const firstProducerId = 7;

/** A transactional id lived through by its rules alone; what is decided is stored at once, unless `isStoringLate`. */
export class Story {
  readonly entry: TransactionEntry;
  nowMs = 1000;
  isStoringLate = false;
  #nextProducerId = firstProducerId + 1;

  constructor(changes: Partial<Transaction> = {}) {
    this.entry = entryOf({ ...newTransaction('t', firstProducerId, 60_000, 0), ...changes });
  }

  /** The answer: an error, or `id/epoch`. */
  init(expected?: { readonly producerId: number; readonly epoch: number }): string {
    const ask = (newProducerId?: number) => initProducerId(this.entry, { timeoutMs: 60_000, expected }, newProducerId, this.nowMs);
    let decision = ask();
    if (decision.kind === 'new-producer-id') decision = ask(this.#nextProducerId++);
    if (decision.kind === 'fence') {
      const next = fence(this.entry, this.nowMs);
      this.#store(next);
      return 'CONCURRENT_TRANSACTIONS';
    }
    if (decision.kind !== 'store') return decision.kind === 'answer' ? decision.error : decision.kind;
    this.#store(decision.next);
    return `${decision.next.producerId}/${decision.next.producerEpoch}`;
  }

  add(epoch: number, topic: string, ...partitions: number[]): string {
    return this.#decided(addPartitions(this.entry, { producerId: this.entry.transaction.producerId, epoch }, partitions.map((partition) => ({ topic, partition })), this.nowMs));
  }

  end(epoch: number, outcome: Outcome): string {
    return this.#decided(endTransaction(this.entry, { producerId: this.entry.transaction.producerId, epoch }, outcome, this.nowMs));
  }

  /** All markers are written. */
  complete(): void {
    if (isCompleting(this.entry.transaction)) this.#store(completed(this.entry.transaction, this.nowMs));
  }

  /** What waits for the log is there, or failed. */
  settle(isStored: boolean): void {
    const { pending } = this.entry;
    this.entry.pending = undefined;
    if (isStored && pending !== undefined) this.entry.transaction = pending;
  }

  /** State, epoch and partitions. */
  toString(): string {
    const { state, producerId, producerEpoch, partitions } = this.entry.transaction;
    return `${state} ${producerId}/${producerEpoch} [${listOf(partitions).map(({ topic, partition }) => `${topic}-${partition}`).join()}]`;
  }

  #decided(decision: Decision): string {
    if (decision.kind === 'answer') return decision.error;
    this.#store(decision.next);
    return 'stored';
  }

  #store(next: Transaction): void {
    this.entry.pending = next;
    if (!this.isStoringLate) this.settle(true);
  }
}

export const onePartition = partitionsOf([{ topic: 'a', partition: 0 }]);
