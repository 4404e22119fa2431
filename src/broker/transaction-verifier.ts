import { partitionFor } from '../coordinator/partition-for.ts';
import type { TransactionCoordinator } from '../coordinator/transaction/coordinator.ts';
import type { Producer } from '../coordinator/transaction/add-partitions.ts';
import { transactionTopic } from '../coordinator/transaction/transaction-log.ts';
import { KafkaError, errorByCode } from '../protocol/errors.ts';
import type { ErrorName } from '../protocol/errors.ts';
import { addPartitionsToTxnRequest, addPartitionsToTxnResponse } from '../protocol/messages/add-partitions-to-txn.ts';
import type { AddPartitionsToTxnResponse } from '../protocol/messages/add-partitions-to-txn.ts';
import type { Logger } from '../runtime/logger.ts';
import type { BrokerChannels } from './broker-channels.ts';
import { byTopic } from './handlers/by-topic.ts';
import type { OfPartition } from './handlers/by-topic.ts';
import type { MetadataCache } from './metadata-cache.ts';

export interface Question {
  readonly transactionalId: string;
  readonly producer: Producer;
  readonly partitions: readonly OfPartition[];
  /** The client knows TRANSACTION_ABORTABLE (KIP-1050); others are told INVALID_TXN_STATE. */
  readonly knowsAbortable: boolean;
}

/**
 * Asks the coordinator of a transaction whether partitions are part of it, before their leader, this broker, appends its first record:
 * a late one would else open a transaction that nobody ends (KIP-890).
 * @see AddPartitionsToTxnManager in Apache Kafka 3.9
 */
export interface TransactionVerifier {
  /** @param done gets an error for each partition, in their order; NONE for all where the coordinator is too old to be asked */
  verify(question: Question, done: (errors: readonly ErrorName[]) => void): void;
}

export interface TransactionVerifierOptions {
  readonly brokerId: number;
  readonly cache: MetadataCache;
  readonly channels: BrokerChannels;
  readonly coordinator: Pick<TransactionCoordinator, 'verifyPartitions'>;
  readonly partitionCount: () => number | undefined;
  readonly logger: Logger;
}

interface Asked {
  readonly question: Question;
  readonly done: (errors: readonly ErrorName[]) => void;
}

/** Only brokers speak these; they take many transactions at once. */
const versions = { lowest: 4, highest: addPartitionsToTxnRequest.maxVersion };

export function createTransactionVerifier({ brokerId, cache, channels, coordinator, partitionCount, logger }: TransactionVerifierOptions): TransactionVerifier {
  const queues = new Map<number, { waiting: Asked[]; isSending: boolean }>();

  function coordinatorOf(transactionalId: string): number | undefined {
    const count = partitionCount();
    const leader = count === undefined ? undefined : cache.topics.get(transactionTopic)?.partitions.get(partitionFor(transactionalId, count))?.leader;
    return leader === undefined || !cache.brokers.has(leader) ? undefined : leader;
  }

  async function sendAll(broker: number): Promise<void> {
    const queue = queues.get(broker)!;
    if (queue.isSending) return;
    queue.isSending = true;
    while (queue.waiting.length > 0) {
      const { now, later } = onePerTransaction(queue.waiting);
      queue.waiting = later;
      const answer = await ask(broker, now).catch((error: unknown) => failure(broker, error));
      for (const { question, done } of now) done(typeof answer === 'string' ? question.partitions.map(() => answer) : errorsOf(question, answer));
    }
    queue.isSending = false;
  }

  function ask(broker: number, asked: readonly Asked[]): Promise<AddPartitionsToTxnResponse> {
    const transactions = asked.map(({ question: { transactionalId, producer, partitions } }) => ({
      transactionalId,
      producerId: producer.producerId,
      producerEpoch: producer.epoch,
      verifyOnly: true,
      topics: byTopic(partitions, ({ partition }) => partition),
    }));
    return channels.send(broker, addPartitionsToTxnRequest, addPartitionsToTxnResponse, versions, { transactions });
  }

  function failure(broker: number, error: unknown): ErrorName {
    if (!(error instanceof KafkaError)) throw error;
    if (error.name === 'UNSUPPORTED_VERSION') {
      logger.warn('a transaction is not verified: its coordinator is of a release that cannot do so', { broker });
      return 'NONE';
    }
    logger.info('a transaction could not be verified', { broker, reason: error.message });
    return 'NETWORK_EXCEPTION';
  }

  return {
    verify(question, done) {
      const broker = coordinatorOf(question.transactionalId);
      if (broker === undefined) {
        done(question.partitions.map(() => 'COORDINATOR_NOT_AVAILABLE'));
      } else if (broker === brokerId) {
        done(coordinator.verifyPartitions(question.transactionalId, question.producer, question.partitions).map((error) => told(error, question)));
      } else {
        let queue = queues.get(broker);
        if (queue === undefined) {
          queue = { waiting: [], isSending: false };
          queues.set(broker, queue);
        }
        queue.waiting.push({ question, done });
        void sendAll(broker);
      }
    },
  };
}

/** A request names each transactional id once; those that ask twice wait for the next one. */
function onePerTransaction(waiting: readonly Asked[]): { readonly now: readonly Asked[]; readonly later: Asked[] } {
  const seen = new Set<string>();
  const now: Asked[] = [];
  const later: Asked[] = [];
  for (const asked of waiting) {
    const { transactionalId } = asked.question;
    (seen.has(transactionalId) ? later : now).push(asked);
    seen.add(transactionalId);
  }
  return { now, later };
}

function errorsOf(question: Question, { errorCode, resultsByTransaction }: AddPartitionsToTxnResponse): readonly ErrorName[] {
  if (errorCode !== 0) {
    const error = errorByCode(errorCode);
    return question.partitions.map(() => (error === 'CLUSTER_AUTHORIZATION_FAILED' ? 'INVALID_TXN_STATE' : error));
  }
  const results = resultsByTransaction.find(({ transactionalId }) => transactionalId === question.transactionalId)?.topicResults ?? [];
  return question.partitions.map(({ topic, partition }) => {
    const found = results.find(({ name }) => name === topic)?.resultsByPartition.find(({ partitionIndex }) => partitionIndex === partition);
    return told(errorByCode(found?.partitionErrorCode ?? 0), question);
  });
}

/** In words that the producer knows. */
function told(error: ErrorName, { knowsAbortable }: Question): ErrorName {
  if (error === 'PRODUCER_FENCED') return 'INVALID_PRODUCER_EPOCH';
  return error === 'TRANSACTION_ABORTABLE' && !knowsAbortable ? 'INVALID_TXN_STATE' : error;
}
