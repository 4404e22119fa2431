import type { Versioned } from '../coordinator-records.ts';
import { UnknownRecordType, decodeKey, decodeTransactionKey, decodeTransactionValue, decodeValue } from '../coordinator-records.ts';
import type { Formatter } from './formatters.ts';

/** Offset commits of __consumer_offsets as JSON; other records print nothing. As 3.9.1 prints them: without line ends. */
export const offsetsFormatter: Formatter = ({ key, value }, pieces) => coordinatorRecord('offset', key, value, pieces);

/** Groups of __consumer_offsets. */
export const groupMetadataFormatter: Formatter = ({ key, value }, pieces) => coordinatorRecord('group', key, value, pieces);

function coordinatorRecord(wanted: 'offset' | 'group', key: Buffer | null, value: Buffer | null, pieces: Uint8Array[]): void {
  if (key === null) return;
  try {
    const { kind, version, data } = decodeKey(key);
    if (kind === wanted) pieces.push(json({ version, data }, value === null ? null : decodeValue(kind, value, false)));
  } catch (error) {
    if (!(error instanceof UnknownRecordType)) throw error;
  }
}

/** Transactions of __transaction_state. */
export const transactionLogFormatter: Formatter = ({ key, value }, pieces) => {
  if (key === null) return;
  try {
    pieces.push(json(decodeTransactionKey(key), value === null ? null : decodeTransactionValue(value)));
  } catch (error) {
    if (!(error instanceof UnknownRecordType)) throw error;
  }
};

function json(key: Versioned, value: Versioned | null): Buffer {
  const shape = ({ version, data }: Versioned): Versioned => ({ version, data });
  return Buffer.from(JSON.stringify({ key: shape(key), value: value === null ? null : shape(value) }));
}
