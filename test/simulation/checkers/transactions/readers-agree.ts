import type { Copy } from '../../workloads/transactions/history.ts';
import type { TransactionChecker } from './transaction-checker.ts';

/** Read_committed readers are given what the markers in the log say, no more and no less, whenever they read it. */
export const committedReadersAgree: TransactionChecker = ({ topic, read, kept, stored }) => {
  const partitions = new Set([...read, ...kept, ...stored].map(({ partition }) => partition));
  return Array.from(partitions).flatMap((partition) => {
    const due = textsOf(stored, partition);
    const fresh = textsOf(kept, partition);
    const along = textsOf(read, partition);
    return [...differences(`a reader of ${topic}-${partition}`, fresh, due), ...differences(`the reader that followed ${topic}-${partition}`, along, due.slice(0, along.length))];
  });
};

const textsOf = (copies: readonly Copy[], partition: number): string[] =>
  copies.filter((copy) => copy.partition === partition).map(({ offset, attempt, input }) => `${input} of transaction ${attempt} at offset ${offset}`);

function differences(who: string, given: readonly string[], due: readonly string[]): string[] {
  const at = due.findIndex((text, index) => given[index] !== text);
  if (at < 0 && given.length === due.length) return [];
  const index = at < 0 ? due.length : at;
  return [`${who} was given ${given[index] ?? 'nothing'} where ${due[index] ?? 'nothing'} is committed`];
}
