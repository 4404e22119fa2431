import { transactionLogKey, transactionLogValue } from '../../protocol/messages/transaction-log.ts';
import { MalformedMessage } from '../../protocol/malformed-message.ts';
import { decodeVersioned, encodeVersioned, versionOf } from '../versioned.ts';
import { noEpoch, noProducerId, transactionStates } from './transaction.ts';
import type { Transaction } from './transaction.ts';

const keyVersion = 0;
/** Version 1 belongs to transaction.version 2, which there is only without ZooKeeper. */
const valueVersion = 0;

/** Undefined for a key of a later release. @throws MalformedMessage */
export function decodeTransactionKey(bytes: Buffer): string | undefined {
  return versionOf(bytes) === keyVersion ? decodeVersioned(bytes, transactionLogKey).message.transactionalId : undefined;
}

export function encodeTransactionKey(transactionalId: string): Buffer {
  return encodeVersioned(transactionLogKey, keyVersion, { transactionalId });
}

/** @throws MalformedMessage; KafkaError UNSUPPORTED_VERSION */
export function decodeTransaction(transactionalId: string, bytes: Buffer): Transaction {
  const { message } = decodeVersioned(bytes, transactionLogValue);
  const state = transactionStates[message.transactionStatus];
  if (state === undefined) throw new MalformedMessage(`unknown transaction state ${message.transactionStatus}`);
  return {
    transactionalId,
    producerId: message.producerId,
    lastProducerId: noProducerId,
    producerEpoch: message.producerEpoch,
    lastProducerEpoch: noEpoch,
    timeoutMs: message.transactionTimeoutMs,
    state,
    partitions: new Map((message.transactionPartitions ?? []).map(({ topic, partitionIds }) => [topic, new Set(partitionIds)])),
    startMs: message.transactionStartTimestampMs,
    updatedMs: message.transactionLastUpdateTimestampMs,
  };
}

export function encodeTransaction(transaction: Transaction): Buffer {
  const partitions = Array.from(transaction.partitions, ([topic, numbers]) => ({ topic, partitionIds: [...numbers] }));
  return encodeVersioned(transactionLogValue, valueVersion, {
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStatus: transactionStates.indexOf(transaction.state),
    transactionPartitions: transaction.state === 'Empty' ? null : partitions,
    transactionLastUpdateTimestampMs: transaction.updatedMs,
    transactionStartTimestampMs: transaction.startMs,
  });
}
