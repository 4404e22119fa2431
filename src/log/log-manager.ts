import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Disk } from '../runtime/disk.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Random } from '../runtime/random.ts';
import type { LogConfig } from './log-config.ts';
import type { PartitionLog } from './partition-log.ts';

export interface LogManagerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  /** The properties of a topic's logs; asked at start for each log found and at creation. */
  readonly topicConfigOf: (topic: string) => LogConfig;
}

export interface LogCreation {
  readonly topicId?: string;
  /** A partition that never was on this broker; one that was must not be made anew while a directory is offline. */
  readonly isNew: boolean;
  /** An entry of `log.dirs`; else the live one with the fewest logs. */
  readonly preferredDirectory?: string;
}

/** All logs of a broker, in all of its `log.dirs`. @see LogManager in Apache Kafka 3.9 */
export interface LogManager {
  /** Entries of `log.dirs` that work, in the order of the property. */
  readonly liveDirectories: readonly string[];
  readonly offlineDirectories: readonly string[];
  logs(): Iterable<PartitionLog>;
  logOf(topic: string, partition: number): PartitionLog | undefined;
  /** @throws LogFailure when no directory is left or the log may be in an offline one; LogError INCONSISTENT_TOPIC_ID */
  getOrCreate(topic: string, partition: number, creation: LogCreation): PartitionLog;
  /** Renames the folder to …-delete at once; its bytes go after file.delete.delay.ms. An absent log is fine. */
  deleteLog(topic: string, partition: number): void;
  /** Takes the new properties of a topic to all its logs. */
  updateTopicConfig(topic: string, config: LogConfig): void;
  /** Called once for each directory that fails, after its logs have gone offline. Returns the removal of the listener. */
  onDirectoryFailure(listener: (directory: string, cause: Error, logs: readonly PartitionLog[]) => void): () => void;
  /** Writes `replication-offset-checkpoint` of each live directory. */
  checkpointHighWatermarks(): void;
  /** What the checkpoint said when the broker started; 0 when nothing. */
  readHighWatermark(topic: string, partition: number): number;
  /** Writes everything, fsyncs, checkpoints, and leaves `.kafka_cleanshutdown` in each live directory. */
  close(): Promise<void>;
}

/**
 * Locks and loads all directories; the segments above the recovery point are scanned where the last stop was not clean.
 * A directory that fails is left out, and told to `onDirectoryFailure` listeners a turn later.
 * @throws LogFailure when no directory is left; LogError when a directory is locked by another process or holds a folder that is not a log
 */
export declare function openLogManager(options: LogManagerOptions): Promise<LogManager>;
