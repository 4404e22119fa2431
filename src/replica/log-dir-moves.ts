import type { LogManager } from '../log/log-manager.ts';
import { LogError } from '../log/errors.ts';
import type { FileSlice, LogPosition, PartitionLog } from '../log/partition-log.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { createPause } from '../runtime/pause.ts';
import { appendFetched } from './append-fetched.ts';
import { protocolError } from './errors.ts';
import { nextMoveStep } from './log-dir-move.ts';
import type { Partition } from './partition.ts';
import type { ReplicaRate } from './replication-quota.ts';

/**
 * Copies logs into other directories of this broker, and lets each copy take its log's place when nothing is missing
 * (KIP-113). One log at a time, in chunks; between two of them others have their turn:
 *
 *     present log ── async read ──► future log      … until what is missing is small; then, within one turn of the event
 *     (appends go on)               (t-0.…-future)    loop: write what is staged, copy the rest, rename, rename
 *
 * What is cut from the present log is cut from the future one, by their leader epochs; a log start moves along.
 */
export interface LogDirMoves {
  readonly size: number;
  /** The partition has a future log. */
  add(partition: Partition): void;
  /** No more of it is copied; the future log stays as it is. */
  remove(partition: Partition): void;
  close(): void;
}

export interface LogDirMovesOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly logs: LogManager;
  /** replica.alter.log.dirs.io.max.bytes.per.second */
  readonly rate: ReplicaRate;
  /** replica.fetch.max.bytes: as much is read at once. */
  readonly chunkBytesMax: () => number;
  /** Writes what is staged for any log. */
  readonly flushAppends: () => void;
  /** The partition has another log now. */
  readonly moved: (partition: Partition) => void;
}

/** As much is copied within the turn in which the future log takes over. */
const lastBytesMax = 256 * 1024;

interface Move {
  readonly partition: Partition;
  position: LogPosition | undefined;
  /** Where a chunk was corrupt: it may have been cut while it was read, but not twice. */
  corruptAt: number;
}

export function createLogDirMoves(options: LogDirMovesOptions): LogDirMoves {
  const { clock, logger, logs, rate } = options;
  const moves = new Map<Partition, Move>();
  let isRunning = false;
  const pause = createPause(clock);
  const forgetRate = rate.onChange(() => pause.end());

  async function run(): Promise<void> {
    isRunning = true;
    for (;;) {
      const [move] = moves.values();
      if (move === undefined) break;
      const waitMs = rate.exceededForMs();
      if (waitMs > 0) await pause.for(waitMs);
      else await advance(move);
    }
    isRunning = false;
  }

  async function advance(move: Move): Promise<void> {
    const { partition } = move;
    try {
      const future = logs.futureLogOf(partition.topic, partition.partition);
      if (future === undefined || future.isOffline || partition.log.isOffline) {
        moves.delete(partition);
        logger.warn('a move to another log directory is given up: a log is offline', { partition: partition.key });
        return;
      }
      if (partition.log.readableBytes(future.logEndOffset, 'log-end') <= lastBytesMax) finish(move, future);
      else await copyChunk(move, future);
    } catch (error) {
      const isOnceCorrupt = error instanceof LogError && error.kafkaError === 'CORRUPT_MESSAGE' && move.corruptAt !== move.position?.offset;
      move.corruptAt = move.position?.offset ?? -1;
      move.position = undefined;
      if (isOnceCorrupt) return;
      moves.delete(partition);
      logger.error('a move to another log directory failed', { partition: partition.key, ...(protocolError(error) === undefined ? { error } : { reason: (error as Error).message }) });
    }
  }

  async function copyChunk(move: Move, future: PartitionLog): Promise<void> {
    const { partition } = move;
    const present = partition.log;
    const from = align(present, future);
    if (from === undefined) return;
    const { records, next } = present.read(from, Math.max(1, options.chunkBytesMax()), 'log-end', true, move.position);
    const chunk = Buffer.allocUnsafe(records.length);
    const count = await records.file.read(chunk, 0, records.length, records.position);
    // Meanwhile either may have been cut, or moved, or have gone.
    if (moves.get(partition) !== move || partition.log !== present || future.isOffline || future.logEndOffset !== from) return;
    append(present, future, chunk.subarray(0, count));
    move.position = next;
  }

  /** Cuts the future log where it must be; returns where to copy from, undefined when nothing is missing. */
  function align(present: PartitionLog, future: PartitionLog): number | undefined {
    for (;;) {
      const step = nextMoveStep(present, future);
      switch (step.kind) {
        case 'cut':
          logger.info('the copy of a log is cut with it', { partition: `${present.topic}-${present.partition}`, from: future.logEndOffset, to: step.offset });
          future.truncateTo(step.offset);
          break;
        case 'start-anew':
          future.truncateFullyAndStartAt(step.offset);
          break;
        case 'copy':
          return step.from;
        case 'swap':
          return undefined;
      }
    }
  }

  function append(present: PartitionLog, future: PartitionLog, records: Buffer): void {
    const from = future.logEndOffset;
    rate.record(records.length);
    appendFetched(future, records);
    if (future.logEndOffset <= from) throw new LogError('CORRUPT_MESSAGE', `no whole batch follows offset ${from}`);
    follow(present, future);
  }

  function follow(present: PartitionLog, future: PartitionLog): void {
    future.setHighWatermark(present.highWatermark);
    if (present.logStartOffset > future.logStartOffset && present.logStartOffset <= future.highWatermark) future.incrementLogStartOffset(present.logStartOffset);
  }

  function finish(move: Move, future: PartitionLog): void {
    const { partition } = move;
    options.flushAppends();
    const present = partition.log;
    present.writeStaged();
    for (let from = align(present, future); from !== undefined; from = align(present, future)) {
      append(present, future, readNow(present.read(from, lastBytesMax, 'log-end', true).records));
    }
    follow(present, future);
    moves.delete(partition);
    partition.logMoved(logs.replaceWithFutureLog(partition.topic, partition.partition));
    options.moved(partition);
  }

  return {
    get size() {
      return moves.size;
    },
    add(partition) {
      if (moves.has(partition)) return;
      moves.set(partition, { partition, position: undefined, corruptAt: -1 });
      if (!isRunning) void run();
    },
    remove(partition) {
      moves.delete(partition);
      if (moves.size === 0) pause.end();
    },
    close() {
      moves.clear();
      forgetRate();
      pause.end();
    },
  };
}

function readNow({ file, position, length }: FileSlice): Buffer {
  const records = Buffer.allocUnsafe(length);
  return records.subarray(0, file.readSync(records, 0, length, position));
}
