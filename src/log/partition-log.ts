import type { DiskFile } from '../runtime/disk.ts';
import type { LogConfig } from './log-config.ts';
import type { ProducerEntry } from './producer-state.ts';
import type { Verification } from './verifications.ts';

/** Bytes of an open file. The file stays open for at least a minute after the slice was handed out. */
export interface FileSlice {
  readonly file: DiskFile;
  readonly position: number;
  /** Bytes; 0 when there is nothing to read. */
  readonly length: number;
}

/** Where the batch that begins with an offset lies. Opaque to callers: they keep it between reads and hand it back. */
export interface LogPosition {
  readonly offset: number;
  readonly segmentBaseOffset: number;
  readonly position: number;
  /** Changes when the log is cut, so that a position from before is known to be stale; no two logs have the same. */
  readonly generation: number;
}

/** A transaction whose records a read_committed consumer must drop, from `firstOffset` to its ABORT marker. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface LogRead {
  /**
   * From the start of the batch that holds the offset asked for. The last batch may be cut short by the size limit, as
   * in Kafka's answers; the first is whole when asked for at least one.
   */
  readonly records: FileSlice;
  /** The size limit cut the first batch: Fetch v3+ answers nothing instead. Never so with `atLeastOne`. */
  readonly isFirstBatchCut: boolean;
  /** The bytes are surely in the page cache: the active segment's last megabytes. Anything else may need the disk. */
  readonly isHot: boolean;
  /** Where the next read goes on, known when this one reached the end of a segment or of what is readable: pass it as `hint`. */
  readonly next: LogPosition | undefined;
  /** For `upTo: 'last-stable'` alone, else undefined. In the order of the transaction index. */
  readonly abortedTransactions: readonly AbortedTransaction[] | undefined;
}

export type ReadLimit = 'log-end' | 'high-watermark' | 'last-stable';

/** Who appends; decides what is checked (AppendOrigin in Apache Kafka). */
export type AppendOrigin = 'client' | 'coordinator' | 'replication';

export interface AppendOptions {
  readonly origin: AppendOrigin;
  /** What `beginVerification` gave, once the coordinator said that the transaction has this partition. */
  readonly verification?: Verification | undefined;
}

export interface AppendResult {
  /** Offset of the first record; for a duplicate, that of the batch already in the log. -1 for an empty append. */
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** Milliseconds since the epoch when the topic has LogAppendTime, else -1. */
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
  /** An idempotent producer sent this before: nothing was staged (KIP-98). */
  readonly isDuplicate: boolean;
  readonly recordCount: number;
  /** Bytes staged. */
  readonly sizeBytes: number;
}

export interface TimestampedOffset {
  readonly offset: number;
  readonly timestamp: number;
  /** Undefined for records of the formats before v2. */
  readonly leaderEpoch: number | undefined;
}

export interface EpochEndOffset {
  /** -1 when not known. */
  readonly epoch: number;
  /** -1 when not known. */
  readonly endOffset: number;
}

/**
 * One partition's log in one directory. All calls are synchronous but `flush` and `close`, and work in the page cache.
 *
 * After a disk error each call throws LogFailure (KAFKA_STORAGE_ERROR): the log is offline until the broker restarts.
 * @see UnifiedLog in Apache Kafka 3.9
 */
export interface PartitionLog {
  readonly topic: string;
  readonly partition: number;
  /** The partition's folder. */
  readonly directory: string;
  /** The entry of `log.dirs` that holds it. */
  readonly logDirectory: string;
  /** From `partition.metadata`, 22 characters of URL-safe base64; undefined when the topic has none. */
  readonly topicId: string | undefined;
  readonly config: LogConfig;
  readonly isOffline: boolean;

  readonly logStartOffset: number;
  /** The next offset; what is staged counts. */
  readonly logEndOffset: number;
  /** The offset after the last that `writeStaged` wrote. */
  readonly writtenEndOffset: number;
  /** What is below is fsynced. */
  readonly recoveryPoint: number;
  readonly highWatermark: number;
  /** min(highWatermark, first offset of the oldest open transaction). */
  readonly lastStableOffset: number;
  readonly latestEpoch: number | undefined;
  readonly sizeBytes: number;
  readonly segmentCount: number;

  /** Writes `partition.metadata`. @throws LogError INCONSISTENT_TOPIC_ID when it has another */
  setTopicId(topicId: string): void;

  /**
   * Checks, assigns offsets and the leader epoch in place and stages the records: nothing is written before
   * `writeStaged`, and `records` must not change until then. A roll writes what is staged first.
   * @throws LogError CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_RECORD, INVALID_TIMESTAMP,
   * UNSUPPORTED_COMPRESSION_TYPE, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE,
   * TRANSACTION_COORDINATOR_FENCED; LogFailure
   */
  appendAsLeader(records: Buffer, leaderEpoch: number, options: AppendOptions): AppendResult;
  /**
   * Stages batches as the leader stored them; a batch cut short at the end is left out.
   * @throws LogError CORRUPT_MESSAGE; OFFSET_OUT_OF_RANGE when a batch begins below the log's end; LogFailure
   */
  appendAsFollower(records: Buffer): AppendResult;
  /**
   * Called before the first record of a transaction is appended; the coordinator is to be asked whether the transaction has
   * this partition. Undefined when there is nothing to ask: it has begun.
   */
  beginVerification(producerId: number, sequence: number, epoch: number): Verification | undefined;
  /** What the log knows of each producer. */
  readonly producers: Iterable<ProducerEntry>;
  /** Bytes appended and not yet written. */
  readonly stagedBytes: number;
  /**
   * One gathered write of all that is staged; afterwards it survives the death of this process.
   * @throws LogFailure: the staged records are dropped, logEndOffset goes back, the directory goes offline
   */
  writeStaged(): void;

  /**
   * Finds what may be read from `offset` on.
   * @param bytesMax upper bound of the slice; with `atLeastOne` the first batch is given whole even where it is longer (KIP-74)
   * @param hint `next` of an earlier read; a wrong or stale one is passed over
   * @throws LogError OFFSET_OUT_OF_RANGE when offset is outside [logStartOffset, logEndOffset]; LogFailure
   */
  read(offset: number, bytesMax: number, upTo: ReadLimit, atLeastOne: boolean, hint?: LogPosition): LogRead;
  /** Bytes from `offset` to the high watermark, 0 when none: what min.bytes of a fetch counts. */
  readableBytes(offset: number, upTo: ReadLimit): number;

  /** The first record with a timestamp of at least `timestampMs` (>= 0). The caller checks it against the reader's limit. */
  offsetForTimestamp(timestampMs: number): TimestampedOffset | undefined;
  /** The record with the greatest timestamp (ListOffsets -3, KIP-734). */
  offsetOfMaxTimestamp(): TimestampedOffset | undefined;

  /** The last offset + 1 of the greatest epoch <= `epoch` (KIP-101, KIP-279). */
  endOffsetForEpoch(epoch: number): EpochEndOffset;
  /** The epoch that wrote `offset`; undefined when not known. */
  epochForOffset(offset: number): number | undefined;
  /** Called when this replica becomes leader, before its first append. */
  assignEpochStart(epoch: number, offset: number): void;

  /** Clamped to [logStartOffset, writtenEndOffset]; returns the new value. */
  setHighWatermark(offset: number): number;
  /** Moves the start forward; nothing happens when it is there already. @throws LogError OFFSET_OUT_OF_RANGE above the high watermark */
  incrementLogStartOffset(offset: number): void;
  /** Cuts what is at or above `offset`, whole batches; returns whether anything was cut. */
  truncateTo(offset: number): boolean;
  /** Drops everything; the log begins and ends at `offset`. */
  truncateFullyAndStartAt(offset: number): void;

  /** Begins a new segment at the log's end. */
  roll(): void;
  /** fsync of everything below the log's end; moves the recovery point. */
  flush(): Promise<void>;
  updateConfig(config: LogConfig): void;
  /** Deletes whole old segments by retention.ms, retention.bytes and the log's start; returns how many. */
  deleteOldSegments(countMax?: number): number;
}
