import * as batch from '../../../../src/record/batch.ts';
import { readMarker } from '../../../../src/record/control.ts';
import { readBatchRecords } from '../../../../src/record/read.ts';
import { deleteHorizonOf } from '../../../../src/record/rewrite.ts';

/** Compaction as one would explain it, on plain objects: what the real one is compared with. */
export interface ModelRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
}

export interface ModelBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
  readonly marker: 'ABORT' | 'COMMIT' | 'gone' | undefined;
  readonly horizon: number | undefined;
  readonly records: readonly ModelRecord[];
}

export interface ModelPass {
  readonly firstDirtyOffset: number;
  /** Segments below are cleaned. */
  readonly endOffset: number;
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
  readonly producers: readonly { readonly id: number; readonly lastOffset: number; readonly epoch: number }[];
}

export function modelOf(bytes: Buffer): ModelBatch[] {
  return [...batch.readBatches(bytes)].map((start) => {
    const records = readBatchRecords(bytes, start);
    const isControl = batch.isControl(bytes, start);
    return {
      baseOffset: batch.baseOffset(bytes, start),
      lastOffset: batch.lastOffset(bytes, start),
      producerId: batch.producerId(bytes, start),
      producerEpoch: batch.producerEpoch(bytes, start),
      baseSequence: batch.baseSequence(bytes, start),
      isTransactional: batch.isTransactional(bytes, start),
      marker: !isControl ? undefined : records.length === 0 ? 'gone' : readMarker(records[0]!)!.type,
      horizon: deleteHorizonOf(bytes, start),
      records: records.map(({ offset, timestamp, key, value }) => ({ offset, timestamp, key: key?.toString('hex') ?? null, value: value?.toString('hex') ?? null })),
    };
  });
}

export function compacted(log: readonly ModelBatch[], pass: ModelPass): ModelBatch[] {
  const aborted = abortedBatches(log);
  const latest = new Map<string, number>();
  for (const one of log) {
    if (one.marker !== undefined || aborted.has(one) || one.baseOffset >= pass.endOffset) continue;
    for (const { key, offset } of one.records) if (key !== null && offset >= pass.firstDirtyOffset) latest.set(key, offset);
  }
  const withData = new Set<number>();
  return log.flatMap((one): ModelBatch[] => {
    if (one.baseOffset >= pass.endOffset) return [one];
    const isAlone = one.marker === 'gone' || (one.marker !== undefined && !withData.delete(one.producerId));
    if (one.marker === undefined && one.isTransactional) withData.add(one.producerId);
    const isGone = aborted.has(one) || (isAlone && one.horizon !== undefined && one.horizon <= pass.nowMs);
    const records = one.records.filter((record) => !isGone && (one.marker !== undefined || stays(record, one, latest, pass)));
    if (records.length === 0) return isLast(one, pass) ? [{ ...one, records, horizon: undefined, marker: one.marker === undefined ? undefined : 'gone' }] : [];
    const needsHorizon = one.horizon === undefined && (isAlone || records.some(({ value }) => value === null));
    return [{ ...one, records, horizon: needsHorizon ? pass.nowMs + pass.deleteRetentionMs : one.horizon }];
  });
}

function stays({ key, value, offset }: ModelRecord, { horizon }: ModelBatch, latest: ReadonlyMap<string, number>, { nowMs }: ModelPass): boolean {
  return key !== null && offset >= (latest.get(key) ?? -1) && (value !== null || horizon === undefined || nowMs < horizon);
}

function isLast({ producerId, producerEpoch, lastOffset, marker }: ModelBatch, { producers }: ModelPass): boolean {
  const known = producers.find(({ id }) => id === producerId);
  if (known === undefined) return false;
  return known.lastOffset >= 0 ? lastOffset === known.lastOffset : marker !== undefined && producerEpoch === known.epoch;
}

/** Data batches between two markers of their producer, of which the second aborts. */
function abortedBatches(log: readonly ModelBatch[]): ReadonlySet<ModelBatch> {
  const aborted = new Set<ModelBatch>();
  const open = new Map<number, ModelBatch[]>();
  for (const one of log) {
    if (!one.isTransactional) continue;
    if (one.marker === undefined) open.set(one.producerId, [...(open.get(one.producerId) ?? []), one]);
    else if (one.marker === 'ABORT') for (const data of open.get(one.producerId) ?? []) aborted.add(data);
    if (one.marker !== undefined) open.delete(one.producerId);
  }
  return aborted;
}
