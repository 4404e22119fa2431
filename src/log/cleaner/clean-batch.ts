import * as batch from '../../record/batch.ts';
import { buildMessageSet } from '../../record/legacy.ts';
import { codecOf, readBatchRecords } from '../../record/read.ts';
import { RecordWalker } from '../../record/record-walker.ts';
import { BatchRewriter, deleteHorizonOf, emptyBatch } from '../../record/rewrite.ts';
import type { AbortedTransactionEntry } from '../transaction-index.ts';
import type { CleanedTransactions } from './cleaned-transactions.ts';
import type { OffsetMap } from './offset-map.ts';

export interface CleaningRules {
  readonly map: OffsetMap;
  readonly transactions: CleanedTransactions;
  /** Last data offset (-1: none) and epoch by producer id. */
  readonly producers: ReadonlyMap<number, LastOfProducer>;
  /** Wall clock at the beginning of the pass. */
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
  /** Tombstones before v2 stay. */
  readonly keepsLegacyTombstones: boolean;
  readonly keepAborted: (transaction: AbortedTransactionEntry) => void;
}

export interface LastOfProducer {
  readonly lastOffset: number;
  readonly epoch: number;
}

export interface CleaningCounts {
  recordsRead: number;
  recordsKept: number;
  keylessRecords: number;
}

/**
 * What stays of a batch, by the rules of Kafka's cleaner:
 *
 *   a record      while no later one in the map has its key; a tombstone until the batch's delete horizon has passed (KIP-534)
 *   a marker      while data of its transaction was met; then until its horizon has passed
 *   an empty one  where it tells the last sequence, or the epoch, of a producer that the log still knows
 *
 * A batch that keeps all its records is copied as it is, unless its tombstones or marker are to get their horizon now.
 * @see Cleaner.cleanInto, MemoryRecords.filterTo in Apache Kafka 3.9
 */
export class BatchCleaner {
  readonly counts: CleaningCounts = { recordsRead: 0, recordsKept: 0, keylessRecords: 0 };
  readonly #walker = new RecordWalker();
  readonly #rewriter = new BatchRewriter();
  /** Whether each record of the batch stays. */
  #kept = new Uint8Array(1024);

  /** The bytes that stay, undefined for none; valid until the next call. */
  clean(buffer: Buffer, start: number, rules: CleaningRules): Buffer | undefined {
    const canDiscard = rules.transactions.canDiscard(buffer, start, rules.keepAborted);
    const isControl = batch.isControl(buffer, start);
    const isGone = canDiscard && (!isControl || (deleteHorizonOf(buffer, start) ?? Infinity) <= rules.nowMs);
    const isLast = isLastOfProducer(buffer, start, rules.producers);
    if (isGone) {
      this.counts.recordsRead += Math.max(0, batch.recordCount(buffer, start));
      return isLast ? emptyBatch(buffer, start) : undefined;
    }
    if (batch.magic(buffer, start) < 2) return this.#cleanOld(buffer, start, rules);
    return this.#cleanRecords(buffer, start, rules, canDiscard && isControl) ?? (isLast ? emptyBatch(buffer, start) : undefined);
  }

  #cleanRecords(buffer: Buffer, start: number, rules: CleaningRules, isMarkerAlone: boolean): Buffer | undefined {
    const horizon = deleteHorizonOf(buffer, start);
    const keepsTombstones = horizon === undefined || rules.nowMs < horizon;
    const isControl = batch.isControl(buffer, start);
    const walker = this.#walker;
    walker.reset(buffer, start);
    let read = 0;
    let kept = 0;
    let hasTombstone = false;
    for (; walker.next(); read++) {
      const stays = isControl || this.#staysInMap(walker, rules.map, keepsTombstones);
      if (read === this.#kept.length) this.#growKept();
      this.#kept[read] = stays ? 1 : 0;
      if (!stays) continue;
      kept++;
      if (!walker.hasValue) hasTombstone = true;
    }
    this.counts.recordsRead += read;
    this.counts.recordsKept += kept;
    if (kept === 0) return undefined;
    const needsHorizon = horizon === undefined && (hasTombstone || isMarkerAlone);
    if (kept === read && !needsHorizon) return buffer.subarray(start, start + batch.batchSizeBytes(buffer, start));
    return this.#rewrite(buffer, start, needsHorizon ? rules.nowMs + rules.deleteRetentionMs : horizon);
  }

  #staysInMap(record: RecordWalker, map: OffsetMap, keepsTombstones: boolean): boolean {
    if (record.offset > map.latestOffset) return true;
    if (record.keyLength < 0) {
      this.counts.keylessRecords++;
      return false;
    }
    return (record.hasValue || keepsTombstones) && record.offset >= map.get(record.bytes, record.keyStart, record.keyStart + record.keyLength);
  }

  #rewrite(buffer: Buffer, start: number, deleteHorizonMs: number | undefined): Buffer {
    const walker = this.#walker;
    walker.rewind();
    this.#rewriter.begin(deleteHorizonMs);
    for (let index = 0; walker.next(); index++) if (this.#kept[index] === 1) this.#rewriter.add(walker);
    return this.#rewriter.finish(buffer, start, deleteHorizonMs);
  }

  /** Messages of formats v0 and v1, which no producer writes any more. */
  #cleanOld(buffer: Buffer, start: number, rules: CleaningRules): Buffer | undefined {
    const records = readBatchRecords(buffer, start);
    const kept = records.filter(({ key, value, offset }) => {
      if (offset > rules.map.latestOffset) return true;
      if (key === null) this.counts.keylessRecords++;
      return key !== null && (value !== null || rules.keepsLegacyTombstones) && offset >= rules.map.get(key, 0, key.length);
    });
    this.counts.recordsRead += records.length;
    this.counts.recordsKept += kept.length;
    if (kept.length === records.length) return buffer.subarray(start, start + batch.batchSizeBytes(buffer, start));
    if (kept.length === 0) return undefined;
    return buildMessageSet(kept, {
      magic: batch.magic(buffer, start) as 0 | 1,
      codec: codecOf(buffer, start),
      timestampType: batch.timestampType(buffer, start),
      logAppendTimeMs: batch.maxTimestamp(buffer, start),
    });
  }

  #growKept(): void {
    const larger = new Uint8Array(this.#kept.length * 2);
    larger.set(this.#kept);
    this.#kept = larger;
  }
}

/** The batch that a producer's next sequence follows; for one known by its last marker alone, a marker of its epoch. */
function isLastOfProducer(buffer: Buffer, start: number, producers: ReadonlyMap<number, LastOfProducer>): boolean {
  const id = batch.producerId(buffer, start);
  const last = id < 0 ? undefined : producers.get(id);
  if (last === undefined) return false;
  if (last.lastOffset >= 0) return batch.lastOffset(buffer, start) === last.lastOffset;
  return batch.isControl(buffer, start) && batch.producerEpoch(buffer, start) === last.epoch;
}
