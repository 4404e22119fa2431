import type { Clock, Timer } from '../runtime/clock.ts';
import { ZooKeeperError } from './zookeeper.ts';
import type { ZooKeeperErrorName } from './zookeeper.ts';

/** Gives the answer of one request: an error, or a value. */
export type Answer<T> = (error: ZooKeeperError | undefined, value?: T) => void;

interface Call {
  /** A read may be sent again after a lost connection; of a write nobody knows whether it was done. */
  readonly kind: 'read' | 'write';
  readonly path: string;
  /** When it was made, or sent last. */
  sinceMs: number;
  /** Number of the connection it was sent on; 0 while it waits. */
  sentOn: number;
  readonly send: (call: Call) => void;
  readonly reject: (error: ZooKeeperError) => void;
}

export interface CallQueueOptions {
  readonly clock: Clock;
  /** How many requests may be unanswered at once; zookeeper.max.in.flight.requests. */
  readonly maxInFlightRequests: number;
  /** How long an answer, or else a connection, may be missing, in milliseconds: the session timeout. */
  timeoutMs(): number;
  /** An answer is missing for a whole deadline although the connection stands: it is no good. */
  onStuck(): void;
}

/**
 * All calls between their start and their answer. Every one of them ends: by an answer, with CONNECTION_LOSS (sent, and
 * nobody knows what became of it), with OPERATION_TIMEOUT (never sent), or with what `rejectAll` is given.
 *
 * A call that waits behind others does not grow old while a connection stands: a hundred thousand may be made at once.
 */
export class CallQueue {
  readonly #options: CallQueueOptions;
  /** Waiting and sent, in the order of the calls. */
  readonly #open = new Set<Call>();
  #waiting: Call[] = [];
  #inFlight = 0;
  /** Counts connections; while none stands `#isConnected` is false. */
  #connection = 0;
  #isConnected = false;
  #lostAtMs = -Infinity;
  #timer: Timer | undefined;

  constructor(options: CallQueueOptions) {
    this.#options = options;
  }

  /** @param start writes the request; its answer counts only as long as the connection of that moment stands */
  call<T>(kind: 'read' | 'write', path: string, start: (answer: Answer<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const send = (call: Call): void => {
        const connection = this.#connection;
        const answer: Answer<T> = (error, value) => {
          if (connection !== this.#connection || !this.#isConnected) return;
          this.#inFlight -= 1;
          if (this.#open.delete(call)) {
            if (error === undefined) resolve(value as T);
            else reject(error);
          }
          this.#sendWaiting();
        };
        try {
          start(answer);
        } catch (error) {
          answer(new ZooKeeperError('BAD_ARGUMENTS', path, { cause: error, detail: `BAD_ARGUMENTS for ${path}: ${error instanceof Error ? error.message : String(error)}` }));
        }
      };
      const call: Call = { kind, path, sinceMs: this.#options.clock.monotonicMs(), sentOn: 0, send, reject };
      this.#open.add(call);
      this.#waiting.push(call);
      this.#sendWaiting();
      this.#armTimer();
    });
  }

  /** A connection stands: what waits goes out, in the order of the calls. */
  connected(): void {
    this.#connection += 1;
    this.#isConnected = true;
    this.#inFlight = 0;
    this.#sendWaiting();
  }

  /** Unanswered writes end with CONNECTION_LOSS; unanswered reads wait for the next connection, ahead of the others. */
  disconnected(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#lostAtMs = this.#options.clock.monotonicMs();
    this.#inFlight = 0;
    const lost: Call[] = [];
    const again: Call[] = [];
    for (const call of this.#open) {
      if (call.sentOn === 0) continue;
      call.sentOn = 0;
      (call.kind === 'read' ? again : lost).push(call);
    }
    this.#waiting = [...again, ...this.#waiting];
    for (const call of lost) this.#end(call, 'CONNECTION_LOSS');
    this.#armTimer();
  }

  rejectAll(name: ZooKeeperErrorName): void {
    this.#waiting = [];
    for (const call of this.#open) this.#end(call, name);
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #end(call: Call, name: ZooKeeperErrorName): void {
    this.#open.delete(call);
    call.reject(new ZooKeeperError(name, call.path));
  }

  #sendWaiting(): void {
    while (this.#isConnected && this.#inFlight < this.#options.maxInFlightRequests) {
      const call = this.#waiting.shift();
      if (call === undefined) return;
      if (!this.#open.has(call)) continue;
      this.#inFlight += 1;
      call.sentOn = this.#connection;
      call.sinceMs = this.#options.clock.monotonicMs();
      call.send(call);
    }
  }

  #deadlineMs(call: Call): number {
    if (call.sentOn !== 0) return call.sinceMs + this.#options.timeoutMs();
    return this.#isConnected ? Infinity : Math.max(call.sinceMs, this.#lostAtMs) + this.#options.timeoutMs();
  }

  /** What was sent or made later has a later deadline, so a timer that stands is early enough. */
  #armTimer(): void {
    if (this.#timer !== undefined) return;
    let nextMs = Infinity;
    for (const call of this.#open) {
      nextMs = this.#deadlineMs(call);
      if (nextMs < Infinity) break;
    }
    if (nextMs === Infinity) return;
    this.#timer = this.#options.clock.setTimer(Math.max(1, nextMs - this.#options.clock.monotonicMs()), () => {
      this.#timer = undefined;
      this.#endOverdue();
      this.#armTimer();
    });
  }

  #endOverdue(): void {
    const nowMs = this.#options.clock.monotonicMs();
    let isStuck = false;
    for (const call of this.#open) {
      if (this.#deadlineMs(call) > nowMs) continue;
      const wasSent = call.sentOn !== 0;
      isStuck ||= wasSent;
      this.#end(call, wasSent ? 'CONNECTION_LOSS' : 'OPERATION_TIMEOUT');
    }
    this.#waiting = this.#waiting.filter((call) => this.#open.has(call));
    if (isStuck) this.#options.onStuck();
  }
}
