import { batchEnd, isControl, nextOffset } from '../../record/batch.ts';
import { readBatchRecords } from '../../record/read.ts';
import type { DecodedRecord } from '../../record/read.ts';
import type { UnreadableRecord } from '../group/loader.ts';
import { decodeTransaction, decodeTransactionKey } from './transaction-record.ts';
import type { Transaction } from './transaction.ts';

/** Reads a partition of `__transaction_state` from its begin to its end: the latest record of an id counts. */
export interface Loader {
  /** Takes the batch that starts at `start` and is there whole. Its bytes may change afterwards. Returns the offset after it. */
  take(buffer: Buffer, start: number): number;
  readonly transactions: ReadonlyMap<string, Transaction>;
  readonly unreadable: readonly UnreadableRecord[];
}

/** How many unreadable records are told one by one. */
const unreadableMax = 10;

export function createLoader(): Loader {
  const transactions = new Map<string, Transaction>();
  const unreadable: UnreadableRecord[] = [];

  function takeRecord({ key, value }: DecodedRecord): void {
    if (key === null) throw new Error('a record of __transaction_state has a key');
    const transactionalId = decodeTransactionKey(key);
    if (transactionalId === undefined) return; // of a later release
    if (value === null) transactions.delete(transactionalId);
    else transactions.set(transactionalId, decodeTransaction(transactionalId, value));
  }

  function guarded(offset: number, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (unreadable.length < unreadableMax) unreadable.push({ offset, error });
    }
  }

  return {
    transactions,
    unreadable,
    take(buffer, start) {
      const next = nextOffset(buffer, start);
      if (isControl(buffer, start)) return next;
      const bytes = buffer.subarray(start, batchEnd(buffer, start, buffer.length));
      guarded(next - 1, () => {
        for (const record of readBatchRecords(bytes, 0)) guarded(record.offset, () => takeRecord(record));
      });
      return next;
    },
  };
}
