import type { TransactionCoordinator } from '../../coordinator/transaction/coordinator.ts';
import { errorCode } from '../../protocol/errors.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { addPartitionsToTxnRequest, addPartitionsToTxnResponse } from '../../protocol/messages/add-partitions-to-txn.ts';
import type { AddPartitionsToTxnRequest, AddPartitionsToTxnResponseInput } from '../../protocol/messages/add-partitions-to-txn.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import { byTopic } from './by-topic.ts';
import type { OfPartition } from './by-topic.ts';
import { fencedError } from './fenced-error.ts';

type Wanted = AddPartitionsToTxnRequest['transactions'][number];

/** From here on it is brokers that ask, of many transactions at once (KIP-890). */
const firstBrokerVersion = 4;
const firstVersionWithFenced = 2;

/** AddPartitionsToTxn, API key 24: partitions become part of a transaction, or are verified to be. */
export function addPartitionsToTxnHandler(coordinator: TransactionCoordinator, cache: MetadataCache): Handler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponseInput> {
  const isKnown = ({ topic, partition }: OfPartition): boolean => cache.topics.get(topic)?.partitions.has(partition) ?? false;

  function handleOne({ transactionalId, producerId, producerEpoch, verifyOnly, topics }: Wanted, apiVersion: number, done: (errors: readonly ErrorName[]) => void): void {
    const partitions = partitionsOf(topics);
    const producer = { producerId, epoch: producerEpoch };
    if (!partitions.every(isKnown)) done(partitions.map((one) => (isKnown(one) ? 'OPERATION_NOT_ATTEMPTED' : 'UNKNOWN_TOPIC_OR_PARTITION')));
    else if (verifyOnly) done(coordinator.verifyPartitions(transactionalId, producer, partitions));
    else coordinator.addPartitions(transactionalId, producer, partitions, (error) => done(partitions.map(() => fencedError(error, apiVersion, firstVersionWithFenced))));
  }

  return {
    request: addPartitionsToTxnRequest,
    response: addPartitionsToTxnResponse,
    handle(request, { apiVersion }, answer) {
      if (apiVersion < firstBrokerVersion) {
        const wanted = ofClient(request);
        handleOne(wanted, apiVersion, (errors) => answer({ resultsByTopicV3AndBelow: resultsOf(wanted.topics, errors) }));
        return;
      }
      const { transactions } = request;
      const results: { transactionalId: string; topicResults: ReturnType<typeof resultsOf> }[] = [];
      if (transactions.length === 0) answer({ resultsByTransaction: results });
      for (const wanted of transactions) {
        handleOne(wanted, apiVersion, (errors) => {
          results.push({ transactionalId: wanted.transactionalId, topicResults: resultsOf(wanted.topics, errors) });
          if (results.length === transactions.length) answer({ resultsByTransaction: results });
        });
      }
    },
    failed: (request, code, _message, apiVersion) =>
      apiVersion < firstBrokerVersion
        ? { resultsByTopicV3AndBelow: request.v3AndBelowTopics.map(({ name, partitions }) => ({ name, resultsByPartition: partitions.map((partitionIndex) => ({ partitionIndex, partitionErrorCode: code })) })) }
        : { errorCode: code },
  };
}

function ofClient(request: AddPartitionsToTxnRequest): Wanted {
  return {
    transactionalId: request.v3AndBelowTransactionalId,
    producerId: request.v3AndBelowProducerId,
    producerEpoch: request.v3AndBelowProducerEpoch,
    verifyOnly: false,
    topics: request.v3AndBelowTopics,
  };
}

function partitionsOf(topics: Wanted['topics']): readonly OfPartition[] {
  return topics.flatMap(({ name, partitions }) => partitions.map((partition) => ({ topic: name, partition })));
}

function resultsOf(topics: Wanted['topics'], errors: readonly ErrorName[]) {
  const results = partitionsOf(topics).map((one, index) => ({ ...one, error: errors[index]! }));
  return byTopic(results, ({ partition, error }) => ({ partitionIndex: partition, partitionErrorCode: errorCode(error) })).map(({ name, partitions }) => ({ name, resultsByPartition: partitions }));
}
