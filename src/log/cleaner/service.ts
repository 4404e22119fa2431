import type { Codec } from '../../record/batch.ts';
import type { WorkerSeams, WorkerService, WorkerTask } from '../../runtime/workers.ts';
import { BatchCleaner } from './clean-batch.ts';
import type { LastOfProducer } from './clean-batch.ts';
import { CleanedFiles } from './cleaned-files.ts';
import { CleanedTransactions } from './cleaned-transactions.ts';
import { MapFiller } from './fill-map.ts';
import type { ActiveProducers, CleanAnswer, CleanedSource, CleanerAnswer, CleanerLimits, CleanerRequest, CleanRequest, MapAnswer, MapRequest } from './messages.ts';
import { OffsetMap } from './offset-map.ts';
import { forEachBatchOf } from './segment-batches.ts';
import type { BatchWalk } from './segment-batches.ts';
import { Throttle } from './throttle.ts';

/** Makes the codec's native package ready, where there is one. */
export type LoadCodec = (codec: Codec) => Promise<void>;

/** A pass over one log: what its map phase leaves to its clean phase. */
interface Pass {
  readonly limits: CleanerLimits;
  readonly map: OffsetMap;
  readonly transactions: CleanedTransactions;
}

/** The work of a cleaner's thread: reads and writes segments, and knows nothing of the log that they belong to. */
export function createCleanerService(loadCodec: LoadCodec): WorkerService<CleanerRequest, CleanerAnswer> {
  return (seams) => {
    const throttle = new Throttle(seams.clock);
    let pass: Pass | undefined;
    return async (request, task) => {
      const job = new CleanerJob(seams, loadCodec, throttle, task);
      if (request.kind === 'clean') return job.clean(request, pass!);
      pass = { limits: request.limits, map: new OffsetMap(request.limits.mapBytesMax, request.limits.loadFactor), transactions: new CleanedTransactions() };
      return job.fillMap(request, pass.map);
    };
  };
}

class CleanerJob {
  readonly #seams: WorkerSeams;
  readonly #loadCodec: LoadCodec;
  readonly #throttle: Throttle;
  readonly #task: WorkerTask;
  #bytesRead = 0;

  constructor(seams: WorkerSeams, loadCodec: LoadCodec, throttle: Throttle, task: WorkerTask) {
    this.#seams = seams;
    this.#loadCodec = loadCodec;
    this.#throttle = throttle;
    this.#task = task;
  }

  async fillMap(request: MapRequest, map: OffsetMap): Promise<MapAnswer> {
    const transactions = new CleanedTransactions();
    transactions.add(request.aborted);
    const filler = new MapFiller(map, transactions, request.startOffset);
    let isFull = false;
    for (const [index, segment] of request.segments.entries()) {
      const position = index === 0 ? request.startPosition : 0;
      await forEachBatchOf(this.#walk(segment.path, position, segment.sizeBytes, request.limits), (buffer, start) => (isFull = !filler.take(buffer, start)));
      if (isFull) break;
      filler.segmentEnded(segment.endOffset);
    }
    return { kind: 'mapped', endOffset: map.latestOffset + 1, bytesRead: this.#bytesRead, utilization: map.size / map.entriesMax };
  }

  async clean(request: CleanRequest, pass: Pass): Promise<CleanAnswer> {
    const { indexIntervalBytes, indexBytesMax, pathStem, baseOffset } = request;
    const files = new CleanedFiles({ disk: this.#seams.disk, pathStem, baseOffset, indexIntervalBytes, indexBytesMax, bufferBytes: pass.limits.ioBufferBytes });
    try {
      const cleaner = new BatchCleaner();
      const producers = producersOf(request.producers);
      for (const segment of request.segments) await this.#cleanSegment(segment, request, pass, producers, cleaner, files);
      await files.finish(request.segments.at(-1)!.modifiedMs);
      return { kind: 'cleaned', sizeBytes: files.sizeBytes, bytesRead: this.#bytesRead, ...cleaner.counts };
    } finally {
      files.close();
    }
  }

  async #cleanSegment(
    segment: CleanedSource, request: CleanRequest, pass: Pass, producers: ReadonlyMap<number, LastOfProducer>, cleaner: BatchCleaner, files: CleanedFiles,
  ): Promise<void> {
    const { map, transactions, limits } = pass;
    transactions.add(segment.aborted);
    const rules = {
      map,
      transactions,
      producers,
      nowMs: request.nowMs,
      deleteRetentionMs: request.deleteRetentionMs,
      keepsLegacyTombstones: segment.modifiedMs > request.legacyDeleteHorizonMs,
      keepAborted: files.keepAborted.bind(files),
    };
    await forEachBatchOf(this.#walk(segment.path, 0, segment.sizeBytes, limits, files), (buffer, start) => {
      const kept = cleaner.clean(buffer, start, rules);
      if (kept !== undefined) files.append(kept);
      return false;
    });
  }

  #walk(path: string, position: number, sizeBytes: number, limits: CleanerLimits, written?: { readonly sizeBytes: number }): BatchWalk {
    let writtenBefore = written?.sizeBytes ?? 0;
    return {
      disk: this.#seams.disk,
      path,
      position,
      sizeBytes,
      bufferBytes: limits.ioBufferBytes,
      loadCodec: this.#loadCodec,
      took: async (bytes) => {
        this.#bytesRead += bytes;
        const writtenNow = written?.sizeBytes ?? 0;
        await this.#throttle.take(bytes + writtenNow - writtenBefore, limits.bytesPerSecondMax, this.#task);
        writtenBefore = writtenNow;
      },
    };
  }
}

function producersOf(numbers: ActiveProducers): ReadonlyMap<number, LastOfProducer> {
  const producers = new Map<number, LastOfProducer>();
  for (let at = 0; at < numbers.length; at += 3) producers.set(numbers[at] as number, { lastOffset: numbers[at + 1] as number, epoch: numbers[at + 2] as number });
  return producers;
}
