import { createConsumerWith } from '../../../../src/client/consumer.ts';
import type { Consumer } from '../../../../src/client/consumer.ts';
import { createProducerWith } from '../../../../src/client/producer.ts';
import type { ConsumerRecord } from '../../../../src/client/records.ts';
import type { Transaction } from '../../../../src/client/transaction-types.ts';
import { KafkaError } from '../../../../src/protocol/errors.ts';
import type { Client } from '../../cluster/cluster.ts';
import { readRecordOf } from '../../history.ts';
import type { SeededRandom } from '../../world/random.ts';
import { copyValue } from './history.ts';
import type { Attempt, Copier, TransactionHistory } from './history.ts';

export interface CopierOptions {
  readonly name: string;
  readonly transactionalId: string;
  readonly groupId: string;
  readonly from: string;
  readonly to: string;
  readonly toPartitions: number;
  readonly pollMs: number;
  readonly transactionTimeoutMs: number;
}

/** One life of a copier. */
export interface RunningCopier {
  /** Ends when it is closed, killed, or cannot go on. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
  kill(): void;
  pause(durationMs: number): void;
}

const sessionTimeoutMs = 8000;
/** Aborts for no reason. */
class Whim extends Error {}

/** Reads, copies, and commits the copies with the offsets, as KIP-447 has it. */
export function startCopier(client: Client, random: SeededRandom, history: TransactionHistory, options: CopierOptions): RunningCopier {
  const { name, transactionalId, groupId, from, to, toPartitions, pollMs, transactionTimeoutMs } = options;
  const { process, runtime } = client;
  const copier: Copier = { name, transactionalId, begunAt: undefined, initialisedAt: undefined };
  const producer = createProducerWith(runtime, { ...client.options, clientId: name, transactionalId, transactionTimeoutMs, lingerMs: random.integer(5), batchSize: 300, maxBlockMs: 20_000, deliveryTimeoutMs: 20_000 });
  const consumer = createConsumerWith(runtime, {
    ...client.options,
    clientId: name,
    groupId,
    isolationLevel: 'read_committed',
    enableAutoCommit: false,
    autoOffsetReset: 'earliest',
    sessionTimeoutMs,
    heartbeatIntervalMs: sessionTimeoutMs / 4,
    maxPollIntervalMs: 4 * sessionTimeoutMs,
    maxPollRecords: 10,
    fetchMaxWaitMs: pollMs,
  });
  let isClosing = false;

  /** As the process sees time: it may stand still. */
  const sleep = (durationMs: number): Promise<void> => new Promise((resolve) => void runtime.clock.setTimer(durationMs, resolve));

  async function copy(transaction: Transaction, records: readonly ConsumerRecord[], attempt: Attempt): Promise<void> {
    copier.initialisedAt ??= history.tick();
    for (const record of records) {
      const { value } = readRecordOf(record);
      attempt.copies.push(value);
      void transaction.send({ topic: to, partition: random.integer(toPartitions), value: copyValue(attempt.id, value) });
      if (random.oneIn(10)) await sleep(random.integer(200));
    }
    if (random.oneIn(10)) await sleep(random.integer(2 * transactionTimeoutMs));
    await transaction.sendOffsets(consumer.groupMetadata(), offsetsBehind(records));
    if (random.oneIn(6)) throw new Whim();
    attempt.mayCommit = true;
  }

  /** @returns whether this life goes on */
  async function tryTo(records: readonly ConsumerRecord[]): Promise<boolean> {
    const beganAt = history.tick();
    copier.begunAt ??= beganAt;
    const attempt: Attempt = { id: history.attempts.length, copier, beganAt, copies: [], mayCommit: false, isCommitted: false };
    history.attempts.push(attempt);
    try {
      await producer.transaction((transaction) => copy(transaction, records, attempt));
      attempt.isCommitted = true;
      return true;
    } catch (error) {
      if (!(error instanceof Whim) && !(error instanceof KafkaError)) throw error;
      // Whether it was committed its successor will find, by the offsets.
      if (attempt.mayCommit || (error instanceof KafkaError && random.oneIn(2))) return false;
      rewind(consumer, records);
      return true;
    }
  }

  async function work(): Promise<void> {
    consumer.subscribe([from]);
    for (let goesOn = true; goesOn && !isClosing; ) {
      const records = await consumer.poll(pollMs);
      if (records.length > 0) goesOn = await tryTo(records);
    }
    await producer.close();
    await consumer.close();
  }

  const died = new Promise<void>((resolve) => process.onDeath(resolve));
  const ended = Promise.race([died, work()]).then(() => process.kill());
  return {
    ended,
    close() {
      isClosing = true;
      return ended;
    },
    kill: () => process.kill(),
    pause: (durationMs) => process.pause(durationMs, random.oneIn(2)),
  };
}

function offsetsBehind(records: readonly ConsumerRecord[]): { readonly topic: string; readonly partition: number; readonly offset: number; readonly leaderEpoch?: number }[] {
  const last = new Map(records.map((record) => [record.partition, record]));
  return Array.from(last.values(), ({ topic, partition, offset, leaderEpoch }) => ({ topic, partition, offset: offset + 1, ...(leaderEpoch === undefined ? {} : { leaderEpoch }) }));
}

/** The records of an aborted transaction are read again. */
function rewind(consumer: Consumer, records: readonly ConsumerRecord[]): void {
  const assigned = new Set(consumer.assignment().map(({ partition }) => partition));
  for (const record of records.toReversed()) if (assigned.has(record.partition)) consumer.seek(record, record.offset);
}
