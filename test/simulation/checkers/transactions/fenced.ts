import type { TransactionChecker } from './transaction-checker.ts';

/** Once a producer has its epoch, no earlier one with the same transactional id begins a transaction and commits it. */
export const fencedStaysFenced: TransactionChecker = ({ attempts }) => {
  const copiers = Array.from(new Set(attempts.map(({ copier }) => copier)));
  return attempts.flatMap(({ id, copier, beganAt, isCommitted }) => {
    if (!isCommitted) return [];
    const { transactionalId, initialisedAt } = copier;
    const fencing = copiers.find((other) => other.transactionalId === transactionalId && other.initialisedAt !== undefined && other.initialisedAt > initialisedAt! && other.initialisedAt < beganAt);
    return fencing === undefined ? [] : [`${copier.name} committed transaction ${id}, which it began when ${fencing.name} had ${transactionalId}`];
  });
};
