import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';

/**
 * Threads beside the event loop, for work that would stall it. What such work does is a function of its own module, so that
 * the simulator and tests run the very same code on their own disk and clock.
 */
export interface Workers {
  start<Request, Answer>(module: WorkerModule<Request, Answer>): Worker<Request, Answer>;
}

/** One thread, with whatever its work keeps between two requests. */
export interface Worker<Request, Answer> {
  /**
   * One request at a time. Requests and answers are copied: they hold plain data and typed arrays.
   * @throws WorkCancelled; what the work threw, a system error with its `code`; an Error when the thread itself dies
   */
  ask(request: Request): Promise<Answer>;
  /** The request under way fails at its next checkpoint; without one nothing happens. */
  cancel(): void;
  /** Ends the thread at once; a request under way fails with WorkCancelled. */
  close(): void;
}

export interface WorkerModule<Request, Answer> {
  /** What a thread runs: a file that calls `serveWorker`. */
  readonly file: URL;
  /** The same work in this thread. */
  readonly create: WorkerService<Request, Answer>;
}

export type WorkerService<Request, Answer> = (seams: WorkerSeams) => (request: Request, task: WorkerTask) => Promise<Answer>;

export interface WorkerSeams {
  readonly disk: Disk;
  readonly clock: Clock;
}

/** The request under way. */
export interface WorkerTask {
  /** To be awaited every few milliseconds of work. @throws WorkCancelled once the work is not wanted any more */
  checkpoint(): Promise<void>;
}

export class WorkCancelled extends Error {
  override readonly name = 'WorkCancelled';

  constructor() {
    super('The work is not wanted any more');
  }
}
