import path from 'node:path';
import { atOnce } from '../runtime/in-slices.ts';
import type { Logger } from '../runtime/logger.ts';
import { lookBytes } from './blocks-ahead.ts';
import { DelayedRemoval } from './delayed-removal.ts';
import { Durability } from './durability.ts';
import { LogError, LogFailure } from './errors.ts';
import { FailureGuard } from './failure-guard.ts';
import { summarizeBatches } from './follower-append.ts';
import type { AppendSummary } from './follower-append.ts';
import { checkedByLeader } from './leader-append.ts';
import { leaderEpochFileName } from './leader-epochs.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import { rebuildProducers } from './load-log.ts';
import type { LoadedLog } from './load-log.ts';
import type { LogConfig } from './log-config.ts';
import { LogReader } from './log-reader.ts';
import type { AppendOptions, AppendResult, EpochEndOffset, LogPosition, LogRead, PartitionLog, ReadLimit, TimestampedOffset } from './partition-log.ts';
import { partitionMetadataFileName, writeTopicId } from './partition-metadata.ts';
import type { ProducerEntry } from './producer-state.ts';
import type { ProducerStates } from './producer-states.ts';
import type { Verification } from './verifications.ts';
import { countDeletable, limitsOf } from './retention.ts';
import type { RetentionState } from './retention.ts';
import type { SegmentList } from './segment-list.ts';
import { Segment } from './segment.ts';
import type { SegmentSupport } from './segment.ts';
import { swapIn } from './segment-swap.ts';
import { searchMaxTimestamp, searchTimestamp } from './timestamp-search.ts';

export interface DiskPartitionLogOptions {
  readonly support: SegmentSupport;
  readonly logger: Logger;
  readonly topic: string;
  readonly partition: number;
  readonly directory: string;
  readonly logDirectory: string;
  readonly topicId: string | undefined;
  readonly config: LogConfig;
  readonly highWatermark: number;
  readonly loaded: LoadedLog;
  /** A number of milliseconds in [0, segment.jitter.ms]. */
  readonly rollJitterMs: () => number;
  /** Told once, when the first disk error met this log. */
  readonly onFailure: (failure: LogFailure) => void;
  /** Told when records were cut from the log: what a cleaner found out of it before does not hold any more. */
  readonly onCut: () => void;
}

/** A partition's log in a folder of a real (or simulated) disk. What it does is told in `PartitionLog`. */
export class DiskPartitionLog implements PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly logDirectory: string;
  readonly #options: DiskPartitionLogOptions;
  readonly #support: SegmentSupport;
  readonly #segments: SegmentList;
  readonly #epochs: LeaderEpochs;
  readonly #producers: ProducerStates;
  readonly #reader: LogReader;
  readonly #staged: Buffer[] = [];
  readonly #durability: Durability;
  readonly #removal: DelayedRemoval;
  readonly #guard: FailureGuard;
  #directory: string;
  #topicId: string | undefined;
  #config: LogConfig;
  #logStartOffset: number;
  #logEndOffset: number;
  #writtenEndOffset: number;
  #highWatermark: number;
  #stagedBytes = 0;

  constructor(options: DiskPartitionLogOptions) {
    const { loaded } = options;
    this.#options = options;
    this.#support = options.support;
    this.topic = options.topic;
    this.partition = options.partition;
    this.logDirectory = options.logDirectory;
    this.#directory = options.directory;
    this.#topicId = options.topicId;
    this.#config = options.config;
    this.#segments = loaded.segments;
    this.#epochs = loaded.epochs;
    this.#producers = loaded.producers;
    this.#reader = new LogReader(loaded.segments);
    this.#logStartOffset = loaded.logStartOffset;
    this.#logEndOffset = loaded.nextOffset;
    this.#writtenEndOffset = loaded.nextOffset;
    this.#durability = new Durability(options.support, loaded.segments, options.directory, loaded.recoveryPoint);
    this.#guard = new FailureGuard(options.logDirectory, this.#name, (failure) => {
      this.#dropStaged();
      options.onFailure(failure);
    });
    this.#removal = new DelayedRemoval(options.support, (error) =>
      this.#guard.attemptUnasked('removing deleted segments', () => {
        throw error;
      }),
    );
    this.#highWatermark = clamp(options.highWatermark, loaded.logStartOffset, loaded.nextOffset);
    this.#producers.highWatermarkMoved(this.#highWatermark);
    this.#removal.schedule(loaded.deletedSegments, [], options.config['file.delete.delay.ms']);
  }

  get directory(): string {
    return this.#directory;
  }

  get topicId(): string | undefined {
    return this.#topicId;
  }

  get config(): LogConfig {
    return this.#config;
  }

  get isOffline(): boolean {
    return this.#guard.isOffline;
  }

  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  get logEndOffset(): number {
    return this.#logEndOffset;
  }

  get writtenEndOffset(): number {
    return this.#writtenEndOffset;
  }

  get recoveryPoint(): number {
    return this.#durability.recoveryPoint;
  }

  /** flush.ms have passed since the last flush, and something was written. */
  get isFlushDue(): boolean {
    return this.#writtenEndOffset > this.#durability.flushedTo && this.#durability.sinceFlushMs >= this.#config['flush.ms'];
  }

  get highWatermark(): number {
    return this.#highWatermark;
  }

  get lastStableOffset(): number {
    const unstable = this.#producers.firstUnstableOffset;
    return unstable === undefined || unstable >= this.#highWatermark ? this.#highWatermark : Math.max(unstable, this.#logStartOffset);
  }

  get latestEpoch(): number | undefined {
    return this.#epochs.latest?.epoch;
  }

  get sizeBytes(): number {
    return this.#segments.sizeBytes;
  }

  get segmentCount(): number {
    return this.#segments.count;
  }

  /** By base offset, the active one last. */
  get segments(): readonly Segment[] {
    return this.#segments.all;
  }

  /** What the log knows of each producer. */
  get producers(): Iterable<ProducerEntry> {
    return this.#producers.entries.values();
  }

  get producerCount(): number {
    return this.#producers.entries.size;
  }

  get firstSegmentBaseOffset(): number {
    return this.#segments.first.baseOffset;
  }

  get stagedBytes(): number {
    return this.#stagedBytes;
  }

  setTopicId(topicId: string): void {
    if (this.#topicId === topicId) return;
    if (this.#topicId !== undefined) {
      throw new LogError('INCONSISTENT_TOPIC_ID', `${this.#name} has topic id ${this.#topicId}, not ${topicId}`);
    }
    this.#guard.attempt('writing partition.metadata', () => writeTopicId(this.#support.disk, path.join(this.#directory, partitionMetadataFileName), topicId));
    this.#topicId = topicId;
  }

  appendAsLeader(records: Buffer, leaderEpoch: number, options: AppendOptions): AppendResult {
    this.#guard.requireOnline();
    try {
      const validated = checkedByLeader({
        records,
        firstOffset: this.#logEndOffset,
        leaderEpoch,
        nowMs: this.#support.clock.nowMs(),
        origin: options.origin,
        name: this.#name,
        config: this.#config,
      });
      const duplicateAt = this.#producers.check(validated.records, options.origin, options.verification);
      if (duplicateAt !== undefined) {
        return { ...this.#result(duplicateAt, duplicateAt + validated.messageCount - 1, validated.logAppendTimeMs, validated.messageCount, 0), isDuplicate: true };
      }
      const firstOffset = this.#logEndOffset;
      this.assignEpochStart(leaderEpoch, firstOffset);
      this.#stage({
        records: validated.records,
        firstOffset,
        lastOffset: validated.lastOffset,
        maxTimestamp: validated.maxTimestamp,
        offsetOfMaxTimestamp: validated.offsetOfMaxTimestamp < 0 ? validated.lastOffset : validated.offsetOfMaxTimestamp,
      });
      return this.#result(firstOffset, validated.lastOffset, validated.logAppendTimeMs, validated.messageCount, validated.records.length);
    } catch (error) {
      throw this.#guard.translated(error, 'appending');
    }
  }

  beginVerification(producerId: number, sequence: number, epoch: number): Verification | undefined {
    return this.#producers.beginVerification(producerId, sequence, epoch, this.#support.clock.nowMs());
  }

  appendAsFollower(records: Buffer): AppendResult {
    this.#guard.requireOnline();
    try {
      const summary = summarizeBatches(records, this.#logEndOffset);
      if (summary === undefined) return this.#result(-1, -1, -1, 0, 0);
      this.#epochs.takeAll(summary.records);
      this.#stage(summary);
      const count = summary.lastOffset - summary.firstOffset + 1;
      return this.#result(summary.firstOffset, summary.lastOffset, -1, count, summary.records.length);
    } catch (error) {
      throw this.#guard.translated(error, 'appending');
    }
  }

  writeStaged(): void {
    if (this.#stagedBytes === 0) return;
    this.#guard.requireOnline();
    const { active } = this.#segments;
    try {
      active.file.writeSync(this.#staged, active.writtenBytes);
    } catch (error) {
      throw this.#guard.translated(error, 'writing');
    }
    active.writtenBytes = active.sizeBytes;
    this.#staged.length = 0;
    this.#stagedBytes = 0;
    this.#writtenEndOffset = this.#logEndOffset;
    this.#reader.noteEnd(this.#logEndOffset);
    if (active.writtenBytes >= lookBytes) this.#guard.attempt('allocating blocks', () => active.allocateAhead(this.#config));
    if (this.#writtenEndOffset - this.#durability.flushedTo < this.#config['flush.messages']) return;
    this.#guard.attempt('flushing', () => this.#durability.flushNow(this.#writtenEndOffset));
  }

  read(offset: number, bytesMax: number, upTo: ReadLimit, atLeastOne: boolean, hint?: LogPosition): LogRead {
    this.#guard.requireOnline();
    if (offset < this.#logStartOffset || offset > this.#logEndOffset) {
      const range = `[${this.#logStartOffset}, ${this.#logEndOffset}]`;
      throw new LogError('OFFSET_OUT_OF_RANGE', `Received request for offset ${offset} for partition ${this.#name}, but we only have log segments from offset range ${range}`);
    }
    try {
      const limit = this.#limitOf(upTo);
      const found = this.#reader.read({ offset, bytesMax, limit, endOffset: this.#writtenEndOffset, atLeastOne, hint });
      if (upTo === 'last-stable') found.abortedTransactions = found.records.length === 0 ? [] : this.#reader.abortedTransactions(offset, limit);
      return found;
    } catch (error) {
      throw this.#guard.translated(error, 'reading');
    }
  }

  readableBytes(offset: number, upTo: ReadLimit): number {
    return this.#guard.attempt('reading', () => this.#reader.bytesBetween(Math.max(offset, this.#logStartOffset), this.#limitOf(upTo), this.#writtenEndOffset));
  }

  offsetForTimestamp(timestampMs: number): TimestampedOffset | undefined {
    return this.#guard.attempt('searching a timestamp', () => searchTimestamp(this.#segments, timestampMs, this.#logStartOffset));
  }

  offsetOfMaxTimestamp(): TimestampedOffset | undefined {
    return this.#guard.attempt('searching a timestamp', () => searchMaxTimestamp(this.#segments));
  }

  endOffsetForEpoch(epoch: number): EpochEndOffset {
    return this.#epochs.endOffsetFor(epoch, this.#logEndOffset);
  }

  epochForOffset(offset: number): number | undefined {
    return this.#epochs.epochForOffset(offset);
  }

  assignEpochStart(epoch: number, offset: number): void {
    const { latest } = this.#epochs;
    if (epoch < 0 || (latest !== undefined && latest.epoch === epoch && offset >= latest.startOffset)) return;
    this.#guard.attempt('writing leader epochs', () => this.#epochs.assign(epoch, offset));
  }

  setHighWatermark(offset: number): number {
    const moved = clamp(offset, this.#logStartOffset, this.#writtenEndOffset);
    if (moved !== this.#highWatermark) {
      this.#highWatermark = moved;
      this.#producers.highWatermarkMoved(moved);
    }
    return moved;
  }

  incrementLogStartOffset(offset: number): void {
    if (offset > this.#highWatermark) {
      throw new LogError('OFFSET_OUT_OF_RANGE', `Cannot increment the log start offset of ${this.#name} to ${offset}: it is above the high watermark ${this.#highWatermark}`);
    }
    if (offset <= this.#logStartOffset) return;
    this.#guard.attempt('moving the log start offset', () => {
      this.#logStartOffset = offset;
      this.#epochs.truncateFromStart(offset);
      this.#producers.logStartMoved(offset);
    });
  }

  truncateTo(offset: number): boolean {
    return this.#guard.attempt('truncating', () => {
      this.writeStaged();
      if (offset >= this.#logEndOffset) {
        this.#epochs.truncateFromEnd(this.#logEndOffset);
        return false;
      }
      if (offset < this.#segments.first.baseOffset) {
        this.#startAgainAt(offset);
        return true;
      }
      this.#deleteSegments(this.#segments.all.filter((segment) => segment.baseOffset > offset));
      this.#segments.active.truncateTo(offset);
      this.#reader.forgetPositions();
      this.#epochs.truncateFromEnd(offset);
      this.#endsAt(offset);
      this.#logStartOffset = Math.min(offset, this.#logStartOffset);
      this.#rebuildProducers(offset);
      this.setHighWatermark(this.#highWatermark);
      this.#options.onCut();
      return true;
    });
  }

  truncateFullyAndStartAt(offset: number): void {
    this.#guard.attempt('truncating', () => this.#startAgainAt(offset));
  }

  roll(): void {
    this.#guard.attempt('rolling', () => this.#rollAt(this.#logEndOffset));
  }

  async flush(): Promise<void> {
    this.writeStaged();
    try {
      await this.#durability.flushTo(this.#writtenEndOffset, true);
    } catch (error) {
      throw this.#guard.translated(error, 'flushing');
    }
  }

  updateConfig(config: LogConfig): void {
    this.#config = config;
  }

  deleteOldSegments(countMax = Infinity): number {
    return this.#guard.attempt('deleting old segments', () => {
      const count = Math.min(countDeletable(this.#retentionState()), countMax);
      if (count === 0) return 0;
      if (count === this.#segments.count) this.#rollAt(this.#logEndOffset);
      const due = this.#segments.all.slice(0, Math.min(count, this.#segments.count - 1));
      this.incrementLogStartOffset(this.#segments.at(due.length)!.baseOffset);
      this.#options.logger.info('old segments deleted', { partition: this.#name, count: due.length, logStartOffset: this.#logStartOffset });
      this.#deleteSegments(due);
      return due.length;
    });
  }

  /** A segment that the cleaner wrote takes the place of `old`, neighbours that are in the log. Slices of these stay readable. */
  replaceSegments(old: readonly Segment[], sizeBytes: number): void {
    this.#guard.attempt('swapping in a cleaned segment', () => {
      const { baseOffset, createdMs, rollJitterMs } = old[0]!;
      swapIn(this.#support.disk, this.#directory, baseOffset, old);
      const indexBytesMax = this.#config['segment.index.bytes'];
      this.#segments.replace(old, new Segment(this.#support, { directory: this.#directory, baseOffset, sizeBytes, indexBytesMax, rollJitterMs, createdMs }));
      this.#reader.forgetPositions();
      const snapshots = old.slice(1).flatMap((segment) => this.#producers.markSnapshotDeleted(segment.baseOffset) ?? []);
      this.#removal.schedule(old, snapshots, this.#config['file.delete.delay.ms']);
    });
  }

  /** Gives back memory of indexes that nobody used lately; producers that wrote nothing for long are forgotten. */
  tidy(): void {
    this.#producers.removeExpired(this.#support.clock.nowMs());
    if (!this.isOffline) this.#segments.active.giveBackIdleBlocks().catch((error: unknown) => this.#guard.translated(error, 'giving back blocks'));
    for (const segment of this.#segments.all) if (segment !== this.#segments.active) segment.unloadIndexes();
  }

  /** Brings the files to the form in which Kafka leaves them after a clean stop, and closes them. */
  async close(): Promise<void> {
    this.#removal.cancel();
    if (!this.isOffline) {
      this.writeStaged();
      try {
        this.#segments.active.finish();
        await this.#segments.active.giveBackBlocks();
        this.#durability.rolled(this.#segments.active.baseOffset);
        await this.#durability.flushTo(this.#writtenEndOffset, true);
        this.#producers.endOffset = this.#writtenEndOffset;
        this.#producers.takeSnapshot();
      } catch (error) {
        throw this.#guard.translated(error, 'closing');
      }
    }
    for (const segment of this.#segments.all) segment.closeFile();
  }

  /** The folder has another name in its log directory. */
  renamedTo(directory: string): void {
    this.#directory = directory;
    for (const segment of this.#segments.all) segment.movedTo(directory);
    this.#removal.movedTo(directory);
    this.#producers.movedTo(directory);
    this.#durability.movedTo(directory);
    this.#epochs.renamedTo(path.join(directory, leaderEpochFileName));
  }

  /** The folder was renamed, to be deleted later; slices handed out stay readable. */
  movedTo(directory: string): void {
    this.renamedTo(directory);
    this.goOffline(new LogFailure(this.logDirectory, `${this.#name} was deleted`));
    for (const segment of this.#segments.all) {
      this.#support.openFiles.release(segment);
      segment.forgetIndexes();
    }
  }

  /** Its directory failed elsewhere. Staged records are dropped; nothing is written any more. */
  goOffline(failure: LogFailure): void {
    if (this.#guard.goOffline(failure)) this.#dropStaged();
  }

  get #name(): string {
    return `${this.topic}-${this.partition}`;
  }

  #limitOf(upTo: ReadLimit): number {
    if (upTo === 'log-end') return this.#writtenEndOffset;
    return upTo === 'high-watermark' ? this.#highWatermark : this.lastStableOffset;
  }

  #result(firstOffset: number, lastOffset: number, logAppendTimeMs: number, recordCount: number, sizeBytes: number): AppendResult {
    return { firstOffset, lastOffset, logAppendTimeMs, logStartOffset: this.#logStartOffset, isDuplicate: false, recordCount, sizeBytes };
  }

  #stage(append: AppendSummary): void {
    const { records, lastOffset, maxTimestamp } = append;
    const sizeBytes = records.length;
    if (sizeBytes > this.#config['segment.bytes']) {
      throw new LogError('RECORD_LIST_TOO_LARGE', `Message batch size is ${sizeBytes} bytes in append to partition ${this.#name}, which exceeds the maximum configured segment size of ${this.#config['segment.bytes']}.`);
    }
    if (this.#segments.active.mustRollBefore(sizeBytes, lastOffset, maxTimestamp, this.#config)) this.#rollAt(Math.max(append.firstOffset, this.#logEndOffset));
    const { active } = this.#segments;
    active.appended(sizeBytes, lastOffset, maxTimestamp, append.offsetOfMaxTimestamp, this.#config['index.interval.bytes']);
    this.#staged.push(records);
    this.#stagedBytes += sizeBytes;
    this.#logEndOffset = lastOffset + 1;
    for (const completed of this.#producers.takeAll(records)) if (completed.isAborted) active.transactionIndex.append(completed);
    this.#producers.endOffset = this.#logEndOffset;
  }

  #rollAt(baseOffset: number): void {
    this.writeStaged();
    const { active } = this.#segments;
    if (active.baseOffset === baseOffset && active.sizeBytes === 0) {
      this.#deleteSegments([active]);
    } else {
      active.finish();
      active.giveBackBlocks().catch((error: unknown) => this.#guard.translated(error, 'giving back blocks'));
      active.unloadIndexes();
      this.#durability.rolled(active.baseOffset);
      this.#producers.endOffset = baseOffset;
      this.#producers.takeSnapshot();
    }
    this.#addSegment(baseOffset);
    this.#logEndOffset = baseOffset;
    this.#writtenEndOffset = baseOffset;
    if (active.baseOffset === baseOffset) return;
    this.#durability.flushTo(baseOffset, false).catch((error: unknown) => this.#guard.translated(error, 'flushing'));
  }

  #addSegment(baseOffset: number): void {
    this.#segments.push(Segment.create(this.#support, this.#directory, baseOffset, this.#config, this.#options.rollJitterMs()));
    this.#durability.added();
  }

  #startAgainAt(offset: number): void {
    this.#staged.length = 0;
    this.#stagedBytes = 0;
    this.#deleteSegments(this.#segments.all);
    this.#addSegment(offset);
    this.#reader.forgetPositions();
    this.#epochs.clear();
    this.#producers.truncateFullyAndStartAt(offset);
    this.#endsAt(offset);
    this.#logStartOffset = offset;
    this.#rebuildProducers(offset);
    this.setHighWatermark(offset);
    this.#options.onCut();
  }

  #endsAt(offset: number): void {
    this.#logEndOffset = offset;
    this.#writtenEndOffset = offset;
    this.#durability.cutAt(offset);
  }

  #rebuildProducers(lastOffset: number): void {
    atOnce(rebuildProducers({
      producers: this.#producers,
      segments: this.#segments,
      logStartOffset: this.#logStartOffset,
      lastOffset,
      isCleanReload: false,
      nowMs: this.#support.clock.nowMs(),
    }));
    // What was replayed may have been committed long ago, and the high watermark need not move for a while.
    this.#producers.highWatermarkMoved(this.#highWatermark);
  }

  #retentionState(): RetentionState {
    const { logStartOffset, logEndOffset, highWatermark } = this;
    const segments = this.#segments.all;
    return { segments, logStartOffset, logEndOffset, highWatermark, nowMs: this.#support.clock.nowMs(), ...limitsOf(this.#config) };
  }

  #deleteSegments(segments: readonly Segment[]): void {
    if (segments.length === 0) return;
    this.#segments.remove(segments);
    this.#reader.forgetPositions();
    const snapshots = segments.flatMap((segment) => this.#producers.markSnapshotDeleted(segment.baseOffset) ?? []);
    for (const segment of segments) segment.markDeleted();
    this.#removal.schedule(segments, snapshots, this.#config['file.delete.delay.ms']);
  }

  #dropStaged(): void {
    this.#staged.length = 0;
    this.#stagedBytes = 0;
    this.#logEndOffset = this.#writtenEndOffset;
    this.#removal.cancel();
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
