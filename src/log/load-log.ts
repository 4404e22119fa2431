import path from 'node:path';
import { baseOffset, isControl, leaderEpoch, magic, maxTimestamp } from '../record/batch.ts';
import type { Interruptible } from '../runtime/in-slices.ts';
import type { Logger } from '../runtime/logger.ts';
import { BatchCursor, lookupCursor } from './batch-cursor.ts';
import { parseSegmentFileName, segmentFileName } from './file-names.ts';
import { leaderEpochFileName, LeaderEpochs } from './leader-epochs.ts';
import type { LogConfig } from './log-config.ts';
import { ProducerStates } from './producer-states.ts';
import { SegmentList } from './segment-list.ts';
import { Segment } from './segment.ts';
import type { SegmentSupport } from './segment.ts';
import { MalformedFile } from './text-files.ts';

/*
 * Opening a log's folder as Apache Kafka's LogLoader does.
 *
 *     0 ......... 36 ......... 60 ..... 72 ....... 76     after an unclean stop with recovery point 60:
 *     |  segment  |   segment   ^        | active         segment 36, which holds 60, and all later ones are read
 *                               |                         batch by batch; the first bad one ends the log, and
 *                        recovery point                   whole segments after it go to `.deleted`.
 *
 * After a clean stop nothing is scanned: only the last batches of the active segment are walked to find the end. Whatever reads much of
 * a log yields on the way, so that a broker that starts keeps its session and its neighbours in the process are served.
 */

export interface LoadOptions {
  readonly support: SegmentSupport;
  readonly logger: Logger;
  readonly directory: string;
  /** The folder was made just now, and is empty. */
  readonly isNew: boolean;
  readonly config: LogConfig;
  readonly wasCleanShutdown: boolean;
  readonly recoveryPoint: number;
  readonly logStartOffset: number;
  readonly producerExpirationMs: () => number;
  /** transaction.partition.verification.enable */
  readonly isVerificationRequired: () => boolean;
  readonly rollJitterMs: () => number;
}

export interface LoadedLog {
  readonly segments: SegmentList;
  readonly epochs: LeaderEpochs;
  readonly producers: ProducerStates;
  readonly logStartOffset: number;
  readonly nextOffset: number;
  readonly recoveryPoint: number;
  /** Set aside during recovery; their files go after file.delete.delay.ms. */
  readonly deletedSegments: readonly Segment[];
}

/** Shared by all recoveries: one begins when the one before is over. Made when first needed. */
let recoveryCursor: BatchCursor | undefined;
const recoveryWindowBytes = 256 * 1024;
/** How much of a log is read between two places where others may have the event loop: less than a millisecond's from the page cache. */
const pieceBytes = 1024 * 1024;

/** Of several logs one after the other. @throws system errors of the disk */
export function loadLog(options: LoadOptions): Interruptible<LoadedLog> {
  return new LogLoader(options).load();
}

class LogLoader {
  readonly #options: LoadOptions;
  readonly #segments = new SegmentList();
  readonly #names: readonly string[];
  readonly #epochs: LeaderEpochs;
  readonly #hasEpochs: boolean;
  readonly #deleted: Segment[] = [];

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#names = options.isNew ? [] : this.#cleanFolder();
    const { epochs, isWhole } = this.#readEpochs();
    this.#epochs = epochs;
    this.#hasEpochs = isWhole;
  }

  *load(): Interruptible<LoadedLog> {
    const { directory, config, recoveryPoint, wasCleanShutdown } = this.#options;
    yield* this.#openSegments();
    if (!this.#hasEpochs) yield* this.#rebuildEpochs();
    if (!wasCleanShutdown) yield* this.#recoverUnflushed();
    let nextOffset = this.#segments.count > 0 ? yield* this.#endOfLast() : undefined;
    if (nextOffset !== undefined && nextOffset < this.#options.logStartOffset) {
      this.#options.logger.warn('log ends below its start, all segments dropped', { directory, nextOffset, logStartOffset: this.#options.logStartOffset });
      this.#setAside(this.#segments.all);
      this.#epochs.clear();
      nextOffset = undefined;
    }
    if (nextOffset === undefined) {
      nextOffset = this.#options.logStartOffset;
      this.#segments.push(Segment.create(this.#options.support, directory, nextOffset, config, this.#options.rollJitterMs()));
    }
    this.#epochs.truncateFromEndOnOpening(nextOffset);
    const logStartOffset = Math.max(this.#options.logStartOffset, this.#segments.first.baseOffset);
    this.#epochs.truncateFromStart(logStartOffset);
    const producers = this.#newProducerStates();
    producers.removeStraySnapshots(this.#segments.all.map((segment) => segment.baseOffset));
    yield* this.#rebuildProducers(producers, logStartOffset, nextOffset, wasCleanShutdown);
    return {
      segments: this.#segments,
      epochs: this.#epochs,
      producers,
      logStartOffset,
      nextOffset,
      recoveryPoint: wasCleanShutdown ? nextOffset : Math.min(recoveryPoint, nextOffset),
      deletedSegments: this.#deleted,
    };
  }

  /**
   * Drops what a stop left half done, completes swaps of the cleaner, and drops indexes without a log.
   * @returns the names that may be segments' files
   */
  #cleanFolder(): readonly string[] {
    const { directory, support: { disk } } = this.#options;
    const before = disk.listSync(directory);
    for (const name of before) if (/\.(deleted|tmp)$/.test(name)) disk.removeSync(path.join(directory, name));
    completeSwaps(this.#options, before);
    const isAsBefore = !before.some((name) => /\.(deleted|cleaned|tmp|swap)$/.test(name));
    const names = new Set(isAsBefore ? before : disk.listSync(directory));
    for (const name of names) {
      const parsed = parseSegmentFileName(name);
      if (parsed === undefined || parsed.kind === 'log' || parsed.kind === 'snapshot') continue;
      if (!names.has(segmentFileName(parsed.offset, 'log'))) disk.removeSync(path.join(directory, name));
    }
    return Array.from(names);
  }

  /**
   * Not whole when the file is as it was made, without an epoch, or was torn by a power cut: it is written without fsync,
   * since the batches say it too.
   */
  #readEpochs(): { readonly epochs: LeaderEpochs; readonly isWhole: boolean } {
    const { directory, isNew, logger, support: { disk } } = this.#options;
    const file = path.join(directory, leaderEpochFileName);
    if (isNew) return { epochs: LeaderEpochs.create(disk, file), isWhole: true };
    if (disk.statSync(file)?.sizeBytes === 0) return { epochs: LeaderEpochs.onEmptyFile(disk, file), isWhole: false };
    try {
      return { epochs: LeaderEpochs.read(disk, file), isWhole: true };
    } catch (error) {
      if (!(error instanceof MalformedFile)) throw error;
      logger.warn('leader epochs read again from the log', { directory, error });
      return { epochs: LeaderEpochs.empty(disk, file), isWhole: false };
    }
  }

  *#openSegments(): Interruptible<void> {
    const { directory, config, support } = this.#options;
    for (const name of this.#names) {
      const parsed = parseSegmentFileName(name);
      if (parsed?.kind !== 'log') continue;
      const stat = support.disk.statSync(path.join(directory, name));
      const segment = new Segment(support, {
        directory,
        baseOffset: parsed.offset,
        sizeBytes: stat?.sizeBytes ?? 0,
        indexBytesMax: config['segment.index.bytes'],
        rollJitterMs: this.#options.rollJitterMs(),
        createdMs: support.clock.nowMs(),
      });
      this.#segments.push(segment);
      yield* this.#checkIndexes(segment);
    }
  }

  *#checkIndexes(segment: Segment): Interruptible<void> {
    const { directory, logger, support: { disk }, recoveryPoint, wasCleanShutdown } = this.#options;
    const hasTimeIndex = disk.existsSync(segment.pathOf('timeindex'));
    if (!disk.existsSync(segment.pathOf('index'))) {
      if (wasCleanShutdown || segment.baseOffset < recoveryPoint) logger.error('offset index missing, segment is recovered', { directory, baseOffset: segment.baseOffset });
      yield* this.#recover(segment);
    } else if (segment.transactionIndex.read() === undefined) {
      logger.warn('transaction index corrupt, segment is recovered', { directory, baseOffset: segment.baseOffset });
      yield* this.#recover(segment);
    } else if (!hasTimeIndex) {
      segment.timeIndex.entries.reset();
    }
  }

  *#rebuildEpochs(): Interruptible<void> {
    for (const segment of this.#segments.all) {
      const cursor = cursorAt(segment);
      const isPieceOver = inPieces(0);
      while (cursor.next()) {
        this.#noteEpoch(cursor);
        if (isPieceOver(cursor.position)) yield;
      }
    }
    this.#epochs.save();
  }

  *#recoverUnflushed(): Interruptible<void> {
    const { directory, logger, recoveryPoint } = this.#options;
    const unflushed = this.#segments.between(recoveryPoint, Infinity);
    for (const [index, segment] of unflushed.entries()) {
      logger.debug('recovering segment', { directory, baseOffset: segment.baseOffset });
      const sizeBytes = segment.writtenBytes;
      yield* this.#recover(segment);
      if (segment.writtenBytes === sizeBytes) continue;
      logger.warn('log cut at the first corrupt batch', { directory, baseOffset: segment.baseOffset, position: segment.writtenBytes, cutBytes: sizeBytes - segment.writtenBytes });
      this.#setAside(unflushed.slice(index + 1));
      return;
    }
  }

  /** Reads a segment batch by batch, makes its indexes anew and cuts it at the first batch that is not sound. */
  *#recover(segment: Segment): Interruptible<void> {
    const { config, logStartOffset } = this.#options;
    const indexIntervalBytes = config['index.interval.bytes'];
    const producers = this.#newProducerStates();
    yield* this.#rebuildProducers(producers, logStartOffset, segment.baseOffset, false);
    segment.offsetIndex.entries.reset();
    segment.timeIndex.entries.reset();
    segment.transactionIndex.reset();
    segment.noteMaxTimestamp(-1, segment.baseOffset);
    let validBytes = 0;
    let indexedBytes = 0;
    const isPieceOver = inPieces(0);
    const cursor = cursorAt(segment);
    while (cursor.next() && cursor.isIntact() && segment.hasRoomForOffset(cursor.lastOffset)) {
      const timestamp = maxTimestamp(cursor.buffer, cursor.start);
      if (timestamp > segment.maxTimestamp) segment.noteMaxTimestamp(timestamp, cursor.lastOffset);
      if (validBytes - indexedBytes > indexIntervalBytes) {
        segment.offsetIndex.append(cursor.lastOffset, validBytes);
        segment.timeIndex.maybeAppend(segment.maxTimestamp, segment.offsetOfMaxTimestamp);
        indexedBytes = validBytes;
      }
      validBytes += cursor.sizeBytes;
      this.#noteEpoch(cursor);
      replay(producers, cursor, segment);
      if (isPieceOver(validBytes)) yield;
    }
    segment.cutFile(validBytes);
    segment.giveBackStrayBlocks();
    segment.finish();
    producers.takeSnapshot();
  }

  #noteEpoch(cursor: BatchCursor): void {
    if (magic(cursor.buffer, cursor.start) < 2) return;
    const epoch = leaderEpoch(cursor.buffer, cursor.start);
    if (epoch >= 0 && epoch > (this.#epochs.latest?.epoch ?? -1)) this.#epochs.assign(epoch, baseOffset(cursor.buffer, cursor.start));
  }

  /** The log's end by the active segment; one that does not read to its end is recovered even after a clean stop. */
  *#endOfLast(): Interruptible<number> {
    const { active } = this.#segments;
    const end = active.readEnd();
    if (end.position !== active.writtenBytes) {
      this.#options.logger.warn('active segment does not end with a whole batch, recovering it', { path: active.path, position: end.position });
      yield* this.#recover(active);
      return active.readEnd().nextOffset;
    }
    return end.nextOffset;
  }

  #rebuildProducers(producers: ProducerStates, logStartOffset: number, lastOffset: number, isCleanReload: boolean): Interruptible<void> {
    return rebuildProducers({ producers, segments: this.#segments, logStartOffset, lastOffset, isCleanReload, nowMs: this.#options.support.clock.nowMs() });
  }

  #newProducerStates(): ProducerStates {
    const { directory, isNew, logger, support, producerExpirationMs, isVerificationRequired } = this.#options;
    return new ProducerStates({ disk: support.disk, logger, directory, isNew, expirationMs: producerExpirationMs, isVerificationRequired });
  }

  #setAside(segments: readonly Segment[]): void {
    this.#segments.remove(segments);
    for (const segment of segments) {
      segment.markDeleted();
      this.#deleted.push(segment);
    }
  }
}

function cursorAt(segment: Segment): BatchCursor {
  const cursor = (recoveryCursor ??= new BatchCursor(recoveryWindowBytes));
  cursor.seek(segment.file, 0, segment.writtenBytes);
  return cursor;
}

/** Tells when a piece more has been read, beginning at `from`. */
function inPieces(from: number): (position: number) => boolean {
  let end = from + pieceBytes;
  return (position) => {
    if (position < end) return false;
    end = position + pieceBytes;
    return true;
  };
}

/** Takes a batch into the producers' state; the end of an aborted transaction also goes to the segment's index. */
function replay(producers: ProducerStates, cursor: BatchCursor, indexed: Segment | undefined): void {
  if (isControl(cursor.buffer, cursor.start)) cursor.loadWhole();
  const completed = producers.replay(cursor.buffer, cursor.start);
  if (completed?.isAborted === true && indexed !== undefined) indexed.transactionIndex.append(completed);
  producers.endOffset = cursor.lastOffset + 1;
}

export interface ProducerRebuild {
  readonly producers: ProducerStates;
  readonly segments: SegmentList;
  readonly logStartOffset: number;
  /** The state is wanted as it was before this offset. */
  readonly lastOffset: number;
  /** After a clean stop a log without snapshots never had producers, and is not read for them. */
  readonly isCleanReload: boolean;
  readonly nowMs: number;
}

/** Brings the producers' state to `lastOffset`: from the newest snapshot below, then from the log. */
export function* rebuildProducers(rebuild: ProducerRebuild): Interruptible<void> {
  const { producers, segments, logStartOffset, lastOffset, isCleanReload, nowMs } = rebuild;
  const bases = segments.all.map((segment) => segment.baseOffset);
  const snapshotAt = bases.slice(-2);
  if (producers.latestSnapshot === undefined && isCleanReload) {
    for (const offset of [...snapshotAt, lastOffset]) {
      producers.endOffset = offset;
      producers.takeSnapshot();
    }
    return;
  }
  const nothingToLose = producers.isEmpty && producers.endOffset >= lastOffset;
  producers.truncateAndReload(logStartOffset, lastOffset, nowMs);
  if (lastOffset > producers.endOffset && !nothingToLose) {
    const cursor = new BatchCursor(64 * 1024);
    for (const segment of segments.between(producers.endOffset, lastOffset)) {
      const from = Math.max(segment.baseOffset, producers.endOffset, logStartOffset);
      producers.endOffset = from;
      if (snapshotAt.includes(segment.baseOffset)) producers.takeSnapshot();
      const position = segment.positionOf(from);
      if (position === undefined) continue;
      cursor.seek(segment.file, position, segment.positionOf(lastOffset) ?? segment.writtenBytes);
      const isPieceOver = inPieces(position);
      while (cursor.next()) {
        replay(producers, cursor, undefined);
        if (isPieceOver(cursor.position)) yield;
      }
    }
  }
  producers.endOffset = lastOffset;
  producers.takeSnapshot();
}

/**
 * `.swap` files are the cleaner's output: they take the place of the segments that they cover. While one `.cleaned` file
 * is there the output is not whole, and what was swapped from its offset on is dropped.
 * @see LogLoader.removeTempFilesAndCollectSwapFiles in Apache Kafka 3.9
 */
function completeSwaps(options: LoadOptions, names: readonly string[]): void {
  const { directory, support: { disk } } = options;
  const offsetsOf = (suffix: string): { name: string; offset: number; isLog: boolean }[] =>
    names.filter((name) => name.endsWith(suffix)).flatMap((name) => {
      const parsed = parseSegmentFileName(name.slice(0, -suffix.length));
      return parsed === undefined ? [] : [{ name, offset: parsed.offset, isLog: parsed.kind === 'log' }];
    });
  const incompleteFrom = Math.min(...offsetsOf('.cleaned').map(({ offset }) => offset), Infinity);
  const swaps = offsetsOf('.swap');
  for (const { name, offset } of swaps) if (offset >= incompleteFrom) disk.removeSync(path.join(directory, name));
  // Only now: while one is there, it tells that the swap files behind it are not whole.
  for (const name of names) if (name.endsWith('.cleaned')) disk.removeSync(path.join(directory, name));
  const whole = swaps.filter(({ offset }) => offset < incompleteFrom);
  for (const { name, offset, isLog } of whole) if (isLog) removeCovered(options, name, offset);
  for (const { name } of whole) disk.renameSync(path.join(directory, name), path.join(directory, name.slice(0, -'.swap'.length)));
  if (swaps.length > 0) disk.syncDirectorySync(directory);
}

/** Removes the segments whose records the swap file holds. */
function removeCovered(options: LoadOptions, swap: string, base: number): void {
  const { directory, support: { disk } } = options;
  const file = disk.openSync(path.join(directory, swap), 'read');
  let nextOffset = base;
  try {
    lookupCursor.seek(file, 0, file.sizeSync());
    while (lookupCursor.next()) nextOffset = lookupCursor.lastOffset + 1;
  } finally {
    file.closeSync();
  }
  for (const name of disk.listSync(directory)) {
    const old = parseSegmentFileName(name);
    if (old === undefined || old.kind === 'snapshot' || old.offset < base || old.offset >= nextOffset) continue;
    disk.removeSync(path.join(directory, name));
  }
}
