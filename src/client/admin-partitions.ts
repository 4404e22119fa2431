import { KafkaError, errorByCode } from '../protocol/errors.ts';
import { alterPartitionReassignmentsRequest, alterPartitionReassignmentsResponse } from '../protocol/messages/alter-partition-reassignments.ts';
import { electLeadersRequest, electLeadersResponse } from '../protocol/messages/elect-leaders.ts';
import type { AdminCalls } from './admin-calls.ts';
import { byTopic } from './admin-calls.ts';
import type { ElectionType, PartitionOutcome, ReassignmentChange } from './admin-partition-types.ts';
import type { TopicPartition } from './records.ts';

/** Kafka's numbers of ElectionType. */
const electionTypes = { preferred: 0, unclean: 1 } as const;

export function electLeaders(calls: AdminCalls, type: ElectionType, partitions: readonly TopicPartition[] | undefined): Promise<PartitionOutcome[]> {
  const topicPartitions = partitions === undefined ? null : byTopic(partitions).map(({ name, entries }) => ({ topic: name, partitions: entries.map(({ partition }) => partition) }));
  return calls.call('electLeaders', 'controller', async (connection, timeoutMs) => {
    const request = { electionType: electionTypes[type], topicPartitions, timeoutMs };
    const response = await connection.call(electLeadersRequest, electLeadersResponse, request, timeoutMs);
    throwWhenRefused(response.errorCode, null);
    return response.replicaElectionResults.flatMap(({ topic, partitionResult }) =>
      partitionResult.map(({ partitionId, errorCode, errorMessage }) => outcome(topic, partitionId, errorCode, errorMessage)),
    );
  });
}

export function alterPartitionReassignments(calls: AdminCalls, changes: readonly ReassignmentChange[]): Promise<PartitionOutcome[]> {
  const topics = byTopic(changes).map(({ name, entries }) => ({
    name,
    partitions: entries.map(({ partition, replicas }) => ({ partitionIndex: partition, replicas: replicas ?? null })),
  }));
  return calls.call('alterPartitionReassignments', 'controller', async (connection, timeoutMs) => {
    const response = await connection.call(alterPartitionReassignmentsRequest, alterPartitionReassignmentsResponse, { timeoutMs, topics }, timeoutMs);
    throwWhenRefused(response.errorCode, response.errorMessage);
    return response.responses.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, errorCode, errorMessage }) => outcome(name, partitionIndex, errorCode, errorMessage)),
    );
  });
}

/** @throws KafkaError for an answer that is about the whole request */
function throwWhenRefused(code: number, message: string | null): void {
  if (code !== 0) throw new KafkaError(errorByCode(code), message ?? errorByCode(code));
}

/** @throws KafkaError NOT_CONTROLLER: the whole call must be sent again, to the controller of now */
function outcome(topic: string, partition: number, code: number, message: string | null): PartitionOutcome {
  const error = code === 0 ? undefined : new KafkaError(errorByCode(code), message ?? `${topic}-${partition}: ${errorByCode(code)}`);
  if (error?.name === 'NOT_CONTROLLER') throw error;
  return { topic, partition, error };
}
