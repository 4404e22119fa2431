import path from 'node:path';
import { logDirectories } from '../runtime/config/broker-config.ts';
import { atOnce, inSlices } from '../runtime/in-slices.ts';
import type { Interruptible } from '../runtime/in-slices.ts';
import { createLogCleaner } from './cleaner/log-cleaner.ts';
import type { LogCleaner } from './cleaner/log-cleaner.ts';
import { DiskPartitionLog } from './disk-partition-log.ts';
import { LogError, LogFailure } from './errors.ts';
import { isSystemError } from './failure-guard.ts';
import { deletedFolderName, futureFolderName, parseFolderName, partitionFolderName } from './file-names.ts';
import { FolderRemoval } from './folder-removal.ts';
import { IndexMemory } from './index-memory.ts';
import { loadLog } from './load-log.ts';
import { isCompacted } from './log-config.ts';
import type { LogConfig } from './log-config.ts';
import { LogDirectory } from './log-directory.ts';
import { OpenFiles } from './open-files.ts';
import type { DirectoryFailureListener, LogCreation, LogFigures, LogManager, LogManagerOptions } from './log-manager.ts';
import type { PartitionLog } from './partition-log.ts';
import { partitionMetadataFileName, readTopicId } from './partition-metadata.ts';
import { Repeating } from './repeating.ts';
import { MalformedFile } from './text-files.ts';

/** Descriptors for segment files at once; sockets need the rest. Above it, those not used lately are closed. */
const openFilesMax = 2048;
/** For indexes of older segments, those of some 13 GB: what is read again costs a small file. */
const indexMemoryBytesMax = 64 * 1024 * 1024;
/** Longest time that loading keeps the event loop for itself. */
const loadSliceMs = 8;
/** Logs that are flushed and closed side by side: as many as libuv has threads. */
const closingMax = 4;
/** Segments of one log that retention lets go of before others have their turn: four files each are renamed. */
const retainedAtOnceMax = 20;

type DirectoryWork = (directory: LogDirectory, logs: readonly DiskPartitionLog[]) => void | Promise<void>;

/**
 * Locks and loads all directories; the segments above the recovery point are scanned where the last stop was not clean.
 * A directory that fails is left out and told to `onDirectoryFailure` listeners.
 * @throws LogFailure when no directory is left; LogError when a directory is locked by another process, holds a folder
 * that is not a partition's, or two hold the same partition
 */
export async function openLogManager(options: LogManagerOptions): Promise<LogManager> {
  const manager = new DiskLogManager(options);
  try {
    await manager.load();
  } catch (error) {
    manager.abandon();
    throw error;
  }
  return manager;
}

class DiskLogManager implements LogManager {
  readonly #options: LogManagerOptions;
  readonly #openFiles: OpenFiles;
  readonly #indexMemory = new IndexMemory(indexMemoryBytesMax);
  readonly #directories = new Map<string, LogDirectory>();
  readonly #failures = new Map<string, Error>();
  readonly #logs = new Map<string, DiskPartitionLog>();
  readonly #futureLogs = new Map<string, DiskPartitionLog>();
  /** By folder name, for partitions that are not here yet. */
  readonly #preferred = new Map<string, string>();
  readonly #listeners = new Set<DirectoryFailureListener>();
  readonly #removal: FolderRemoval;
  readonly #tasks: Repeating[] = [];
  readonly #cleaner: LogCleaner;
  #isCheckpointDue = false;
  /** Deleted logs, each with the count of deletions then, whose offsets the checkpoints on the disk may still have. */
  readonly #remembered = new Map<string, number>();
  #deletions = 0;
  #isClosed = false;

  constructor(options: LogManagerOptions) {
    this.#options = options;
    this.#openFiles = new OpenFiles(options.disk, options.clock, openFilesMax);
    this.#removal = new FolderRemoval({ ...options, failed: (folder, error) => this.#removalFailed(folder, error) });
    this.#cleaner = createLogCleaner({
      ...options,
      // A log that is being copied to another directory is left alone until then, as Apache Kafka leaves it.
      logs: () => Array.from(this.#logs).flatMap(([name, log]) => (this.#futureLogs.has(name) ? [] : [log])),
      checkpointOf: (log) => this.#directories.get(log.logDirectory)?.cleanerOffsets.get(partitionFolderName(log.topic, log.partition)),
      setCheckpoint: (log, offset) => this.#checkpointCleaner(log, offset),
      failDirectory: (directory, failure) => this.#failDirectory(directory, failure),
    });
  }

  get liveDirectories(): readonly string[] {
    return [...this.#directories.keys()];
  }

  get offlineDirectories(): readonly string[] {
    return [...this.#failures.keys()];
  }

  async load(): Promise<void> {
    const { config, disk } = this.#options;
    for (const directory of logDirectories(config)) {
      try {
        this.#directories.set(directory, new LogDirectory(disk, directory));
      } catch (error) {
        this.#failedToLoad(directory, error);
      }
    }
    for (const directory of this.#directories.values()) await this.#loadDirectory(directory);
    this.#requireDirectory();
    this.#startTasks();
    this.#cleaner.start();
  }

  /** Lets go of everything without writing: the next start sees an unclean stop. */
  abandon(): void {
    this.#isClosed = true;
    for (const task of this.#tasks) task.stop();
    void this.#removal.stop();
    this.#cleaner.stop();
    this.#openFiles.closeAll();
    for (const directory of this.#directories.values()) directory.unlock();
  }

  logs(): Iterable<PartitionLog> {
    return this.#logs.values();
  }

  figures(): LogFigures {
    let producerIds = 0;
    for (const log of this.#logs.values()) producerIds += log.producerCount;
    return { producerIds, indexBytes: this.#indexMemory.heldBytes, openFiles: this.#openFiles.openCount };
  }

  logOf(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(partitionFolderName(topic, partition));
  }

  futureLogs(): Iterable<PartitionLog> {
    return this.#futureLogs.values();
  }

  futureLogOf(topic: string, partition: number): PartitionLog | undefined {
    return this.#futureLogs.get(partitionFolderName(topic, partition));
  }

  preferDirectory(topic: string, partition: number, directory: string): void {
    this.#preferred.set(partitionFolderName(topic, partition), directory);
  }

  createFutureLog(topic: string, partition: number, directory: string): PartitionLog {
    const { random } = this.#options;
    const name = partitionFolderName(topic, partition);
    this.#refuseWhileOffline(name);
    const place = this.#directories.get(directory);
    if (place === undefined) throw new LogFailure(directory, `Log directory ${directory} is offline`);
    const folderName = futureFolderName(topic, partition, random.bytes(16).toString('hex'));
    return this.#orFail(directory, `Error while creating log for ${name} in dir ${directory}`, () => this.#create(place, topic, partition, this.#logs.get(name)?.topicId, folderName));
  }

  deleteFutureLog(topic: string, partition: number): void {
    const name = partitionFolderName(topic, partition);
    const log = this.#futureLogs.get(name);
    if (log === undefined) return;
    this.#futureLogs.delete(name);
    this.#retire(log);
  }

  replaceWithFutureLog(topic: string, partition: number): PartitionLog {
    const { disk, logger } = this.#options;
    const name = partitionFolderName(topic, partition);
    const present = this.#logs.get(name);
    const future = this.#futureLogs.get(name);
    if (present === undefined || present.isOffline) throw new LogFailure(present?.logDirectory ?? '', `The current replica for ${name} is offline`);
    if (future === undefined || future.isOffline) throw new LogFailure(future?.logDirectory ?? '', `The future replica for ${name} is offline`);
    const folder = path.join(future.logDirectory, name);
    this.#orFail(future.logDirectory, `Error while renaming dir for ${name} in log dir ${future.logDirectory}`, () => disk.renameSync(future.directory, folder));
    future.renamedTo(folder);
    future.setHighWatermark(present.highWatermark);
    this.#futureLogs.delete(name);
    this.#logs.set(name, future);
    const target = this.#directories.get(future.logDirectory);
    target?.highWatermarks.set(name, future.highWatermark);
    const cleanedTo = this.#directories.get(present.logDirectory)?.cleanerOffsets.get(name);
    if (cleanedTo !== undefined) target?.cleanerOffsets.set(name, cleanedTo);
    logger.info('log moved to another directory', { partition: name, from: present.directory, to: folder });
    this.#retire(present);
    return future;
  }

  getOrCreate(topic: string, partition: number, creation: LogCreation): PartitionLog {
    const present = this.logOf(topic, partition);
    if (present !== undefined) {
      if (creation.topicId !== undefined) present.setTopicId(creation.topicId);
      return present;
    }
    const name = partitionFolderName(topic, partition);
    if (!creation.isNew) this.#refuseWhileOffline(name);
    const log = this.#createIn(creation.preferredDirectory ?? this.#preferred.get(name), name, (place) => this.#create(place, topic, partition, creation.topicId));
    this.#preferred.delete(name);
    return log;
  }

  /** What is not in a working directory may be in one that does not work. */
  #refuseWhileOffline(name: string): void {
    if (this.#failures.size === 0) return;
    const offline = this.offlineDirectories.join(',');
    throw new LogFailure(this.offlineDirectories[0]!, `Can not create log for ${name} because log directories ${offline} are offline`);
  }

  /** In the preferred directory, or in another when that one fails. */
  #createIn(preferred: string | undefined, name: string, create: (directory: LogDirectory) => DiskPartitionLog): DiskPartitionLog {
    for (;;) {
      const directory = this.#placeFor(preferred);
      try {
        return create(directory);
      } catch (error) {
        if (!isSystemError(error)) throw error;
        this.#failDirectory(directory.path, new LogFailure(directory.path, `Error while creating log for ${name} in dir ${directory.path}: ${error.message}`, { cause: error }));
      }
    }
  }

  deleteLog(topic: string, partition: number): void {
    const name = partitionFolderName(topic, partition);
    const log = this.#logs.get(name);
    if (log === undefined) return;
    this.#logs.delete(name);
    this.#retire(log);
  }

  /** A log that is in no list any more: its folder goes, and so do its offsets. */
  #retire(log: DiskPartitionLog): void {
    const { disk, logger, random } = this.#options;
    const name = partitionFolderName(log.topic, log.partition);
    const renamed = path.join(log.logDirectory, deletedFolderName(log.topic, log.partition, random.bytes(16).toString('hex')));
    this.#cleaner.abort(log);
    this.#directories.get(log.logDirectory)?.highWatermarks.delete(name);
    this.#directories.get(log.logDirectory)?.cleanerOffsets.delete(name);
    try {
      this.#orFail(log.logDirectory, `Error while renaming dir for ${name} in log dir ${log.logDirectory}`, () => disk.renameSync(log.directory, renamed));
    } catch (error) {
      if (error instanceof LogFailure) return; // the directory is offline, and with it the log
      throw error;
    }
    log.movedTo(renamed);
    logger.info('log scheduled for deletion', { partition: name, directory: renamed });
    this.#removal.schedule(renamed, log.config['file.delete.delay.ms']);
    this.#checkpointSoon(name);
  }

  /** @throws LogFailure of the directory that failed */
  #orFail<T>(directory: string, what: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const failure = new LogFailure(directory, `${what}: ${error.message}`, { cause: error });
      this.#failDirectory(directory, failure);
      throw failure;
    }
  }

  /** Present and future ones. */
  #all(): DiskPartitionLog[] {
    return [...this.#logs.values(), ...this.#futureLogs.values()];
  }

  updateTopicConfig(topic: string, config: LogConfig): void {
    for (const log of this.#all()) if (log.topic === topic) this.#updateConfig(log, config);
  }

  updateConfigs(configOf: (topic: string) => LogConfig): void {
    const configs = new Map<string, LogConfig>();
    for (const log of this.#all()) {
      const config = configs.get(log.topic) ?? configOf(log.topic);
      configs.set(log.topic, config);
      this.#updateConfig(log, config);
    }
    this.#cleaner.reconfigure();
  }

  #updateConfig(log: DiskPartitionLog, config: LogConfig): void {
    log.updateConfig(config);
    if (!isCompacted(log.config)) this.#cleaner.abort(log);
  }

  onDirectoryFailure(listener: DirectoryFailureListener): () => void {
    this.#listeners.add(listener);
    for (const [directory, cause] of this.#failures) this.#options.clock.defer(() => listener(directory, cause, []));
    return () => this.#listeners.delete(listener);
  }

  checkpointHighWatermarks(): Promise<void> {
    return this.#inEachDirectory((directory, logs) => {
      for (const log of logs) directory.highWatermarks.set(partitionFolderName(log.topic, log.partition), log.highWatermark);
      return directory.writeHighWatermarks(logs);
    });
  }

  readHighWatermark(topic: string, partition: number): number {
    const name = partitionFolderName(topic, partition);
    const log = this.#logs.get(name);
    return (log === undefined ? undefined : this.#directories.get(log.logDirectory)?.highWatermarks.get(name)) ?? 0;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const task of this.#tasks) task.stop();
    const removed = this.#removal.stop();
    this.#cleaner.stop();
    const waiting = this.#all();
    const closeNext = async (): Promise<void> => {
      for (let log = waiting.pop(); log !== undefined; log = waiting.pop()) await this.#closeLog(log);
    };
    await Promise.all(Array.from({ length: closingMax }, closeNext));
    await removed;
    await Promise.all(Array.from(this.#directories.values(), (directory) => directory.settled()));
    await this.#inEachDirectory((directory, logs) => {
      directory.writeAllNow(logs);
      directory.markCleanShutdown();
    });
    this.#openFiles.closeAll();
    for (const directory of this.#directories.values()) directory.unlock();
  }

  async #closeLog(log: DiskPartitionLog): Promise<void> {
    try {
      await log.close();
    } catch (error) {
      if (!(error instanceof LogFailure)) throw error; // the directory is offline by now, and gets no clean-shutdown marker
    }
  }

  async #loadDirectory(directory: LogDirectory): Promise<void> {
    const { clock, logger } = this.#options;
    const startedMs = clock.monotonicMs();
    const count = await inSlices(clock, loadSliceMs, this.#loadFolders(directory)).catch((error: unknown) => this.#failedToLoad(directory.path, error));
    if (count !== undefined && count > 0) logger.info('logs loaded', { directory: directory.path, count, wasCleanShutdown: directory.wasCleanShutdown, tookMs: Math.round(clock.monotonicMs() - startedMs) });
  }

  /** @returns how many there are */
  *#loadFolders(directory: LogDirectory): Interruptible<number> {
    const { disk, work } = this.#options;
    let count = 0;
    for (const name of disk.listSync(directory.path)) {
      if (disk.statSync(path.join(directory.path, name))?.isDirectory !== true) continue;
      const loading = this.#loadFolder(directory, name);
      do {
        yield;
      } while (work.run(`loading of ${name}`, () => loading.next()).done !== true);
      count++;
    }
    return count;
  }

  *#loadFolder(directory: LogDirectory, name: string): Interruptible<void> {
    const { config, logger } = this.#options;
    const folder = parseFolderName(name);
    if (folder === undefined) {
      throw new LogError(
        'KAFKA_STORAGE_ERROR',
        `Found directory ${path.join(directory.path, name)}, '${name}' is not in the form of topic-partition or topic-partition.uniqueId-delete (if marked for deletion). ` +
          "Kafka's log directories (and children) should only contain Kafka topic data.",
      );
    }
    if (folder.state === 'delete') {
      this.#removal.schedule(path.join(directory.path, name), config['log.segment.delete.delay.ms']);
    } else if (folder.state === 'live') {
      const present = this.#logs.get(name);
      if (present !== undefined) throw new LogError('KAFKA_STORAGE_ERROR', `Duplicate log directories for ${name} are found in both ${present.directory} and ${path.join(directory.path, name)}`);
      yield* this.#open(directory, folder.topic, folder.partition, directory.wasCleanShutdown);
    } else if (folder.state === 'future') {
      const present = this.#futureLogs.get(partitionFolderName(folder.topic, folder.partition));
      if (present !== undefined) throw new LogError('KAFKA_STORAGE_ERROR', `Duplicate future log directories for ${partitionFolderName(folder.topic, folder.partition)} are found in both ${present.directory} and ${path.join(directory.path, name)}`);
      yield* this.#open(directory, folder.topic, folder.partition, directory.wasCleanShutdown, false, name);
    } else {
      logger.warn('folder passed over', { directory: directory.path, name });
    }
  }

  #create(directory: LogDirectory, topic: string, partition: number, topicId: string | undefined, folderName = partitionFolderName(topic, partition)): DiskPartitionLog {
    const { disk, logger } = this.#options;
    const folder = path.join(directory.path, folderName);
    if (this.#remembered.has(partitionFolderName(topic, partition))) this.#forgetNow();
    directory.highWatermarks.delete(partitionFolderName(topic, partition));
    disk.makeDirectorySync(folder);
    const log = atOnce(this.#open(directory, topic, partition, true, true, folderName));
    if (topicId !== undefined) log.setTopicId(topicId);
    logger.info('log created', { partition: partitionFolderName(topic, partition), directory: folder });
    return log;
  }

  *#open(directory: LogDirectory, topic: string, partition: number, wasCleanShutdown: boolean, isNew = false, folderName = partitionFolderName(topic, partition)): Interruptible<DiskPartitionLog> {
    const { clock, config, disk, logger, random, topicConfigOf } = this.#options;
    const name = partitionFolderName(topic, partition);
    const folder = path.join(directory.path, folderName);
    const topicConfig = topicConfigOf(topic);
    const support = { disk, clock, openFiles: this.#openFiles, indexMemory: this.#indexMemory };
    const rollJitterMs = (): number => {
      const jitterMs = Math.min(topicConfig['segment.jitter.ms'], topicConfig['segment.ms'], 0x7fff_ffff);
      return jitterMs === 0 ? 0 : random.integer(jitterMs);
    };
    const loaded = yield* loadLog({
      support,
      logger,
      directory: folder,
      isNew,
      config: topicConfig,
      wasCleanShutdown,
      recoveryPoint: isNew ? 0 : (directory.recoveryPoints.get(name) ?? 0),
      logStartOffset: isNew ? 0 : (directory.logStartOffsets.get(name) ?? 0),
      producerExpirationMs: () => config['producer.id.expiration.ms'],
      isVerificationRequired: () => config['transaction.partition.verification.enable'],
      rollJitterMs,
    });
    const log: DiskPartitionLog = new DiskPartitionLog({
      support,
      logger,
      topic,
      partition,
      directory: folder,
      logDirectory: directory.path,
      topicId: isNew ? undefined : readTopicId(disk, path.join(folder, partitionMetadataFileName)),
      config: topicConfig,
      highWatermark: directory.highWatermarks.get(name) ?? 0,
      loaded,
      rollJitterMs,
      onFailure: (failure) => this.#failDirectory(directory.path, failure),
      onCut: () => this.#cleaner.logCut(log),
    });
    (folderName === name ? this.#logs : this.#futureLogs).set(name, log);
    return log;
  }

  /** The preferred directory, else the one with the fewest logs. */
  #placeFor(preferred: string | undefined): LogDirectory {
    this.#requireDirectory();
    const wanted = preferred === undefined ? undefined : this.#directories.get(preferred);
    if (wanted !== undefined) return wanted;
    const [only] = this.#directories.values();
    if (only !== undefined && this.#directories.size === 1) return only;
    const counts = new Map([...this.#directories.keys()].map((directory) => [directory, 0]));
    for (const { logDirectory } of this.#all()) counts.set(logDirectory, (counts.get(logDirectory) ?? 0) + 1);
    const [least] = [...counts].sort(([, one], [, other]) => one - other);
    return this.#directories.get(least![0])!;
  }

  #requireDirectory(): void {
    if (this.#directories.size > 0) return;
    const [[directory, cause] = ['', undefined]] = this.#failures;
    throw new LogFailure(directory, `No log directory of ${logDirectories(this.#options.config).join(',')} can be used`, { cause });
  }

  /** An error of the disk leaves the directory out; anything else is for the operator. */
  #failedToLoad(directory: string, error: unknown): void {
    if (error instanceof LogFailure || (!(error instanceof LogError) && (isSystemError(error) || error instanceof MalformedFile))) {
      this.#failDirectory(directory, error as Error);
      return;
    }
    throw error;
  }

  #failDirectory(directory: string, cause: Error): void {
    if (this.#failures.has(directory)) return;
    const { clock, logger } = this.#options;
    logger.error('log directory failed, its logs are offline', { directory, error: cause });
    this.#failures.set(directory, cause);
    this.#directories.get(directory)?.unlock();
    this.#directories.delete(directory);
    const failure = cause instanceof LogFailure ? cause : new LogFailure(directory, cause.message, { cause });
    const logs = [...this.#logs.values()].filter((log) => log.logDirectory === directory);
    for (const log of logs) {
      log.goOffline(failure);
      this.#logs.delete(partitionFolderName(log.topic, log.partition));
    }
    for (const [name, log] of this.#futureLogs) {
      if (log.logDirectory !== directory) continue;
      log.goOffline(failure);
      this.#futureLogs.delete(name);
    }
    const listeners = [...this.#listeners];
    clock.defer(() => {
      for (const listener of listeners) listener(directory, cause, logs);
    });
  }

  #startTasks(): void {
    const { clock, config } = this.#options;
    const repeat = (delayMs: number, periodMs: number, run: () => void): void => {
      this.#tasks.push(new Repeating(clock, delayMs, periodMs, run));
    };
    const initialMs = config['log.initial.task.delay.ms'];
    repeat(initialMs, config['log.retention.check.interval.ms'], () => this.#retain());
    repeat(initialMs, Math.max(1, config['log.flush.offset.checkpoint.interval.ms']), () => void this.#inEachDirectory((directory, logs) => directory.writeRecoveryPoints(logs)));
    repeat(initialMs, Math.max(1, config['log.flush.start.offset.checkpoint.interval.ms']), () => void this.#inEachDirectory((directory, logs) => directory.writeLogStartOffsets(logs)));
    const flushMs = config['log.flush.scheduler.interval.ms'];
    if (flushMs < Number.MAX_SAFE_INTEGER) repeat(initialMs, Math.max(1, flushMs), () => this.#flushDue());
  }

  /** Of compacted logs the cleaner takes care itself, between two cleanings. */
  #retain(): void {
    this.#eachLog((log) => {
      if (!isCompacted(log.config)) this.#deleteOldSegments(log);
      log.tidy();
    });
  }

  /** Some now, the others after what came meanwhile. */
  #deleteOldSegments(log: DiskPartitionLog): void {
    const { clock, work } = this.#options;
    if (this.#isClosed || log.isOffline || this.#cleaner.isCleaning(log) || !this.#has(log)) return;
    const count = work.run(`retention of ${log.topic}-${log.partition}`, () => log.deleteOldSegments(retainedAtOnceMax));
    if (count === retainedAtOnceMax) clock.defer(() => this.#unlessFailed(() => this.#deleteOldSegments(log)));
  }

  #has(log: DiskPartitionLog): boolean {
    const name = partitionFolderName(log.topic, log.partition);
    return this.#logs.get(name) === log || this.#futureLogs.get(name) === log;
  }

  #checkpointCleaner(log: DiskPartitionLog, offset: number): void {
    const name = partitionFolderName(log.topic, log.partition);
    void this.#inDirectory(log.logDirectory, (directory, logs) => {
      const before = directory.cleanerOffsets.get(name) ?? 0;
      directory.cleanerOffsets.set(name, offset);
      // Of a log that was cut, what the file says would pass for clean what is written now.
      return offset < before ? directory.writeCleanerOffsetsNow(logs) : directory.writeCleanerOffsets(logs);
    });
  }

  #flushDue(): void {
    this.#eachLog((log) => {
      if (log.isFlushDue) log.flush().catch(() => undefined); // the failure has been told to the directory
    });
  }

  /** A failing log takes its directory offline; the others go on. */
  #eachLog(work: (log: DiskPartitionLog) => void): void {
    for (const log of this.#all()) if (!log.isOffline) this.#unlessFailed(() => work(log));
  }

  /** The failure has been told to the directory. */
  #unlessFailed(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof LogFailure)) throw error;
    }
  }

  async #inEachDirectory(work: DirectoryWork): Promise<void> {
    await Promise.all(this.liveDirectories.map((path) => this.#inDirectory(path, work)));
  }

  /** The work begins at once. */
  async #inDirectory(path: string, work: DirectoryWork): Promise<void> {
    const directory = this.#directories.get(path);
    if (directory === undefined) return;
    try {
      await work(directory, this.#all().filter((log) => log.logDirectory === path));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#failDirectory(path, new LogFailure(path, `Error while writing a checkpoint in ${path}: ${error.message}`, { cause: error }));
    }
  }

  /** Once for all logs deleted in this turn. Until that is durable the offsets of a deleted log may be read again: see `#create`. */
  #checkpointSoon(name: string): void {
    const deletion = ++this.#deletions;
    this.#remembered.set(name, deletion);
    if (this.#isCheckpointDue) return;
    this.#isCheckpointDue = true;
    this.#options.clock.defer(() => {
      this.#isCheckpointDue = false;
      if (!this.#isClosed) void this.#checkpointAll();
    });
  }

  async #checkpointAll(): Promise<void> {
    const upTo = this.#deletions;
    await this.#inEachDirectory(async (directory, logs) => {
      await Promise.all([directory.writeRecoveryPoints(logs), directory.writeLogStartOffsets(logs), directory.writeHighWatermarks(logs), directory.writeCleanerOffsets(logs)]);
    });
    for (const [name, deletion] of this.#remembered) if (deletion <= upTo) this.#remembered.delete(name);
  }

  /** A topic that is made again under the same name must not inherit what was. */
  #forgetNow(): void {
    void this.#inEachDirectory((directory, logs) => {
      directory.writeAllNow(logs);
      directory.writeCleanerOffsetsNow(logs);
    });
    this.#remembered.clear();
  }

  #removalFailed(folder: string, error: unknown): void {
    if (!isSystemError(error)) throw error;
    const directory = path.dirname(folder);
    this.#failDirectory(directory, new LogFailure(directory, `Error while deleting ${folder}: ${error.message}`, { cause: error }));
  }
}
