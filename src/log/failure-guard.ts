import { RecordFailure } from '../record/errors.ts';
import { LogError, LogFailure } from './errors.ts';

/** EIO, ENOSPC, EMFILE, …: the world failed, not the program. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && !(error as NodeJS.ErrnoException).code!.startsWith('ERR_');
}

/** Stands before a log's work on the disk: the first error there takes the log offline for good. */
export class FailureGuard {
  readonly #logDirectory: string;
  readonly #name: string;
  /** Told of the first error of the disk, when the guard knows it already. */
  readonly #onFirst: (failure: LogFailure) => void;
  #failure: LogFailure | undefined;

  constructor(logDirectory: string, name: string, onFirst: (failure: LogFailure) => void) {
    this.#logDirectory = logDirectory;
    this.#name = name;
    this.#onFirst = onFirst;
  }

  get isOffline(): boolean {
    return this.#failure !== undefined;
  }

  /** @returns false when it was offline before */
  goOffline(failure: LogFailure): boolean {
    if (this.#failure !== undefined) return false;
    this.#failure = failure;
    return true;
  }

  /** @throws LogFailure */
  requireOnline(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** @throws LogFailure when offline, or when the disk fails now; LogError for what the record room refuses */
  attempt<T>(doing: string, work: () => T): T {
    this.requireOnline();
    try {
      return work();
    } catch (error) {
      throw this.translated(error, doing);
    }
  }

  /** As `attempt`, for work that nobody waits for: a failure of the disk is told to whom the guard tells it, and thrown to nobody. */
  attemptUnasked(doing: string, work: () => void): void {
    if (this.isOffline) return;
    try {
      this.attempt(doing, work);
    } catch (error) {
      if (!(error instanceof LogFailure)) throw error;
    }
  }

  /** What a caller of the log is told of an error. */
  translated(error: unknown, doing: string): unknown {
    if (error instanceof RecordFailure) return new LogError(error.kafkaError, error.message, { cause: error, recordErrors: error.recordErrors });
    if (!isSystemError(error)) return error;
    const failure = new LogFailure(this.#logDirectory, `Error while ${doing} ${this.#name} in dir ${this.#logDirectory}: ${error.message}`, { cause: error });
    if (this.goOffline(failure)) this.#onFirst(failure);
    return failure;
  }
}
