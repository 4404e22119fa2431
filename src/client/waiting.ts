import { KafkaError } from '../protocol/errors.ts';
import type { Clock } from '../runtime/clock.ts';

/** The error of whatever a closed client was still waiting for. */
export function clientClosed(): KafkaError {
  return new KafkaError('NETWORK_EXCEPTION', 'the client was closed');
}

/** Resolves after `delayMs`; rejects at once when `signal` is, or becomes, aborted. */
export function sleepUnlessClosed(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(clientClosed());
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(clientClosed());
    };
    const timer = clock.setTimer(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** The promise's outcome, or REQUEST_TIMED_OUT with `detail` when there is none after `timeoutMs`. */
export function withinTime<T>(clock: Clock, timeoutMs: number, promise: Promise<T>, detail: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(Math.max(0, timeoutMs), () => reject(new KafkaError('REQUEST_TIMED_OUT', detail())));
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}
