import { KafkaError, errorByCode } from '../protocol/errors.ts';
import { fetchRequest, fetchResponse } from '../protocol/messages/fetch.ts';
import { byTopic } from './admin-calls.ts';
import type { Cluster } from './cluster.ts';
import type { TopicPartition } from './records.ts';

/** Marks a reader that wants any replica's data, not the leader's (FetchRequest.DEBUGGING_CONSUMER_ID). */
const debuggingReplicaId = -2;
/** Later ones name topics by id alone. */
const lastVersionWithNames = 12;
/** From here on the replica id is a field of a struct. */
const firstVersionWithReplicaState = 15;

export interface ReplicaPosition extends TopicPartition {
  readonly offset: number;
  /** Undefined where the cluster does not know topic ids. */
  readonly topicId: string | undefined;
}

export interface ReplicaData extends TopicPartition {
  readonly error: KafkaError | undefined;
  readonly highWatermark: number;
  /** Batches as they lie in the replica's log; the last one may be cut. */
  readonly records: Buffer;
}

/**
 * Reads what one broker's replicas hold, whether it leads them or not.
 * @param bytesMax per partition
 * @throws KafkaError
 */
export async function fetchFromReplica(cluster: Cluster, brokerId: number, positions: readonly ReplicaPosition[], bytesMax: number, maxWaitMs: number): Promise<ReplicaData[]> {
  const connection = await cluster.broker(brokerId);
  const hasIds = positions.every(({ topicId }) => topicId !== undefined);
  const highest = hasIds ? fetchRequest.maxVersion : lastVersionWithNames;
  const version = connection.requests.versionFor(fetchRequest, highest);
  const topics = byTopic(positions).map(({ name, entries }) => ({
    ...(version > lastVersionWithNames ? { topicId: entries[0]!.topicId! } : { topic: name }),
    partitions: entries.map(({ partition, offset }) => ({ partition, fetchOffset: offset, logStartOffset: 0, partitionMaxBytes: bytesMax })),
  }));
  const reader = version >= firstVersionWithReplicaState ? { replicaState: { replicaId: debuggingReplicaId, replicaEpoch: -1 } } : { replicaId: debuggingReplicaId };
  const response = await connection.call(fetchRequest, fetchResponse, { ...reader, maxWaitMs, minBytes: 1, topics }, maxWaitMs + cluster.settings.requestTimeoutMs, highest);
  if (response.errorCode !== 0) throw new KafkaError(errorByCode(response.errorCode), `broker ${brokerId} refused to be fetched from`);
  const names = new Map(positions.map(({ topic, topicId }) => [topicId, topic]));
  return response.responses.flatMap(({ topic, topicId, partitions }) =>
    partitions.map(({ partitionIndex, errorCode, highWatermark, records }): ReplicaData => {
      const name = version > lastVersionWithNames ? (names.get(topicId) ?? topicId) : topic;
      const error = errorCode === 0 ? undefined : new KafkaError(errorByCode(errorCode), `${name}-${partitionIndex} cannot be fetched from broker ${brokerId}: ${errorByCode(errorCode)}`);
      return { topic: name, partition: partitionIndex, error, highWatermark, records: records ?? Buffer.alloc(0) };
    }),
  );
}
