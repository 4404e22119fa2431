import { isControl, isTransactional, lastOffset, producerId } from '../../record/batch.ts';
import { readMarker } from '../../record/control.ts';
import { readBatchRecords } from '../../record/read.ts';
import type { AbortedTransactionEntry } from '../transaction-index.ts';

interface OngoingAbort {
  readonly transaction: AbortedTransactionEntry;
  hasData: boolean;
}

/**
 * What a walk over the batches of a log knows of its transactions: data of aborted ones may go, and so may a marker that
 * was met without any data of its transaction. One walk goes through all groups of a pass, in the order of offsets.
 * @see CleanedTransactionMetadata in Apache Kafka 3.9
 */
export class CleanedTransactions {
  /** Found in the transaction indexes, not reached yet; by first offset. */
  #ahead: AbortedTransactionEntry[] = [];
  readonly #aborted = new Map<number, OngoingAbort>();
  readonly #committed = new Set<number>();

  /** Takes what the transaction indexes say of the segment that comes next; an entry may come again with the next segment. */
  add(aborted: readonly AbortedTransactionEntry[]): void {
    if (aborted.length > 0) this.#ahead = [...this.#ahead, ...aborted].toSorted((one, other) => one.firstOffset - other.firstOffset);
  }

  /**
   * Takes a whole batch.
   * @param keepAborted told of an aborted transaction whose marker stays because data was met: the new index needs it
   * @returns whether its records may go: data of an aborted transaction, or the marker of one that has no data any more
   */
  canDiscard(buffer: Buffer, start: number, keepAborted: (transaction: AbortedTransactionEntry) => void): boolean {
    this.#reach(lastOffset(buffer, start));
    if (isControl(buffer, start)) return this.#endsWithoutData(buffer, start, keepAborted);
    if (!isTransactional(buffer, start)) return false;
    const id = producerId(buffer, start);
    const abort = this.#aborted.get(id);
    if (abort === undefined) {
      this.#committed.add(id);
      return false;
    }
    abort.hasData = true;
    return true;
  }

  #reach(offset: number): void {
    let count = 0;
    for (; count < this.#ahead.length && this.#ahead[count]!.firstOffset <= offset; count++) {
      const transaction = this.#ahead[count]!;
      if (!this.#aborted.has(transaction.producerId)) this.#aborted.set(transaction.producerId, { transaction, hasData: false });
    }
    if (count > 0) this.#ahead = this.#ahead.slice(count);
  }

  #endsWithoutData(buffer: Buffer, start: number, keepAborted: (transaction: AbortedTransactionEntry) => void): boolean {
    const [record] = readBatchRecords(buffer, start);
    if (record === undefined) return true; // a marker that went in an earlier pass; its batch tells the producer's epoch
    const marker = readMarker(record);
    if (marker === undefined) return false;
    const id = producerId(buffer, start);
    if (marker.type === 'COMMIT') return !this.#committed.delete(id);
    const abort = this.#aborted.get(id);
    this.#aborted.delete(id);
    if (abort?.hasData !== true) return true;
    keepAborted(abort.transaction);
    return false;
  }
}
