import type { Clock } from '../runtime/clock.ts';
import type { LogWriter } from './transaction-log.ts';
import type { Transaction } from './transactions.ts';

/** Somebody with output that waits for the log. */
export interface Flushable {
  /** What was put out until now belongs to the commit that begins. */
  seal(): void;
  /** What was sealed may be seen. */
  flush(): void;
}

/**
 * Group commit. Requests change the tree at once and write their answers at once, but into buffers: what a turn brought
 * goes to the log in one write and one fsync, and only then are the buffers of that turn sent. Since every answer, of
 * reads too, waits for what was appended before it, nobody sees a state that a crash could take back.
 *
 *     turn n:    apply apply read apply ──► write, fsync ──────────────► send
 *     turn n+1:                               apply read apply (buffered) ──► write, fsync ──► send
 */
export class GroupCommit<F extends Flushable> {
  readonly #log: LogWriter;
  readonly #clock: Clock;
  readonly #forceSync: boolean;
  readonly #failed: (error: unknown) => void;
  #dirty = new Set<F>();
  #waiters: (() => void)[] = [];
  #isScheduled = false;
  #isSyncing = false;
  #isStopped = false;

  constructor(options: { readonly log: LogWriter; readonly clock: Clock; readonly forceSync: boolean; readonly failed: (error: unknown) => void }) {
    this.#log = options.log;
    this.#clock = options.clock;
    this.#forceSync = options.forceSync;
    this.#failed = options.failed;
  }

  append(transaction: Transaction): void {
    this.#log.append(transaction);
    this.#schedule();
  }

  /** Has `one` flushed when all that was appended until now is durable. */
  afterCommit(one: F): void {
    this.#dirty.add(one);
    this.#schedule();
  }

  /** Resolves when all that was appended until now is durable, or the log has failed. */
  durable(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.#schedule();
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isSyncing || this.#isStopped) return;
    this.#isScheduled = true;
    this.#clock.defer(() => {
      this.#isScheduled = false;
      this.#commit();
    });
  }

  #commit(): void {
    if (this.#isStopped) return;
    const dirty = this.#dirty;
    const waiters = this.#waiters;
    const release = (): void => {
      for (const one of dirty) one.flush();
      for (const resolve of waiters) resolve();
    };
    this.#dirty = new Set();
    this.#waiters = [];
    for (const one of dirty) one.seal();
    if (!this.#log.hasPending) {
      release();
      return;
    }
    try {
      this.#log.write();
    } catch (error) {
      this.#fail(error, waiters);
      return;
    }
    if (!this.#forceSync) {
      release();
      return;
    }
    this.#isSyncing = true;
    this.#log.sync().then(
      () => {
        this.#isSyncing = false;
        if (this.#isStopped) return;
        release();
        if (this.#dirty.size > 0 || this.#waiters.length > 0 || this.#log.hasPending) this.#commit();
      },
      (error: unknown) => this.#fail(error, [...waiters, ...this.#waiters]),
    );
  }

  /** Who waits is let go once `failed` has stopped the server: nothing of it counts as durable any more. */
  #fail(error: unknown, waiters: readonly (() => void)[]): void {
    this.#isStopped = true;
    this.#failed(error);
    for (const resolve of waiters) resolve();
  }
}
