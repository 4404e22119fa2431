import type { Clock } from '../runtime/clock.ts';
import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import type { Disk } from '../runtime/disk.ts';
import type { Logger } from '../runtime/logger.ts';
import type { LoopWork } from '../runtime/loop-work.ts';
import type { Random } from '../runtime/random.ts';
import type { Workers } from '../runtime/workers.ts';
import type { LogConfig } from './log-config.ts';
import type { PartitionLog } from './partition-log.ts';

export interface LogManagerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  /** For what would stall the event loop: compaction. */
  readonly workers: Workers;
  /** The properties of a topic's logs; asked at start for each log found and at creation. */
  readonly topicConfigOf: (topic: string) => LogConfig;
  /** Told of what may keep the event loop long: recovery, retention. */
  readonly work: LoopWork;
}

/** What logs hold, now. */
export interface LogFigures {
  /** Producers with a state, of all logs; none expires before producer.id.expiration.ms. */
  readonly producerIds: number;
  /** Memory of indexes that were read from disk. */
  readonly indexBytes: number;
  /** Descriptors of segment files. */
  readonly openFiles: number;
}

export interface LogCreation {
  readonly topicId?: string;
  /** A partition that never was on this broker; one that was must not be made anew while a directory is offline. */
  readonly isNew: boolean;
  /** An entry of `log.dirs`; else the live one with the fewest logs. */
  readonly preferredDirectory?: string;
}

export type DirectoryFailureListener = (directory: string, cause: Error, logs: readonly PartitionLog[]) => void;

/** All logs of a broker, in all of its `log.dirs`. @see LogManager in Apache Kafka 3.9 */
export interface LogManager {
  /** Entries of `log.dirs` that work, in the order of the property. */
  readonly liveDirectories: readonly string[];
  readonly offlineDirectories: readonly string[];
  logs(): Iterable<PartitionLog>;
  /** Looks at each log. */
  figures(): LogFigures;
  logOf(topic: string, partition: number): PartitionLog | undefined;
  /** @throws LogFailure when no directory is left or the log may be in an offline one; LogError INCONSISTENT_TOPIC_ID */
  getOrCreate(topic: string, partition: number, creation: LogCreation): PartitionLog;
  /** Where the partition's log is to be made when it comes to this broker: an entry of `log.dirs`. */
  preferDirectory(topic: string, partition: number, directory: string): void;
  /** Logs that are copied to another directory, to take the place of the present ones there (KIP-113). */
  futureLogs(): Iterable<PartitionLog>;
  futureLogOf(topic: string, partition: number): PartitionLog | undefined;
  /** @throws LogFailure when a directory is offline: the partition may have a future log in it */
  createFutureLog(topic: string, partition: number, directory: string): PartitionLog;
  /** As `deleteLog`. */
  deleteFutureLog(topic: string, partition: number): void;
  /**
   * The future log becomes the present one, with its high watermark; the former goes as with `deleteLog`.
   * @returns the future log @throws LogFailure when either is offline
   */
  replaceWithFutureLog(topic: string, partition: number): PartitionLog;
  /** Renames the folder to …-delete at once; its bytes go after file.delete.delay.ms. An absent log is fine. */
  deleteLog(topic: string, partition: number): void;
  /** Takes the new properties of a topic to all its logs. */
  updateTopicConfig(topic: string, config: LogConfig): void;
  /** Broker properties, which give topics their defaults, have changed: all logs take their properties anew, and so does the cleaner. */
  updateConfigs(configOf: (topic: string) => LogConfig): void;
  /**
   * Called once for each directory that fails, in a later turn, after its logs have gone offline; those that failed
   * while loading are told to each new listener. Returns the removal of the listener.
   */
  onDirectoryFailure(listener: DirectoryFailureListener): () => void;
  /** Writes `replication-offset-checkpoint` of each live directory; resolves when all are durable, or their directories failed. */
  checkpointHighWatermarks(): Promise<void>;
  /** What the checkpoint said when the broker started; 0 when nothing. */
  readHighWatermark(topic: string, partition: number): number;
  /** Writes everything, fsyncs, checkpoints, and leaves `.kafka_cleanshutdown` in each live directory. */
  close(): Promise<void>;
}
