import { KafkaError } from '../../protocol/errors.ts';
import { describeProducersRequest, describeProducersResponse } from '../../protocol/messages/describe-producers.ts';
import type { DescribeProducersRequest, DescribeProducersResponseInput } from '../../protocol/messages/describe-producers.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import { invalidTopicName } from '../topic-names.ts';

/** DescribeProducers, API key 61: who wrote to partitions of which this broker has a replica, and their open transactions (KIP-664). */
export function describeProducersHandler(replicas: ReplicaManager, cache: MetadataCache): Handler<DescribeProducersRequest, DescribeProducersResponseInput> {
  function describe(topic: string, partitionIndex: number) {
    try {
      const invalid = invalidTopicName(topic);
      if (invalid !== undefined) throw new KafkaError('INVALID_TOPIC_EXCEPTION', invalid);
      if (!cache.topics.has(topic)) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', '');
      const { log } = replicas.hostedOf(topic, partitionIndex);
      return {
        partitionIndex,
        errorCode: 0,
        activeProducers: Array.from(log.producers, (producer) => ({
          producerId: producer.producerId,
          producerEpoch: producer.producerEpoch,
          lastSequence: producer.batches.at(-1)?.lastSequence ?? -1,
          lastTimestamp: producer.lastTimestamp,
          coordinatorEpoch: producer.coordinatorEpoch,
          currentTxnStartOffset: producer.transactionFirstOffset,
        })),
      };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return { partitionIndex, errorCode: error.code, errorMessage: error.name === 'INVALID_TOPIC_EXCEPTION' ? error.message : null };
    }
  }

  return {
    request: describeProducersRequest,
    response: describeProducersResponse,
    handle({ topics }, _context, answer) {
      answer({ topics: topics.map(({ name, partitionIndexes }) => ({ name, partitions: partitionIndexes.map((partition) => describe(name, partition)) })) });
    },
    failed: ({ topics }, code) => ({
      topics: topics.map(({ name, partitionIndexes }) => ({ name, partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode: code })) })),
    }),
  };
}
