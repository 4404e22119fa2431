import type { ErrorName } from '../../protocol/errors.ts';
import { buildBatch } from '../../record/build.ts';
import type { NewRecord } from '../../record/build.ts';
import type { ProducePart, ReplicaManager } from '../../replica/replica-manager.ts';
import type { Clock } from '../../runtime/clock.ts';
import { encodeTransaction, encodeTransactionKey } from './transaction-record.ts';
import type { Transaction } from './transaction.ts';

export const transactionTopic = '__transaction_state';

/** Writes to partitions of `__transaction_state`, always to all in-sync replicas. `done` gets a coordinator's error. */
export interface TransactionLog {
  append(partition: number, transaction: Transaction, done: (error: ErrorName) => void): void;
  appendTombstones(partition: number, transactionalIds: readonly string[], done: (error: ErrorName) => void): void;
}

/** @param requestTimeoutMs request.timeout.ms, for what no producer waits for */
export function createTransactionLog(replicas: ReplicaManager, clock: Clock, requestTimeoutMs: number): TransactionLog {
  function append(partition: number, records: readonly NewRecord[], timeoutMs: number, done: (error: ErrorName) => void): void {
    const part: ProducePart = {
      topic: transactionTopic,
      partition,
      records: buildBatch({}, records),
      origin: 'coordinator',
      error: undefined,
      baseOffset: -1,
      logAppendTimeMs: -1,
      logStartOffset: -1,
      requiredOffset: -1,
      replica: undefined,
    };
    replicas.append([part], -1, timeoutMs, () => done(coordinatorError(part.error?.name ?? 'NONE')));
    replicas.flushSoon();
  }

  return {
    append(partition, transaction, done) {
      const record = { timestamp: clock.nowMs(), key: encodeTransactionKey(transaction.transactionalId), value: encodeTransaction(transaction) };
      append(partition, [record], transaction.timeoutMs, done);
    },
    appendTombstones(partition, transactionalIds, done) {
      const timestamp = clock.nowMs();
      append(partition, transactionalIds.map((id) => ({ timestamp, key: encodeTransactionKey(id), value: null })), requestTimeoutMs, done);
    },
  };
}

/** TransactionStateManager.appendTransactionToLog */
function coordinatorError(error: ErrorName): ErrorName {
  switch (error) {
    case 'UNKNOWN_TOPIC_OR_PARTITION':
    case 'NOT_ENOUGH_REPLICAS':
    case 'NOT_ENOUGH_REPLICAS_AFTER_APPEND':
    case 'REQUEST_TIMED_OUT':
      return 'COORDINATOR_NOT_AVAILABLE';
    case 'NOT_LEADER_OR_FOLLOWER':
    case 'KAFKA_STORAGE_ERROR':
      return 'NOT_COORDINATOR';
    case 'MESSAGE_TOO_LARGE':
    case 'RECORD_LIST_TOO_LARGE':
      return 'UNKNOWN_SERVER_ERROR';
    default:
      return error;
  }
}
