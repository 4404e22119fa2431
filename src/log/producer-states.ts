import path from 'node:path';
import { baseOffset, baseSequence, isControl, isTransactional, lastOffset, lastSequence, maxTimestamp, producerEpoch, producerId } from '../record/batch.ts';
import { readMarker } from '../record/control.ts';
import { readBatchRecords } from '../record/read.ts';
import type { Disk } from '../runtime/disk.ts';
import type { Logger } from '../runtime/logger.ts';
import { parseSegmentFileName, segmentFileName } from './file-names.ts';
import { forEachBatch } from './follower-append.ts';
import type { AppendOrigin } from './partition-log.ts';
import { LogError } from './errors.ts';
import { decodeSnapshot, encodeSnapshot } from './producer-snapshot.ts';
import { afterBatch, findDuplicate, unknownProducer } from './producer-state.ts';
import type { CompletedTransaction, EndMarker, ProducerBatch, ProducerEntry } from './producer-state.ts';
import { MalformedFile } from './text-files.ts';
import { Verifications } from './verifications.ts';
import type { Verification } from './verifications.ts';

interface Transaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of its marker; -1 while it is open. */
  readonly lastOffset: number;
}

/** What the transaction index needs of a transaction that ended. */
export interface EndedTransaction extends CompletedTransaction {
  readonly lastStableOffset: number;
}

const noTransactions: readonly EndedTransaction[] = [];

export interface ProducerStatesOptions {
  readonly disk: Disk;
  readonly logger: Logger;
  readonly directory: string;
  /** The directory was made just now, and has no snapshots. */
  readonly isNew?: boolean;
  /** producer.id.expiration.ms, which may change while the broker runs */
  readonly expirationMs: () => number;
  /** transaction.partition.verification.enable, which may change too */
  readonly isVerificationRequired: () => boolean;
}

/**
 * Reads what a batch says of its producer; undefined when it says nothing. The whole batch must be in `buffer` if it
 * is a control batch, else its header.
 */
export function producerBatchAt(buffer: Buffer, start: number): ProducerBatch | undefined {
  const id = producerId(buffer, start);
  if (id < 0) return undefined;
  const marker = isControl(buffer, start) ? endMarkerAt(buffer, start) : undefined;
  if (marker === undefined && isControl(buffer, start)) return undefined;
  return {
    producerId: id,
    producerEpoch: producerEpoch(buffer, start),
    baseSequence: baseSequence(buffer, start),
    lastSequence: lastSequence(buffer, start),
    baseOffset: baseOffset(buffer, start),
    lastOffset: lastOffset(buffer, start),
    maxTimestamp: maxTimestamp(buffer, start),
    isTransactional: isTransactional(buffer, start),
    marker,
  };
}

/** Undefined where compaction took the marker and left an empty batch, and for markers of later versions. */
function endMarkerAt(buffer: Buffer, start: number): EndMarker | undefined {
  const [record] = readBatchRecords(buffer, start);
  const marker = record === undefined ? undefined : readMarker(record);
  return marker === undefined ? undefined : { isAbort: marker.type === 'ABORT', coordinatorEpoch: marker.coordinatorEpoch };
}

/**
 * The producers that wrote to a log, their open transactions, and the snapshots of both: `<offset>.snapshot` holds the
 * state before that offset. @see ProducerStateManager in Apache Kafka 3.9
 */
export class ProducerStates {
  readonly #disk: Disk;
  readonly #logger: Logger;
  readonly #expirationMs: () => number;
  readonly #isVerificationRequired: () => boolean;
  readonly #verifications = new Verifications();
  #directory: string;
  readonly #entries = new Map<number, ProducerEntry>();
  /** By first offset. */
  #openTransactions: readonly Transaction[] = [];
  /** Ended, but the marker is not below the high watermark yet: readers must not see their end. By first offset. */
  #unreplicated: readonly Transaction[] = [];
  /** Offsets of the snapshot files, ascending. */
  #snapshots: number[];
  #endOffset = 0;
  #lastSnapshotOffset = 0;

  constructor(options: ProducerStatesOptions) {
    this.#disk = options.disk;
    this.#logger = options.logger;
    this.#directory = options.directory;
    this.#expirationMs = options.expirationMs;
    this.#isVerificationRequired = options.isVerificationRequired;
    const names = options.isNew === true ? [] : options.disk.listSync(options.directory);
    this.#snapshots = names.flatMap((name) => {
      const parsed = parseSegmentFileName(name);
      return parsed?.kind === 'snapshot' ? [parsed.offset] : [];
    });
  }

  /** The state holds everything below this offset. */
  get endOffset(): number {
    return this.#endOffset;
  }

  set endOffset(offset: number) {
    this.#endOffset = offset;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.#unreplicated.length === 0;
  }

  get latestSnapshot(): number | undefined {
    return this.#snapshots.at(-1);
  }

  get entries(): ReadonlyMap<number, ProducerEntry> {
    return this.#entries;
  }

  entryOf(id: number): ProducerEntry {
    return this.#entries.get(id) ?? unknownProducer(id);
  }

  /** First offset of the oldest transaction that readers must wait for; undefined when there is none. */
  get firstUnstableOffset(): number | undefined {
    const open = this.#openTransactions[0]?.firstOffset;
    const unreplicated = this.#unreplicated[0]?.firstOffset;
    return open === undefined || unreplicated === undefined ? (open ?? unreplicated) : Math.min(open, unreplicated);
  }

  /** Takes an entry that `afterBatch` made; a transaction that ended is returned, with its last stable offset. */
  update(entry: ProducerEntry, batch: ProducerBatch): EndedTransaction | undefined {
    const before = this.#entries.get(batch.producerId);
    if (batch.isTransactional) this.#verifications.end(batch.producerId);
    this.#entries.set(batch.producerId, entry);
    const begunAt = before?.transactionFirstOffset ?? -1;
    if (entry.transactionFirstOffset >= 0 && begunAt < 0) this.#open(entry);
    if (batch.marker === undefined || begunAt < 0) return undefined;
    return this.#complete({ producerId: batch.producerId, firstOffset: begunAt, lastOffset: batch.baseOffset, isAborted: batch.marker.isAbort });
  }

  /** Takes a batch from the log itself, where nothing is refused. */
  replay(buffer: Buffer, start: number): EndedTransaction | undefined {
    const batch = producerBatchAt(buffer, start);
    return batch === undefined ? undefined : this.update(afterBatch(this.entryOf(batch.producerId), batch, 'replication'), batch);
  }

  /**
   * Checks an append (of one batch, where it has a producer) before it is taken.
   * @returns the first offset of the batch in the log, when a client sends it again
   * @param verification what `beginVerification` gave, now that the coordinator knows of the transaction
   * @throws LogError as `afterBatch`; INVALID_TXN_STATE for the first record of a transaction that was not verified
   */
  check(records: Buffer, origin: AppendOrigin, verification: Verification | undefined): number | undefined {
    if (producerId(records, 0) < 0) return undefined;
    const batch = producerBatchAt(records, 0);
    if (batch === undefined) return undefined;
    const entry = this.entryOf(batch.producerId);
    const duplicate = origin === 'client' ? findDuplicate(entry, batch) : undefined;
    if (duplicate !== undefined) return duplicate.lastOffset - duplicate.offsetDelta;
    const open = this.#verifications.of(batch.producerId);
    const mustBeVerified = batch.isTransactional && batch.marker === undefined && entry.transactionFirstOffset < 0 && this.#isVerificationRequired();
    if (mustBeVerified && (open === undefined || open !== verification)) throw new LogError('INVALID_TXN_STATE', 'Record was not part of an ongoing transaction');
    afterBatch(entry, batch, origin, open?.lowestSequence);
    return undefined;
  }

  /** Undefined while the producer's transaction is open here: it was verified when it began. */
  beginVerification(producerId: number, sequence: number, epoch: number, nowMs: number): Verification | undefined {
    return this.entryOf(producerId).transactionFirstOffset >= 0 ? undefined : this.#verifications.begin(producerId, sequence, epoch, nowMs);
  }

  /** Takes all batches of an append that was checked; returns the transactions that end in it. */
  takeAll(records: Buffer): readonly EndedTransaction[] {
    let ended: EndedTransaction[] | undefined;
    forEachBatch(records, (start) => {
      if (producerId(records, start) < 0) return;
      const completed = this.replay(records, start);
      if (completed !== undefined) (ended ??= []).push(completed);
    });
    return ended ?? noTransactions;
  }

  highWatermarkMoved(highWatermark: number): void {
    if (this.#unreplicated.length === 0) return;
    this.#unreplicated = this.#unreplicated.filter(({ lastOffset: marker }) => marker >= highWatermark);
  }

  /** Writes the state as the snapshot at `endOffset`, unless there is nothing new since the last one. */
  takeSnapshot(): void {
    if (this.#endOffset <= this.#lastSnapshotOffset) return;
    const file = this.#disk.openSync(this.#pathOf(this.#endOffset), 'truncate');
    try {
      file.writeSync([encodeSnapshot([...this.#entries.values()])], 0);
    } finally {
      file.closeSync();
    }
    if (!this.#snapshots.includes(this.#endOffset)) this.#snapshots = [...this.#snapshots, this.#endOffset].sort((one, other) => one - other);
    this.#lastSnapshotOffset = this.#endOffset;
  }

  /** Takes the state back to what the newest snapshot in (logStartOffset, logEndOffset] holds. */
  truncateAndReload(logStartOffset: number, logEndOffset: number, nowMs: number): void {
    for (const offset of this.#snapshots) {
      if (offset > logEndOffset || offset <= logStartOffset) this.removeSnapshot(offset);
    }
    if (logEndOffset === this.#endOffset) {
      this.logStartMoved(logStartOffset);
      return;
    }
    this.#forgetProducers();
    this.#loadNewestSnapshot(logStartOffset, nowMs);
  }

  truncateFullyAndStartAt(offset: number): void {
    this.#forgetProducers();
    for (const snapshot of this.#snapshots) this.removeSnapshot(snapshot);
    this.#lastSnapshotOffset = 0;
    this.#endOffset = offset;
  }

  logStartMoved(logStartOffset: number): void {
    this.highWatermarkMoved(logStartOffset);
    if (this.#endOffset < logStartOffset) this.#endOffset = logStartOffset;
    this.#lastSnapshotOffset = this.latestSnapshot ?? logStartOffset;
  }

  /** Keeps the snapshots of segments and, of the others, only the newest if it is above the last segment's base. */
  removeStraySnapshots(segmentBases: readonly number[]): void {
    const stray = this.#snapshots.filter((offset) => !segmentBases.includes(offset));
    const lastBase = segmentBases.at(-1) ?? 0;
    for (const [index, offset] of stray.entries()) {
      if (index < stray.length - 1 || offset < lastBase) this.removeSnapshot(offset);
    }
  }

  removeSnapshot(offset: number): void {
    if (!this.#snapshots.includes(offset)) return;
    this.#snapshots = this.#snapshots.filter((known) => known !== offset);
    this.#disk.removeSync(this.#pathOf(offset));
  }

  /** Renames the snapshot of a segment that goes to `.deleted`; returns the new path. */
  markSnapshotDeleted(offset: number): string | undefined {
    if (!this.#snapshots.includes(offset)) return undefined;
    this.#snapshots = this.#snapshots.filter((known) => known !== offset);
    const deleted = `${this.#pathOf(offset)}.deleted`;
    this.#disk.renameSync(this.#pathOf(offset), deleted);
    return deleted;
  }

  /** Forgets producers that wrote nothing for producer.id.expiration.ms and have no open transaction. */
  removeExpired(nowMs: number): void {
    for (const [id, entry] of this.#entries) if (this.#isExpired(entry, nowMs)) this.#entries.delete(id);
    this.#verifications.removeExpired(nowMs, this.#expirationMs());
  }

  movedTo(directory: string): void {
    this.#directory = directory;
  }

  #loadNewestSnapshot(logStartOffset: number, nowMs: number): void {
    for (let offset = this.latestSnapshot; offset !== undefined; offset = this.latestSnapshot) {
      try {
        const file = this.#pathOf(offset);
        for (const entry of decodeSnapshot(file, this.#disk.readFileSync(file))) {
          if (this.#isExpired(entry, nowMs)) continue;
          this.#entries.set(entry.producerId, entry);
          if (entry.transactionFirstOffset >= 0) this.#open(entry);
        }
        this.#lastSnapshotOffset = offset;
        this.#endOffset = offset;
        return;
      } catch (error) {
        if (!(error instanceof MalformedFile)) throw error;
        this.#logger.warn('producer snapshot dropped', { directory: this.#directory, offset, error });
        this.removeSnapshot(offset);
      }
    }
    this.#lastSnapshotOffset = logStartOffset;
    this.#endOffset = logStartOffset;
  }

  #forgetProducers(): void {
    this.#entries.clear();
    this.#openTransactions = [];
    this.#unreplicated = [];
  }

  #isExpired(entry: ProducerEntry, nowMs: number): boolean {
    return entry.transactionFirstOffset < 0 && nowMs - entry.lastTimestamp >= this.#expirationMs();
  }

  #open({ producerId: id, transactionFirstOffset }: ProducerEntry): void {
    this.#openTransactions = byFirstOffset([...this.#openTransactions, { producerId: id, firstOffset: transactionFirstOffset, lastOffset: -1 }]);
  }

  #complete(completed: CompletedTransaction): EndedTransaction {
    const { producerId: id, firstOffset, lastOffset: marker } = completed;
    this.#openTransactions = this.#openTransactions.filter((open) => open.firstOffset !== firstOffset);
    this.#unreplicated = byFirstOffset([...this.#unreplicated, { producerId: id, firstOffset, lastOffset: marker }]);
    const oldestOther = this.#openTransactions.find((open) => open.producerId !== id);
    return { ...completed, lastStableOffset: oldestOther?.firstOffset ?? marker + 1 };
  }

  #pathOf(offset: number): string {
    return path.join(this.#directory, segmentFileName(offset, 'snapshot'));
  }
}

function byFirstOffset(transactions: readonly Transaction[]): readonly Transaction[] {
  return transactions.toSorted((one, other) => one.firstOffset - other.firstOffset);
}
