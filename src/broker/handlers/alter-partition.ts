import type { Controller } from '../../controller/controller.ts';
import { errorCode } from '../../protocol/errors.ts';
import { alterPartitionRequest, alterPartitionResponse } from '../../protocol/messages/alter-partition.ts';
import type { AlterPartitionRequest, AlterPartitionResponseInput } from '../../protocol/messages/alter-partition.ts';
import type { Handler } from '../handler.ts';

const firstVersionWithTopicIds = 2;
const firstVersionWithBrokerEpochs = 3;
const recovering = 1;

/** AlterPartition, API key 56: a leader asks the controller for another ISR (KIP-497). */
export function alterPartitionHandler(controller: Controller, topicNameOf: (topicId: string) => string | undefined): Handler<AlterPartitionRequest, AlterPartitionResponseInput> {
  return {
    request: alterPartitionRequest,
    response: alterPartitionResponse,
    async handle(request, { apiVersion }, answer) {
      const hasTopicIds = apiVersion >= firstVersionWithTopicIds;
      const wanted = request.topics.flatMap(({ topicName, topicId, partitions }) => {
        const topic = hasTopicIds ? topicNameOf(topicId) : topicName;
        return partitions.map((partition) => ({ topicName, topicId, topic, partition }));
      });
      const changes = wanted.map(({ topic, partition: { partitionIndex, leaderEpoch, partitionEpoch, newIsr, newIsrWithEpochs, leaderRecoveryState } }) => ({
        topic: topic ?? '',
        partition: partitionIndex,
        wanted: {
          isr: apiVersion >= firstVersionWithBrokerEpochs ? newIsrWithEpochs.map(({ brokerId }) => brokerId) : newIsr,
          leaderEpoch,
          partitionEpoch,
          leaderRecoveryState: leaderRecoveryState === recovering ? ('RECOVERING' as const) : ('RECOVERED' as const),
        },
      }));
      const results = await controller.requests().alterPartitions(request.brokerId, request.brokerEpoch, changes);
      const answers = results.map((result, index) => {
        const { topic, partition: { partitionIndex } } = wanted[index]!;
        if (typeof result === 'string') {
          const isUnknownId = topic === undefined && result === 'UNKNOWN_TOPIC_OR_PARTITION';
          // Before topic ids came, so did the name of this error (KIP-841).
          const isTooNew = result === 'INELIGIBLE_REPLICA' && !hasTopicIds;
          return { partitionIndex, errorCode: errorCode(isUnknownId ? 'UNKNOWN_TOPIC_ID' : isTooNew ? 'OPERATION_NOT_ATTEMPTED' : result) };
        }
        const { state, version } = result;
        return {
          partitionIndex,
          errorCode: 0,
          leaderId: state.leader,
          leaderEpoch: state.leaderEpoch,
          isr: state.isr,
          leaderRecoveryState: state.leaderRecoveryState === 'RECOVERING' ? recovering : 0,
          partitionEpoch: version,
        };
      });
      let next = 0;
      answer({ errorCode: 0, topics: request.topics.map(({ topicName, topicId, partitions }) => ({ topicName, topicId, partitions: answers.slice(next, (next += partitions.length)) })) });
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
