import type { ErrorName } from '../../protocol/errors.ts';
import type { TopicPartition } from '../group/partition-map.ts';
import type { Outcome } from './end-transaction.ts';

/** What the leaders of a transaction's partitions are to write at its end. */
export interface Marker {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly outcome: Outcome;
  readonly partitions: readonly TopicPartition[];
}

export interface MarkerResult extends TopicPartition {
  readonly error: ErrorName;
}

/**
 * What follows from a leader's answer: the partition is `done`, or it is to be asked again (of its leader as then known),
 * or a later producer or coordinator has taken over, so that nothing more is to be done here.
 * @see TransactionMarkerRequestCompletionHandler in Apache Kafka 3.9
 */
export function afterMarker(error: ErrorName): 'done' | 'again' | 'superseded' | 'unexpected' {
  switch (error) {
    case 'NONE':
    // The format cannot hold transactions, so the producer could not write there either.
    case 'UNSUPPORTED_FOR_MESSAGE_FORMAT':
    case 'UNSUPPORTED_VERSION':
      return 'done';
    case 'UNKNOWN_TOPIC_OR_PARTITION':
    case 'NOT_LEADER_OR_FOLLOWER':
    case 'NOT_ENOUGH_REPLICAS':
    case 'NOT_ENOUGH_REPLICAS_AFTER_APPEND':
    case 'REQUEST_TIMED_OUT':
    case 'KAFKA_STORAGE_ERROR':
      return 'again';
    case 'INVALID_PRODUCER_EPOCH':
    case 'TRANSACTION_COORDINATOR_FENCED':
      return 'superseded';
    default:
      return 'unexpected';
  }
}
