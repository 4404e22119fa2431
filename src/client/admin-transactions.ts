import { KafkaError, errorByCode } from '../protocol/errors.ts';
import { describeProducersRequest, describeProducersResponse } from '../protocol/messages/describe-producers.ts';
import { describeTransactionsRequest, describeTransactionsResponse } from '../protocol/messages/describe-transactions.ts';
import { listTransactionsRequest, listTransactionsResponse } from '../protocol/messages/list-transactions.ts';
import { writeTxnMarkersRequest, writeTxnMarkersResponse } from '../protocol/messages/write-txn-markers.ts';
import type { AdminCalls } from './admin-calls.ts';
import type { Cluster } from './cluster.ts';
import { coordinatorOf, throwError } from './producer-coordinator.ts';
import type { TopicPartition } from './records.ts';
import { withinTime } from './waiting.ts';

/** A producer as a partition knows it (KIP-664). */
export interface ProducerState {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** -1 before its first record. */
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  /** -1 before the end of its first transaction. */
  readonly coordinatorEpoch: number;
  /** First offset of its open transaction; undefined when it has none. */
  readonly transactionStartOffset: number | undefined;
}

export interface TransactionListing {
  readonly coordinatorId: number;
  readonly transactionalId: string;
  readonly producerId: number;
  readonly state: string;
}

export interface TransactionDescription extends TransactionListing {
  readonly producerEpoch: number;
  readonly timeoutMs: number;
  /** Milliseconds since the Unix epoch; undefined before the first transaction. */
  readonly startMs: number | undefined;
  readonly partitions: readonly TopicPartition[];
}

/** A transaction that hangs, as one partition knows it. */
export interface HangingTransaction extends TopicPartition {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
}

/** What the admin client does about transactions and producers. */
export interface TransactionAdmin {
  /**
   * Those that wrote to a partition, as its leader knows them.
   * @param brokerId another replica to ask
   * @throws KafkaError
   */
  describeProducers(partition: TopicPartition, brokerId?: number): Promise<ProducerState[]>;
  /** The transactional ids of all coordinators. @param filter `durationMs`: those that began longer ago */
  listTransactions(filter?: { readonly producerIds?: readonly number[]; readonly durationMs?: number }): Promise<TransactionListing[]>;
  /** @throws KafkaError TRANSACTIONAL_ID_NOT_FOUND */
  describeTransaction(transactionalId: string): Promise<TransactionDescription>;
  /** Ends a transaction in one partition, where its coordinator does not know of it. @throws KafkaError */
  abortTransaction(transaction: HangingTransaction): Promise<void>;
}

export function transactionAdmin(cluster: Cluster, calls: AdminCalls): TransactionAdmin {
  const timeoutMs = cluster.settings.defaultApiTimeoutMs;

  /** Calls the leader of a partition, whoever that is by then. */
  function atLeader<T>(name: string, { topic, partition }: TopicPartition, run: (brokerId: number) => Promise<T>): Promise<T> {
    cluster.track(topic);
    const attempt = async (remainingMs: number): Promise<T> => {
      await withinTime(cluster.runtime.clock, remainingMs, cluster.update(), () => 'no metadata in time');
      const leaderId = cluster.metadata.topics.get(topic)?.partitions[partition]?.leaderId ?? -1;
      if (leaderId < 0) throw new KafkaError('LEADER_NOT_AVAILABLE', `${topic}-${partition} has no leader or does not exist`);
      return run(leaderId);
    };
    return cluster.retry(timeoutMs, attempt, (last, attempts) => new KafkaError('REQUEST_TIMED_OUT', `Call(callName=${name}) timed out after ${attempts} attempt(s)`, { cause: last }));
  }

  function producersAt(brokerId: number, { topic, partition }: TopicPartition): Promise<ProducerState[]> {
    return calls.call('describeProducers', brokerId, async (connection, remainingMs) => {
      const response = await connection.call(describeProducersRequest, describeProducersResponse, { topics: [{ name: topic, partitionIndexes: [partition] }] }, remainingMs);
      const answer = response.topics[0]?.partitions[0];
      if (answer === undefined) throw new KafkaError('UNKNOWN_SERVER_ERROR', `broker ${brokerId} left ${topic}-${partition} out`);
      throwError(answer.errorCode, answer.errorMessage ?? `Failed to describe active producers for partition ${topic}-${partition} on brokerId ${brokerId}`);
      return answer.activeProducers.map(({ currentTxnStartOffset, ...producer }) => ({ ...producer, transactionStartOffset: currentTxnStartOffset < 0 ? undefined : currentTxnStartOffset }));
    });
  }

  return {
    describeProducers: (partition, brokerId) => (brokerId === undefined ? atLeader('describeProducers', partition, (leaderId) => producersAt(leaderId, partition)) : producersAt(brokerId, partition)),
    async listTransactions({ producerIds = [], durationMs = -1 } = {}) {
      await calls.call('listTransactions', 'any', () => cluster.update());
      const listings = await Promise.all(
        Array.from(cluster.metadata.nodes.keys(), (brokerId) =>
          calls.call('listTransactions', brokerId, async (connection, remainingMs) => {
            const response = await connection.call(listTransactionsRequest, listTransactionsResponse, { stateFilters: [], producerIdFilters: [...producerIds], durationFilter: durationMs }, remainingMs);
            throwError(response.errorCode, `broker ${brokerId} does not list its transactions`);
            return response.transactionStates.map(({ transactionalId, producerId, transactionState }) => ({ coordinatorId: brokerId, transactionalId, producerId, state: transactionState }));
          }),
        ),
      );
      return listings.flat();
    },
    describeTransaction(transactionalId) {
      const coordinator = coordinatorOf(cluster, 'transaction', transactionalId);
      return coordinator.call('describeTransactions', timeoutMs, async (connection, remainingMs) => {
        const response = await connection.call(describeTransactionsRequest, describeTransactionsResponse, { transactionalIds: [transactionalId] }, remainingMs);
        const found = response.transactionStates[0];
        if (found === undefined || errorByCode(found.errorCode) === 'TRANSACTIONAL_ID_NOT_FOUND') {
          throw new KafkaError('TRANSACTIONAL_ID_NOT_FOUND', `DescribeTransactions request for transactionalId \`${transactionalId}\` failed because the ID could not be found`);
        }
        throwError(found.errorCode, `DescribeTransactions request for transactionalId \`${transactionalId}\` failed`);
        return {
          coordinatorId: coordinator.brokerId,
          transactionalId,
          producerId: found.producerId,
          producerEpoch: found.producerEpoch,
          state: found.transactionState,
          timeoutMs: found.transactionTimeoutMs,
          startMs: found.transactionStartTimeMs < 0 ? undefined : found.transactionStartTimeMs,
          partitions: found.topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition }))),
        };
      });
    },
    abortTransaction({ topic, partition, producerId, producerEpoch, coordinatorEpoch }) {
      const markers = [{ producerId, producerEpoch, coordinatorEpoch, transactionResult: false, topics: [{ name: topic, partitionIndexes: [partition] }] }];
      return atLeader('abortTransaction', { topic, partition }, (leaderId) =>
        calls.call('abortTransaction', leaderId, async (connection, remainingMs) => {
          const response = await connection.call(writeTxnMarkersRequest, writeTxnMarkersResponse, { markers }, remainingMs);
          throwError(response.markers[0]?.topics[0]?.partitions[0]?.errorCode ?? -1, `WriteTxnMarkers request for ${topic}-${partition} failed`);
        }),
      );
    },
  };
}
