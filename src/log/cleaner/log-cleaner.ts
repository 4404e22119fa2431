import type { Clock, Timer } from '../../runtime/clock.ts';
import type { BrokerConfig } from '../../runtime/config/broker-config.ts';
import type { Disk } from '../../runtime/disk.ts';
import type { LoopWork } from '../../runtime/loop-work.ts';
import type { Logger } from '../../runtime/logger.ts';
import { WorkCancelled } from '../../runtime/workers.ts';
import type { Workers } from '../../runtime/workers.ts';
import type { DiskPartitionLog } from '../disk-partition-log.ts';
import { LogFailure } from '../errors.ts';
import { isSystemError } from '../failure-guard.ts';
import { partitionFolderName } from '../file-names.ts';
import { isCompacted } from '../log-config.ts';
import { cleanLog } from './clean-log.ts';
import type { CleanerWorker, PassStatistics } from './clean-log.ts';
import { dirtyPart, isWorthCleaning } from './cleanable.ts';
import type { DirtyPart } from './cleanable.ts';
import { cleanerConfigOf, isSame } from './cleaner-config.ts';
import type { CleanerConfig } from './cleaner-config.ts';
import { cleanerWorker } from './cleaner-worker.ts';

/** What the cleaner needs of the log manager. */
export interface CleanerHost {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  readonly workers: Workers;
  readonly work: LoopWork;
  logs(): Iterable<DiskPartitionLog>;
  /** From `cleaner-offset-checkpoint` of the log's directory. */
  checkpointOf(log: DiskPartitionLog): number | undefined;
  /** Durable soon; at once where it moves back. */
  setCheckpoint(log: DiskPartitionLog, offset: number): void;
  failDirectory(directory: string, failure: LogFailure): void;
}

/**
 * Compacts logs whose cleanup.policy has compact, one per thread, the dirtiest first, and applies retention to them while
 * they are not being cleaned. @see LogCleaner, LogCleanerManager in Apache Kafka 3.9
 */
export interface LogCleaner {
  start(): void;
  /** A log is being cleaned: its segments must stay as they are. */
  isCleaning(log: DiskPartitionLog): boolean;
  /** Records were cut from the log: what was clean below the cut stays so, what was found above is void. */
  logCut(log: DiskPartitionLog): void;
  /** The log is deleted, or its policy has no compact any more: a cleaning under way comes to nothing. */
  abort(log: DiskPartitionLog): void;
  /**
   * The broker's properties may have changed (KIP-226). Where the cleaner's own did, what is being cleaned is begun anew with
   * the new ones, as Kafka's cleaner threads are started anew; properties that no cleaner could work with are told and passed over.
   */
  reconfigure(): void;
  stop(): void;
}

interface Cleaning {
  readonly worker: CleanerWorker;
  isAborted: boolean;
}

interface Candidate {
  readonly log: DiskPartitionLog;
  readonly part: DirtyPart;
}

/** @throws Error when the properties leave no room for a single key */
export function createLogCleaner(host: CleanerHost): LogCleaner {
  return new ThreadedLogCleaner(host, cleanerConfigOf(host.config));
}

class ThreadedLogCleaner implements LogCleaner {
  readonly #host: CleanerHost;
  #config: CleanerConfig;
  readonly #running = new Map<string, Cleaning>();
  /** Logs that cleaning failed on: not tried again before the next start. */
  readonly #uncleanable = new WeakSet<DiskPartitionLog>();
  readonly #idleWorkers: CleanerWorker[] = [];
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(host: CleanerHost, config: CleanerConfig) {
    this.#host = host;
    this.#config = config;
  }

  start(): void {
    if (this.#config.threads > 0) this.#workAfter(0);
  }

  isCleaning(log: DiskPartitionLog): boolean {
    return this.#running.has(nameOf(log));
  }

  logCut(log: DiskPartitionLog): void {
    this.abort(log);
    if (!isCompacted(log.config)) return;
    const activeBase = log.segments.at(-1)!.baseOffset;
    if ((this.#host.checkpointOf(log) ?? 0) > activeBase) this.#host.setCheckpoint(log, activeBase);
  }

  abort(log: DiskPartitionLog): void {
    const cleaning = this.#running.get(nameOf(log));
    if (cleaning !== undefined) abort(cleaning);
  }

  reconfigure(): void {
    const config = this.#newConfig();
    if (isSame(config, this.#config)) return;
    this.#config = config;
    for (const cleaning of this.#running.values()) abort(cleaning);
    if (this.#timer !== undefined && !this.#isStopped) this.#workAfter(0);
    this.#host.logger.info('log cleaner reconfigured', { threads: config.threads, backoffMs: config.backoffMs, ...config.limits });
  }

  #newConfig(): CleanerConfig {
    try {
      return cleanerConfigOf(this.#host.config);
    } catch (error) {
      this.#host.logger.error('log cleaner goes on with its former properties', { error });
      return this.#config;
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    for (const cleaning of this.#running.values()) {
      cleaning.isAborted = true;
      cleaning.worker.close();
    }
    this.#closeIdleWorkers();
  }

  #workAfter(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#host.clock.setTimer(delayMs, () => this.#work());
  }

  /** Gives each free thread the filthiest log that is left, and deletes what retention says of the others. */
  #work(): void {
    if (this.#isStopped) return;
    this.#workAfter(this.#config.backoffMs);
    while (this.#running.size < this.#config.threads) {
      const filthiest = this.#filthiest();
      if (filthiest === undefined) break;
      void this.#clean(filthiest);
    }
    for (const log of this.#candidates()) this.#attempt(log, () => log.deleteOldSegments());
    if (this.#running.size === 0) this.#closeIdleWorkers();
  }

  #filthiest(): Candidate | undefined {
    const nowMs = this.#host.clock.nowMs();
    let filthiest: Candidate | undefined;
    for (const log of this.#candidates()) {
      this.#attempt(log, () => {
        const part = this.#dirtyPartOf(log, nowMs);
        if (!isWorthCleaning(part, log.config['min.cleanable.dirty.ratio'])) return;
        if (filthiest === undefined || part.dirtyRatio > filthiest.part.dirtyRatio) filthiest = { log, part };
      });
    }
    return filthiest;
  }

  #dirtyPartOf(log: DiskPartitionLog, nowMs: number): DirtyPart {
    const { segments, logStartOffset, logEndOffset, lastStableOffset, config } = log;
    const checkpoint = this.#host.checkpointOf(log);
    const lags = { minCompactionLagMs: config['min.compaction.lag.ms'], maxCompactionLagMs: config['max.compaction.lag.ms'] };
    const part = dirtyPart({ segments, logStartOffset, logEndOffset, lastStableOffset, checkpoint, ...lags }, nowMs);
    if (!part.isCheckpointInvalid) return part;
    // With delete in the policy too, retention overtakes the checkpoint every day.
    if (!config['cleanup.policy'].includes('delete')) {
      this.#host.logger.warn('cleaner checkpoint lies outside of the log and is set back to its start', { partition: nameOf(log), checkpoint, logStartOffset, logEndOffset });
    }
    this.#host.setCheckpoint(log, part.firstDirtyOffset);
    return part;
  }

  /** Compacted logs that nobody works on. */
  #candidates(): readonly DiskPartitionLog[] {
    const isFree = (log: DiskPartitionLog): boolean => !this.#running.has(nameOf(log)) && !this.#uncleanable.has(log);
    return Array.from(this.#host.logs()).filter((log) => isCompacted(log.config) && !log.isOffline && isFree(log));
  }

  async #clean({ log, part }: Candidate): Promise<void> {
    const { disk, clock, workers, work } = this.#host;
    const worker = this.#idleWorkers.pop() ?? workers.start(cleanerWorker);
    const cleaning: Cleaning = { worker, isAborted: false };
    const name = nameOf(log);
    this.#running.set(name, cleaning);
    let isUsable = true;
    try {
      const startedMs = clock.monotonicMs();
      const statistics = await cleanLog({ log, part, worker, limits: this.#config.limits, disk, clock, work, isAborted: () => cleaning.isAborted || log.isOffline });
      this.#host.setCheckpoint(log, statistics.endOffset);
      this.#tell(name, part, statistics, clock.monotonicMs() - startedMs);
    } catch (error) {
      isUsable = error instanceof WorkCancelled || error instanceof LogFailure;
      if (!isUsable) this.#failed(log, error);
    }
    this.#running.delete(name);
    if (isUsable && !this.#isStopped) this.#idleWorkers.push(worker);
    else worker.close();
    if (!this.#isStopped) this.#workAfter(0);
  }

  /** The disk's errors take the directory offline, any other leaves this log alone uncleaned. */
  #failed(log: DiskPartitionLog, error: unknown): void {
    const name = nameOf(log);
    if (isSystemError(error)) {
      const detail = `Failed to clean up log for ${name} in dir ${log.logDirectory} due to ${error.message}`;
      this.#host.failDirectory(log.logDirectory, new LogFailure(log.logDirectory, detail, { cause: error }));
      return;
    }
    this.#uncleanable.add(log);
    this.#host.logger.error('log cannot be cleaned and is left as it is until the next start', { partition: name, directory: log.directory, error });
  }

  #tell(partition: string, part: DirtyPart, statistics: PassStatistics, tookMs: number): void {
    const { endOffset: to, mapBytesRead, mapUtilization, bytesRead, bytesWritten, recordsRead, recordsKept, keylessRecords } = statistics;
    const fields = { partition, from: part.firstDirtyOffset, to, tookMs: Math.round(tookMs), mapBytesRead, mapUtilization: Number(mapUtilization.toFixed(3)), bytesRead, bytesWritten, recordsRead, recordsKept };
    this.#host.logger.info('log cleaned', fields);
    if (keylessRecords > 0) this.#host.logger.warn('records without a key were dropped from a compacted log', { partition, keylessRecords });
  }

  /** Trouble with one log does not keep the others from their turn. A LogFailure was told where it happened. */
  #attempt(log: DiskPartitionLog, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof LogFailure)) this.#failed(log, error);
    }
  }

  #closeIdleWorkers(): void {
    for (const worker of this.#idleWorkers.splice(0)) worker.close();
  }
}

/** What the worker still does counts for nothing; its log is not given to another before it has answered. */
function abort(cleaning: Cleaning): void {
  cleaning.isAborted = true;
  cleaning.worker.cancel();
}

function nameOf(log: DiskPartitionLog): string {
  return partitionFolderName(log.topic, log.partition);
}
