import type { TransactionEntry } from './transaction.ts';

/** An open transaction that has taken longer than its producer asked for. */
export function isTimedOut({ transaction, pending }: TransactionEntry, nowMs: number): boolean {
  return pending === undefined && transaction.state === 'Ongoing' && transaction.startMs + transaction.timeoutMs < nowMs;
}

/**
 * A transactional id that nobody used for long, and that has no open transaction.
 * @param expirationMs transactional.id.expiration.ms
 */
export function isExpired({ transaction, pending }: TransactionEntry, nowMs: number, expirationMs: number): boolean {
  const { state, updatedMs } = transaction;
  const isAtRest = state === 'Empty' || state === 'CompleteCommit' || state === 'CompleteAbort';
  return pending === undefined && isAtRest && updatedMs <= nowMs - expirationMs;
}
