import { KafkaError } from '../protocol/errors.ts';
import type { Assignment } from './assignment.ts';
import type { Cluster } from './cluster.ts';
import type { ConsumerSettings } from './consumer-options.ts';
import { createFetcher } from './fetcher.ts';
import type { ConsumerGroup } from './group/consumer-group.ts';
import type { Positions } from './positions.ts';
import type { ConsumerRecord } from './records.ts';

/** What poll goes round in: the group's matters, records that are there, positions, fetches; then it waits for any of them. */
export interface PollLoop {
  /** @throws KafkaError INVALID_REQUEST when one is running */
  poll(timeoutMs: number): Promise<ConsumerRecord[]>;
  wakeup(): void;
  /** Something came, or changed: a poll that waits looks again. */
  progress(): void;
}

export interface PollParts {
  readonly assignment: Assignment;
  readonly positions: Positions;
  readonly group: () => ConsumerGroup | undefined;
  /** @throws KafkaError once the consumer is closed */
  readonly checkOpen: () => void;
}

export function createPollLoop(cluster: Cluster, settings: ConsumerSettings, { assignment, positions, group, checkOpen }: PollParts): PollLoop {
  const { clock } = cluster.runtime;
  let failure: unknown;
  let hasFailed = false;
  let isPolling = false;
  let isWoken = false;
  /** Since the loop last began anew. */
  let isProgress = false;
  let wake: (() => void) | undefined;

  function fail(error: unknown): void {
    if (!hasFailed) failure = error;
    hasFailed = true;
    progress();
  }

  function progress(): void {
    isProgress = true;
    wake?.();
  }

  const fetcher = createFetcher(cluster, assignment, settings, { progress, failed: fail });

  async function pollUntil(deadlineMs: number): Promise<ConsumerRecord[]> {
    for (;;) {
      isProgress = false;
      await group()?.advance();
      checkOpen();
      const records = takeBuffered();
      throwFailure(records);
      if (positions.areMissing) findPositions();
      fetcher.sendFetches();
      const remainingMs = deadlineMs - clock.monotonicMs();
      if (records.length > 0 || remainingMs <= 0 || isWoken) {
        isWoken = false;
        return records;
      }
      if (!isProgress) await progressWithin(Math.min(remainingMs, group()?.dueInMs ?? Infinity));
      checkOpen();
    }
  }

  /** What is already taken is handed out first; the failure waits for the next poll. */
  function throwFailure(records: readonly ConsumerRecord[]): void {
    if (!hasFailed || records.length > 0) return;
    hasFailed = false;
    throw failure as Error;
  }

  function progressWithin(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        wake = undefined;
        resolve();
      };
      const timer = clock.setTimer(Math.min(timeoutMs, 0x7fffffff), done);
      wake = done;
    });
  }

  function takeBuffered(): ConsumerRecord[] {
    const records: ConsumerRecord[] = [];
    for (const state of assignment.rotated()) {
      const { buffered } = state;
      if (buffered === undefined || state.isPaused || state.isLeaving) continue;
      try {
        const isMore = buffered.take(records, settings.maxPollRecords - records.length);
        state.position = buffered.position;
        state.epoch = buffered.epoch ?? state.epoch;
        if (!isMore) state.buffered = undefined;
      } catch (error) {
        const { topic, partition } = state;
        fail(error instanceof KafkaError ? error : new KafkaError('CORRUPT_MESSAGE', `${topic}-${partition} cannot be read at offset ${buffered.position}: ${(error as Error).message}`, { cause: error }));
      }
      if (records.length >= settings.maxPollRecords) break;
    }
    return records;
  }

  function findPositions(): void {
    positions.find().then(progress, (error: unknown) => {
      if (!cluster.signal.aborted) fail(error);
    });
  }

  return {
    async poll(timeoutMs) {
      checkOpen();
      if (isPolling) throw new KafkaError('INVALID_REQUEST', 'poll is running already; a consumer polls once at a time');
      isPolling = true;
      group()?.member.pollStarted();
      try {
        return await pollUntil(clock.monotonicMs() + timeoutMs);
      } finally {
        isPolling = false;
        group()?.member.pollEnded();
      }
    },
    wakeup() {
      isWoken = true;
      wake?.();
    },
    progress,
  };
}
