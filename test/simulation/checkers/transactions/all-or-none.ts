import type { TransactionChecker } from './transaction-checker.ts';

/** Of a transaction that was committed all is there, of one that was aborted nothing; where nobody knows, one of the two. */
export const allOrNone: TransactionChecker = ({ topic, attempts, kept }) => {
  const found = new Map<number, number>();
  for (const { attempt } of kept) found.set(attempt, (found.get(attempt) ?? 0) + 1);
  return attempts.flatMap(({ id, copier, copies, mayCommit, isCommitted }) => {
    const count = found.get(id) ?? 0;
    const due = isCommitted ? [copies.length] : mayCommit ? [0, copies.length] : [0];
    if (due.includes(count)) return [];
    const what = isCommitted ? 'committed' : mayCommit ? 'perhaps committed' : 'never committed';
    return [`${count} of ${copies.length} records of transaction ${id} of ${copier.name} are in ${topic}: it was ${what}`];
  });
};
