import { KafkaError, errorByCode } from '../protocol/errors.ts';
import type { ErrorName } from '../protocol/errors.ts';
import { addOffsetsToTxnRequest, addOffsetsToTxnResponse } from '../protocol/messages/add-offsets-to-txn.ts';
import { addPartitionsToTxnRequest, addPartitionsToTxnResponse } from '../protocol/messages/add-partitions-to-txn.ts';
import { endTxnRequest, endTxnResponse } from '../protocol/messages/end-txn.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../protocol/messages/init-producer-id.ts';
import { txnOffsetCommitRequest, txnOffsetCommitResponse } from '../protocol/messages/txn-offset-commit.ts';
import { byTopic } from './admin-calls.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection } from './connections.ts';
import { coordinatorOf, throwError } from './producer-coordinator.ts';
import type { ProducerIdentity } from './producer-sequences.ts';
import type { TopicPartition } from './records.ts';
import type { TransactionGroup, TransactionOffset } from './transaction-types.ts';
import { sleepUnlessClosed } from './waiting.ts';

/** A producer's transactional id at its coordinator. All calls are tried again while a failure may pass, for max.block.ms. */
export interface TransactionCalls {
  /** The next epoch; fences all other producers with this transactional id. @param from the present identity, to go on after a failure (KIP-360) */
  init(from: ProducerIdentity | undefined): Promise<ProducerIdentity>;
  addPartitions(identity: ProducerIdentity, partitions: readonly TopicPartition[]): Promise<void>;
  commitOffsets(identity: ProducerIdentity, group: TransactionGroup, offsets: readonly TransactionOffset[]): Promise<void>;
  end(identity: ProducerIdentity, isCommit: boolean): Promise<void>;
}

export interface TransactionCallsOptions {
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  readonly maxBlockMs: number;
}

/** The markers of the transaction before are still being written: that takes milliseconds. */
const concurrentRetryMs = 20;
const firstInitVersionWithIdentity = 3;
const firstCommitVersionWithMember = 3;
/** From then on AddPartitionsToTxn is for brokers. */
const lastClientVersion = 3;

export function transactionCalls(cluster: Cluster, { transactionalId, transactionTimeoutMs, maxBlockMs }: TransactionCallsOptions): TransactionCalls {
  const coordinator = coordinatorOf(cluster, 'transaction', transactionalId);
  const { clock } = cluster.runtime;

  /** Calls the coordinator; while it has a transaction to end it is asked again, soon. */
  function call<T>(name: string, run: (connection: BrokerConnection, timeoutMs: number) => Promise<T>): Promise<T> {
    return coordinator.call(name, maxBlockMs, async (connection, timeoutMs) => {
      for (const deadlineMs = clock.monotonicMs() + timeoutMs; ; ) {
        try {
          return await run(connection, timeoutMs);
        } catch (error) {
          if (!(error instanceof KafkaError) || error.name !== 'CONCURRENT_TRANSACTIONS' || clock.monotonicMs() > deadlineMs) throw error;
          await sleepUnlessClosed(clock, concurrentRetryMs, cluster.signal);
        }
      }
    });
  }

  return {
    init: (from) =>
      call('InitProducerId', async (connection, timeoutMs) => {
        const version = connection.requests.versionFor(initProducerIdRequest);
        if (from !== undefined && version < firstInitVersionWithIdentity) {
          throw new KafkaError('UNSUPPORTED_VERSION', 'a transaction failed, and brokers before 2.5 cannot let its producer go on: create another one');
        }
        const identity = from === undefined || version < firstInitVersionWithIdentity ? {} : { producerId: from.producerId, producerEpoch: from.epoch };
        const answer = await connection.call(initProducerIdRequest, initProducerIdResponse, { transactionalId, transactionTimeoutMs, ...identity }, timeoutMs);
        throwError(answer.errorCode, `the transactional id ${transactionalId} gets no producer id`);
        return { producerId: answer.producerId, epoch: answer.producerEpoch };
      }),
    addPartitions: ({ producerId, epoch }, partitions) =>
      call('AddPartitionsToTxn', async (connection, timeoutMs) => {
        const topics = byTopic(partitions).map(({ name, entries }) => ({ name, partitions: entries.map(({ partition }) => partition) }));
        const request = { v3AndBelowTransactionalId: transactionalId, v3AndBelowProducerId: producerId, v3AndBelowProducerEpoch: epoch, v3AndBelowTopics: topics };
        const version = connection.requests.versionFor(addPartitionsToTxnRequest, lastClientVersion);
        const answer = await connection.requests.send(addPartitionsToTxnRequest, addPartitionsToTxnResponse, version, request, timeoutMs);
        const errors = answer.resultsByTopicV3AndBelow.flatMap(({ name, resultsByPartition }) => resultsByPartition.map(({ partitionIndex, partitionErrorCode }) => ({ place: `${name}-${partitionIndex}`, code: partitionErrorCode })));
        // Others were not tried because of the one that failed.
        const failed = errors.find(({ code }) => code !== 0 && errorByCode(code) !== 'OPERATION_NOT_ATTEMPTED') ?? errors.find(({ code }) => code !== 0);
        if (failed !== undefined) throwError(failed.code, `${failed.place} cannot be part of the transaction`);
      }),
    async commitOffsets(identity, group, offsets) {
      const { producerId, epoch: producerEpoch } = identity;
      const { groupId, generationId = -1, memberId = '', groupInstanceId = null } = group;
      await call('AddOffsetsToTxn', async (connection, timeoutMs) => {
        const answer = await connection.call(addOffsetsToTxnRequest, addOffsetsToTxnResponse, { transactionalId, producerId, producerEpoch, groupId }, timeoutMs);
        throwError(answer.errorCode, `offsets of the group ${groupId} cannot be part of the transaction`);
      });
      await coordinatorOf(cluster, 'group', groupId).call('TxnOffsetCommit', maxBlockMs, async (connection, timeoutMs) => {
        const topics = byTopic(offsets).map(({ name, entries }) => ({
          name,
          partitions: entries.map(({ partition, offset, leaderEpoch = -1, metadata = '' }) => ({ partitionIndex: partition, committedOffset: offset, committedLeaderEpoch: leaderEpoch, committedMetadata: metadata })),
        }));
        const member = connection.requests.versionFor(txnOffsetCommitRequest) < firstCommitVersionWithMember ? {} : { generationId, memberId, groupInstanceId };
        const answer = await connection.call(txnOffsetCommitRequest, txnOffsetCommitResponse, { transactionalId, groupId, producerId, producerEpoch, ...member, topics }, timeoutMs);
        for (const { name, partitions } of answer.topics) {
          for (const { partitionIndex, errorCode } of partitions) throwError(errorCode, `the offset of ${name}-${partitionIndex} is not committed for the group ${groupId}`);
        }
      });
    },
    end: ({ producerId, epoch: producerEpoch }, isCommit) =>
      call('EndTxn', async (connection, timeoutMs) => {
        const answer = await connection.call(endTxnRequest, endTxnResponse, { transactionalId, producerId, producerEpoch, committed: isCommit }, timeoutMs);
        throwError(answer.errorCode, `the transaction of ${transactionalId} is not ${isCommit ? 'committed' : 'aborted'}`);
      }),
  };
}

/** Failures after which a producer cannot go on: another has its transactional id, or it may not have it. */
const fatalErrors: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'UNSUPPORTED_VERSION',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'INVALID_TXN_STATE',
  'INVALID_TRANSACTION_TIMEOUT',
]);

/** Whether a failure of the coordinator's calls, or (`isOfProduce`) of a batch, is fatal. With any other, the transaction is aborted. */
export function isFatal(error: unknown, isOfProduce: boolean): boolean {
  if (!(error instanceof KafkaError)) return false;
  // A leader says so of a transaction that timed out, too, after which the coordinator lets its producer go on, or does not.
  if (error.name === 'INVALID_PRODUCER_EPOCH') return !isOfProduce;
  if (error.name === 'INVALID_TXN_STATE') return !isOfProduce;
  return fatalErrors.has(error.name);
}
