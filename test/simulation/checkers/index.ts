import { acknowledgedRecordsAreKept } from './acknowledged-records.ts';
import type { Checker } from './checker.ts';
import { copiesComeFromRetries } from './copies.ts';
import { idempotentRecordsAreKeptOnce } from './each-once.ts';
import { everySendIsAcknowledged } from './every-send-is-acknowledged.ts';
import { orderIsKept } from './order.ts';
import { readersAgree } from './readers-agree.ts';

/** What every history is judged by, at the end. */
export const checkers: readonly Checker[] = [everySendIsAcknowledged, acknowledgedRecordsAreKept, copiesComeFromRetries, idempotentRecordsAreKeptOnce, orderIsKept, readersAgree];
