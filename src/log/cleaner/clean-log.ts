import type { Clock } from '../../runtime/clock.ts';
import type { Disk } from '../../runtime/disk.ts';
import type { LoopWork } from '../../runtime/loop-work.ts';
import { WorkCancelled } from '../../runtime/workers.ts';
import type { Worker } from '../../runtime/workers.ts';
import type { DiskPartitionLog } from '../disk-partition-log.ts';
import { removeCleaned } from '../segment-swap.ts';
import type { DirtyPart } from './cleanable.ts';
import { endOfGroup } from './grouping.ts';
import type { CleanAnswer, CleanerAnswer, CleanerLimits, CleanerRequest, MapAnswer } from './messages.ts';
import { abortedTransactionsOf, cleanRequest, mapRequest } from './pass-requests.ts';
import type { PassPlan } from './pass-requests.ts';

export type CleanerWorker = Worker<CleanerRequest, CleanerAnswer>;

export interface CleanLogOptions {
  readonly log: DiskPartitionLog;
  readonly part: DirtyPart;
  readonly worker: CleanerWorker;
  readonly limits: CleanerLimits;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly work: LoopWork;
  /** Asked after each answer of the worker: the log was cut or deleted. */
  readonly isAborted: () => boolean;
}

export interface PassStatistics {
  readonly endOffset: number;
  readonly mapBytesRead: number;
  readonly mapUtilization: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly recordsRead: number;
  readonly recordsKept: number;
  readonly keylessRecords: number;
}

/**
 * One pass over a log: the worker reads the dirty part into its map, then writes group after group of all segments up to the
 * map's end anew; each is swapped in as it is ready. Stopping in between leaves a sound log, whose next pass does it again.
 * @throws WorkCancelled; LogFailure; what the worker failed with
 */
export async function cleanLog(options: CleanLogOptions): Promise<PassStatistics> {
  const { log, part, worker, limits } = options;
  const plan = planOf(options);
  const mapped = (await answerOf(options, worker.ask(mapRequest(plan, limits)))) as MapAnswer;
  const sum = { bytesRead: 0, bytesWritten: 0, recordsRead: 0, recordsKept: 0, keylessRecords: 0 };
  const groupLimits = { segmentBytesMax: log.config['segment.bytes'], indexBytesMax: log.config['segment.index.bytes'], firstUncleanableOffset: part.firstUncleanableOffset };
  const cleanable = plan.segments.filter(({ baseOffset }) => baseOffset < mapped.endOffset);
  for (let from = 0; from < cleanable.length; ) {
    const end = endOfGroup(cleanable, from, groupLimits);
    const cleaned = await cleanGroup(options, plan, from, end);
    sum.bytesRead += cleaned.bytesRead;
    sum.bytesWritten += cleaned.sizeBytes;
    sum.recordsRead += cleaned.recordsRead;
    sum.recordsKept += cleaned.recordsKept;
    sum.keylessRecords += cleaned.keylessRecords;
    from = end;
  }
  return { endOffset: mapped.endOffset, mapBytesRead: mapped.bytesRead, mapUtilization: mapped.utilization, ...sum };
}

function planOf({ log, part, clock }: CleanLogOptions): PassPlan {
  const { segments, config } = log;
  return {
    segments,
    aborted: abortedTransactionsOf(segments),
    firstDirtyOffset: part.firstDirtyOffset,
    firstUncleanableOffset: part.firstUncleanableOffset,
    nowMs: clock.nowMs(),
    deleteRetentionMs: config['delete.retention.ms'],
    indexIntervalBytes: config['index.interval.bytes'],
    indexBytesMax: config['segment.index.bytes'],
  };
}

async function cleanGroup(options: CleanLogOptions, plan: PassPlan, from: number, end: number): Promise<CleanAnswer> {
  const { log, worker, disk, work } = options;
  const old = plan.segments.slice(from, end);
  try {
    const cleaned = (await answerOf(options, worker.ask(cleanRequest(plan, from, end, log.directory, log.producers)))) as CleanAnswer;
    // The swap fsyncs the folder on the event loop; done here first, what was written before is not waited for there.
    await answerOf(options, disk.syncDirectory(log.directory));
    work.run(`compaction of ${log.topic}-${log.partition}`, () => log.replaceSegments(old, cleaned.sizeBytes));
    return cleaned;
  } catch (error) {
    if (!log.isOffline) removeCleaned(disk, log.directory, old[0]!.baseOffset);
    throw error;
  }
}

/** Nothing that the worker found counts, nor any trouble that it had, once the log has changed under its feet. */
async function answerOf<Answer>({ isAborted }: CleanLogOptions, asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked.catch((error: unknown) => {
    throw isAborted() ? new WorkCancelled() : error;
  });
  if (isAborted()) throw new WorkCancelled();
  return answer;
}
