import { allOrNone } from './all-or-none.ts';
import { exactlyOnce } from './exactly-once.ts';
import { fencedStaysFenced } from './fenced.ts';
import { committedReadersAgree } from './readers-agree.ts';
import type { TransactionChecker } from './transaction-checker.ts';

/** What the history of transactions is judged by, at the end. */
export const transactionCheckers: readonly TransactionChecker[] = [allOrNone, fencedStaysFenced, committedReadersAgree, exactlyOnce];
