import { sleep } from '../runtime/clock.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';
import { ControllerMoved } from './guarded-writer.ts';

/** Events one at a time, in order. One that fails is run again, so each must do when run twice what it does when run once. */
export interface EventQueue {
  add(name: string, event: () => Promise<void>): void;
  /** Events that wait are dropped; the one that runs is not run again. */
  close(): void;
}

const retryBackoffMs = 500;

/** @param moved called when an event found that another controller has come */
export function createEventQueue(clock: Clock, logger: Logger, moved: () => void): EventQueue {
  let tail: Promise<void> = Promise.resolve();
  let isClosed = false;

  async function run(name: string, event: () => Promise<void>): Promise<void> {
    while (!isClosed) {
      try {
        await event();
        return;
      } catch (error) {
        if (isClosed) return;
        if (error instanceof ControllerMoved) {
          logger.warn('another controller has come', { event: name });
          moved();
          return;
        }
        if (error instanceof ZooKeeperError && error.name === 'SESSION_EXPIRED') return; // the broker hears of it and starts anew
        logger.error('controller event failed; trying again', { event: name, error });
        await sleep(clock, retryBackoffMs);
      }
    }
  }

  return {
    add(name, event) {
      tail = tail.then(() => run(name, event));
    },
    close() {
      isClosed = true;
    },
  };
}
