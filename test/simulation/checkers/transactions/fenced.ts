import type { TransactionChecker } from './transaction-checker.ts';

/** Once a producer has its epoch, none that had its own before begins a transaction and commits it with the same transactional id. */
export const fencedStaysFenced: TransactionChecker = ({ attempts }) => {
  const copiers = Array.from(new Set(attempts.map(({ copier }) => copier)));
  return attempts.flatMap(({ id, copier, beganAt, isCommitted }) => {
    const { transactionalId, initialisedAt } = copier;
    if (!isCommitted || initialisedAt === undefined) return [];
    const fencing = copiers.find((other) => other.transactionalId === transactionalId && other.begunAt! > initialisedAt && other.initialisedAt !== undefined && other.initialisedAt < beganAt);
    return fencing === undefined ? [] : [`${copier.name} committed transaction ${id}, which it began when ${fencing.name} had ${transactionalId}`];
  });
};
