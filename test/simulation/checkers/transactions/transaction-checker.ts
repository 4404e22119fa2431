import type { TransactionHistory } from '../../workloads/transactions/history.ts';

/** Says what is wrong with what transactions did; nothing when it is as it must be. */
export type TransactionChecker = (history: TransactionHistory) => string[];
