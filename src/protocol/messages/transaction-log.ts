import { array, int16, int32, int64, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** TransactionLogKey, versions 0 to 0. */
export const transactionLogKey = message('TransactionLogKey', { versions: [0, 0] }, {
  transactionalId: string(),
});
export type TransactionLogKey = Decoded<typeof transactionLogKey>;
export type TransactionLogKeyInput = Input<typeof transactionLogKey>;

/** TransactionLogValue, versions 0 to 1, flexible from 1. */
export const transactionLogValue = message('TransactionLogValue', { versions: [0, 1], flexibleSince: 1 }, {
  producerId: int64(),
  producerEpoch: int16(),
  transactionTimeoutMs: int32(),
  transactionStatus: int8(),
  transactionPartitions: array(struct({
    topic: string(),
    partitionIds: array(int32()),
  }), { nullable: 0 }),
  transactionLastUpdateTimestampMs: int64(),
  transactionStartTimestampMs: int64(),
});
export type TransactionLogValue = Decoded<typeof transactionLogValue>;
export type TransactionLogValueInput = Input<typeof transactionLogValue>;
