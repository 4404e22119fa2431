/*
 * Control batches: what the transaction coordinator has the leader write at a transaction's end (KIP-98). One record,
 *
 *   key: version i16 = 0 | type i16 (0 abort, 1 commit)      value: version i16 = 0 | coordinator epoch i32
 */
import { buildBatch } from './build.ts';
import { InvalidRecord } from './errors.ts';
import type { DecodedRecord } from './read.ts';

export type MarkerType = 'ABORT' | 'COMMIT';

export interface EndTransactionMarker {
  readonly type: MarkerType;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly timestampMs: number;
  readonly baseOffset?: number;
  readonly leaderEpoch?: number;
}

/** A whole control batch of 78 bytes; it is never compressed. */
export function buildEndTransactionMarker(marker: EndTransactionMarker): Buffer {
  const key = Buffer.alloc(4);
  key.writeInt16BE(marker.type === 'COMMIT' ? 1 : 0, 2);
  const value = Buffer.alloc(6);
  value.writeInt32BE(marker.coordinatorEpoch, 2);
  const { producerId, producerEpoch, baseOffset = 0, leaderEpoch = -1 } = marker;
  return buildBatch(
    { baseOffset, leaderEpoch, producerId, producerEpoch, isTransactional: true, isControl: true },
    [{ timestamp: marker.timestampMs, key, value }],
  );
}

/**
 * What a record of a control batch says; undefined for types of later Kafka versions, which readers pass over.
 * @throws InvalidRecord when it is too short to be a control record
 */
export function readMarker(record: DecodedRecord): { readonly type: MarkerType; readonly coordinatorEpoch: number } | undefined {
  const { key, value } = record;
  if (key === null || key.length < 4 || key.readInt16BE(0) < 0) throw new InvalidRecord('Invalid version or size of a control record key');
  const type = key.readInt16BE(2);
  if (type !== 0 && type !== 1) return undefined;
  if (value === null || value.length < 6 || value.readInt16BE(0) < 0) throw new InvalidRecord('Invalid version or size of an end transaction marker');
  return { type: type === 1 ? 'COMMIT' : 'ABORT', coordinatorEpoch: value.readInt32BE(2) };
}
