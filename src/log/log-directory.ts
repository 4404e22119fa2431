import path from 'node:path';
import type { Disk } from '../runtime/disk.ts';
import { CheckpointWriter } from './checkpoint-writer.ts';
import { LogError } from './errors.ts';
import { isSystemError } from './failure-guard.ts';
import { partitionFolderName } from './file-names.ts';
import { cleanerCheckpoint, formatOffsetCheckpoint, highWatermarkCheckpoint, logStartOffsetCheckpoint, readOffsetCheckpoint, recoveryPointCheckpoint } from './offset-checkpoint.ts';

export const cleanShutdownFileName = '.kafka_cleanshutdown';
export const lockFileName = '.lock';

/** What Apache Kafka 3.9 writes in ZooKeeper mode; that the file is there is what counts. */
const cleanShutdownContent = '{"version":0,"brokerEpoch":-1}';

/** A log as the checkpoints of its directory need it. */
export interface CheckpointedLog {
  readonly topic: string;
  readonly partition: number;
  readonly recoveryPoint: number;
  readonly logStartOffset: number;
  readonly firstSegmentBaseOffset: number;
  readonly highWatermark: number;
}

/** One entry of `log.dirs`: its lock, its clean-shutdown marker and its checkpoints. */
export class LogDirectory {
  readonly path: string;
  /** How the last stop of a broker here went. */
  readonly wasCleanShutdown: boolean;
  readonly recoveryPoints: ReadonlyMap<string, number>;
  readonly logStartOffsets: ReadonlyMap<string, number>;
  /** By folder name; an entry goes when its log is deleted. */
  readonly highWatermarks: Map<string, number>;
  /** Where the dirty part of each compacted log begins, by folder name. */
  readonly cleanerOffsets: Map<string, number>;
  readonly #disk: Disk;
  readonly #lock: { release(): void };
  readonly #writers = new Map<string, CheckpointWriter>();

  /**
   * Makes the directory if need be, locks it and reads its checkpoints. The clean-shutdown marker is removed: should the
   * broker die while loading, the next start scans the logs.
   * @throws LogError when another process holds the lock; system errors; MalformedFile
   */
  constructor(disk: Disk, directory: string) {
    this.path = directory;
    this.#disk = disk;
    disk.makeDirectorySync(directory);
    const lock = disk.lockSync(path.join(directory, lockFileName));
    if (lock === undefined) {
      throw new LogError(
        'KAFKA_STORAGE_ERROR',
        `Failed to acquire lock on file ${lockFileName} in ${directory}. A broker in another process or thread is using this directory: stop it, or give this one another log.dirs.`,
      );
    }
    this.#lock = lock;
    try {
      const marker = path.join(directory, cleanShutdownFileName);
      this.wasCleanShutdown = disk.existsSync(marker);
      if (this.wasCleanShutdown) disk.unlinkSync(marker);
      this.recoveryPoints = this.#read(recoveryPointCheckpoint);
      this.logStartOffsets = this.#read(logStartOffsetCheckpoint);
      this.highWatermarks = this.#read(highWatermarkCheckpoint);
      this.cleanerOffsets = this.#read(cleanerCheckpoint);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** As the other writes, resolves when what it wrote, or something newer, is durable. @throws system errors */
  writeRecoveryPoints(logs: readonly CheckpointedLog[]): Promise<void> {
    return this.#writerOf(recoveryPointCheckpoint).write(recoveryPointsOf(logs));
  }

  writeLogStartOffsets(logs: readonly CheckpointedLog[]): Promise<void> {
    return this.#writerOf(logStartOffsetCheckpoint).write(logStartOffsetsOf(logs));
  }

  writeHighWatermarks(logs: readonly CheckpointedLog[]): Promise<void> {
    return this.#writerOf(highWatermarkCheckpoint).write(highWatermarksOf(logs));
  }

  /** Only of logs that the cleaner has looked at; what the file said of logs that are not here any more goes. */
  writeCleanerOffsets(logs: readonly CheckpointedLog[]): Promise<void> {
    return this.#writerOf(cleanerCheckpoint).write(this.#cleanerOffsetsOf(logs));
  }

  /** All but the cleaner's; durable when it returns. @throws system errors */
  writeAllNow(logs: readonly CheckpointedLog[]): void {
    this.#writerOf(recoveryPointCheckpoint).writeNow(recoveryPointsOf(logs));
    this.#writerOf(logStartOffsetCheckpoint).writeNow(logStartOffsetsOf(logs));
    this.#writerOf(highWatermarkCheckpoint).writeNow(highWatermarksOf(logs));
  }

  writeCleanerOffsetsNow(logs: readonly CheckpointedLog[]): void {
    this.#writerOf(cleanerCheckpoint).writeNow(this.#cleanerOffsetsOf(logs));
  }

  markCleanShutdown(): void {
    this.#disk.replaceFileSync(path.join(this.path, cleanShutdownFileName), cleanShutdownContent);
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> {
    await Promise.all(Array.from(this.#writers.values(), (writer) => writer.settled()));
  }

  /** A disk that failed may not let go of it; the lock then ends with the process. */
  unlock(): void {
    for (const writer of this.#writers.values()) writer.drop();
    try {
      this.#lock.release();
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }

  #read(name: string): Map<string, number> {
    return readOffsetCheckpoint(this.#disk, path.join(this.path, name));
  }

  #writerOf(name: string): CheckpointWriter {
    const known = this.#writers.get(name);
    if (known !== undefined) return known;
    const writer = new CheckpointWriter(this.#disk, path.join(this.path, name));
    this.#writers.set(name, writer);
    return writer;
  }

  #cleanerOffsetsOf(logs: readonly CheckpointedLog[]): string {
    const offsetOf = ({ topic, partition }: CheckpointedLog): number | undefined => this.cleanerOffsets.get(partitionFolderName(topic, partition));
    return formatted(logs.filter((log) => offsetOf(log) !== undefined), (log) => offsetOf(log)!);
  }
}

const recoveryPointsOf = (logs: readonly CheckpointedLog[]): string => formatted(logs, (log) => log.recoveryPoint);
const highWatermarksOf = (logs: readonly CheckpointedLog[]): string => formatted(logs, (log) => log.highWatermark);

/** Only where the start is not simply the first segment's. */
const logStartOffsetsOf = (logs: readonly CheckpointedLog[]): string =>
  formatted(logs.filter((log) => log.logStartOffset > log.firstSegmentBaseOffset), (log) => log.logStartOffset);

function formatted(logs: readonly CheckpointedLog[], offsetOf: (log: CheckpointedLog) => number): string {
  return formatOffsetCheckpoint(logs.map((log) => ({ topic: log.topic, partition: log.partition, offset: offsetOf(log) })));
}
