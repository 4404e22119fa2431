import { createProducer } from '../../src/client/index.ts';
import type { Producer } from '../../src/client/index.ts';

export interface Acknowledged {
  readonly number: number;
  readonly offset: number;
  readonly atMs: number;
}

/** Sends a numbered record every few milliseconds to partition 0, with retries, and keeps when and where each was acknowledged. */
export interface SteadyWriter {
  readonly acknowledged: readonly Acknowledged[];
  /** Records given up by the producer. */
  readonly failures: readonly Error[];
  /** Resolves when a record that was sent after now is acknowledged. */
  acknowledgedAgain(): Promise<void>;
  /** The longest time between two acknowledgements since `sinceMs`, in milliseconds. */
  longestGapMs(sinceMs: number): number;
  stop(): Promise<void>;
}

const intervalMs = 5;

/** @param acks of the producer; idempotent and in order where it is 'all' */
export function startSteadyWriter(bootstrapServers: string, topic: string, acks: 'all' | 1): SteadyWriter {
  const producer: Producer = createProducer({ bootstrapServers, acks, lingerMs: 0, maxInFlightRequestsPerConnection: 1, deliveryTimeoutMs: 120_000, maxBlockMs: 120_000, retryBackoffMs: 20, reconnectBackoffMaxMs: 50, requestTimeoutMs: 10_000 });
  const acknowledged: Acknowledged[] = [];
  const failures: Error[] = [];
  const outcomes: Promise<void>[] = [];
  const watchers = new Set<(number: number) => void>();
  let next = 0;
  const timer = setInterval(() => {
    const number = next++;
    outcomes.push(
      producer.send({ topic, partition: 0, value: `steady-${number}` }).then(
        ({ offset }) => {
          acknowledged.push({ number, offset, atMs: performance.now() });
          for (const look of watchers) look(number);
        },
        (error: Error) => void failures.push(error),
      ),
    );
  }, intervalMs);

  return {
    acknowledged,
    failures,
    acknowledgedAgain() {
      const from = next;
      return new Promise((resolve) => {
        const look = (number: number): void => {
          if (number < from) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
      });
    },
    longestGapMs(sinceMs) {
      let longest = 0;
      let last = sinceMs;
      for (const { atMs } of acknowledged) {
        if (atMs < sinceMs) continue;
        longest = Math.max(longest, atMs - last);
        last = atMs;
      }
      return longest;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(outcomes);
      await producer.close();
    },
  };
}
