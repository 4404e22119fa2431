import { KafkaError } from '../protocol/errors.ts';
import type { Cluster } from './cluster.ts';
import type { TransactionGate } from './producer-delivery.ts';
import type { Sequences } from './producer-sequences.ts';
import type { TransactionCalls } from './producer-transactions.ts';
import { isFatal } from './producer-transactions.ts';
import type { ProducerRecord, RecordMetadata, TopicPartition } from './records.ts';
import type { Transaction, TransactionGroup, TransactionOffset } from './transaction-types.ts';

export interface TransactionsOptions {
  readonly cluster: Cluster;
  readonly transactionalId: string;
  readonly calls: TransactionCalls;
  readonly sequences: Sequences;
  readonly send: (record: ProducerRecord) => Promise<RecordMetadata>;
  /** Resolves when each record that was sent has an outcome. */
  readonly flush: () => Promise<void>;
  readonly wake: () => void;
  /** Fails what waits to be sent. */
  readonly failAll: (error: Error) => void;
}

/** The transactions of one producer, one after the other. */
export interface Transactions extends TransactionGate {
  run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
}

interface Open {
  readonly added: Set<string>;
  readonly wanted: Map<string, TopicPartition>;
  isAdding: boolean;
  /** The coordinator may know of it. */
  hasBegun: boolean;
  /** The coordinator surely knows of it. */
  isKnown: boolean;
  failure: Error | undefined;
  /** A record that had its number is lost, so that the next transaction needs another epoch. */
  mustBump: boolean;
}

export function createTransactions(options: TransactionsOptions): Transactions {
  const { cluster, transactionalId, calls, sequences, flush, wake, failAll } = options;
  const { clock, logger } = cluster.runtime;
  let open: Open | undefined;
  let isAborting = false;
  let fatal: Error | undefined;
  /** What a record is told that was not sent when `work` failed. */
  const aborted = new KafkaError('TRANSACTION_ABORTABLE', 'the transaction was aborted before the record was sent');

  function dead(error: unknown, isOfProduce = false): void {
    if (!isFatal(error, isOfProduce)) return;
    fatal ??= error as Error;
    logger.error('the transactional producer cannot go on', { transactionalId, error });
  }

  function failed(error: Error, isOfProduce = false): void {
    dead(error, isOfProduce);
    if (open === undefined) return;
    open.failure ??= error;
    wake(); // what waits to be sent fails too
  }

  function addWanted(now: Open): void {
    if (now.isAdding) return;
    now.isAdding = true;
    // What else this turn sends goes into the same request.
    clock.defer(() => {
      const added = [...now.wanted];
      now.wanted.clear();
      now.hasBegun = true;
      calls.addPartitions(sequences.identity!, added.map(([, partition]) => partition)).then(
        () => {
          now.isAdding = false;
          now.isKnown = true;
          for (const [key] of added) now.added.add(key);
          if (now.wanted.size > 0) addWanted(now);
          wake();
        },
        (error: unknown) => {
          now.isAdding = false;
          failed(error as Error);
        },
      );
    });
  }

  async function commit(now: Open): Promise<void> {
    await flush();
    if (now.failure !== undefined) throw now.failure;
    if (!now.hasBegun) return;
    try {
      await calls.end(sequences.identity!, true);
      now.hasBegun = false;
    } catch (error) {
      // Perhaps it is committed: nobody may abort it, nor begin another before that is known.
      if (error instanceof KafkaError && error.name !== 'TRANSACTION_ABORTABLE') fatal ??= error;
      throw error;
    }
  }

  async function abort(now: Open): Promise<void> {
    isAborting = true;
    try {
      failAll(now.failure ?? aborted);
      await flush();
      if (fatal !== undefined) return;
      if (now.hasBegun) await calls.end(sequences.identity!, false).catch((error: unknown) => ignoreUnknown(now, error));
      if (now.mustBump) sequences.reset(await calls.init(sequences.identity));
    } catch (error) {
      fatal ??= error as Error;
      logger.error('a transaction is not aborted; its producer cannot go on', { transactionalId, error });
    } finally {
      isAborting = false;
    }
  }

  /** Where it is not known whether the transaction began, the coordinator may know of none. */
  function ignoreUnknown(now: Open, error: unknown): void {
    if (now.isKnown || !(error instanceof KafkaError) || error.name !== 'INVALID_TXN_STATE') throw error;
  }

  function handle(now: Open): Transaction {
    const check = (): void => {
      if (open !== now || isAborting) throw new KafkaError('INVALID_TXN_STATE', 'the transaction is over');
      if (now.failure !== undefined) throw now.failure;
    };
    return {
      send(record) {
        const sent = new Promise<RecordMetadata>((resolve) => {
          check();
          resolve(options.send(record));
        });
        // Whoever does not wait for it hears of it from the transaction.
        sent.catch((error: unknown) => failed(error as Error, true));
        return sent;
      },
      async sendOffsets(group: string | TransactionGroup, offsets: readonly TransactionOffset[]) {
        check();
        if (offsets.length === 0) return;
        now.hasBegun = true;
        try {
          await calls.commitOffsets(sequences.identity!, typeof group === 'string' ? { groupId: group } : group, offsets);
          now.isKnown = true;
        } catch (error) {
          failed(error as Error);
          throw error;
        }
      },
    };
  }

  return {
    transactionalId,
    get refusal() {
      return open?.failure ?? (open === undefined || isAborting ? aborted : undefined);
    },
    isPart(topic, partition) {
      if (open === undefined) return false;
      const key = `${partition} ${topic}`;
      if (open.added.has(key)) return true;
      open.wanted.set(key, { topic, partition });
      addWanted(open);
      return false;
    },
    batchFailed(error) {
      if (open !== undefined) open.mustBump = true;
      failed(error, true);
    },
    async run(work) {
      if (fatal !== undefined) throw fatal;
      if (open !== undefined) throw new KafkaError('INVALID_TXN_STATE', 'a transaction of this producer is open already: one at a time');
      const now: Open = { added: new Set(), wanted: new Map(), isAdding: false, hasBegun: false, isKnown: false, failure: undefined, mustBump: false };
      open = now;
      try {
        if (sequences.identity === undefined) {
          sequences.reset(
            await calls.init(undefined).catch((error: unknown) => {
              dead(error);
              throw error;
            }),
          );
        }
        try {
          const result = await work(handle(now));
          await commit(now);
          return result;
        } catch (error) {
          await abort(now);
          throw error;
        }
      } finally {
        open = undefined;
      }
    },
  };
}
