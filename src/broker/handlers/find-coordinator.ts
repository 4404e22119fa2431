import { partitionFor } from '../../coordinator/partition-for.ts';
import { KafkaError, errorCode } from '../../protocol/errors.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../protocol/messages/find-coordinator.ts';
import type { FindCoordinatorRequest, FindCoordinatorResponseInput } from '../../protocol/messages/find-coordinator.ts';
import type { BrokerConfig } from '../../runtime/config/broker-config.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import { nodeOf } from './metadata.ts';

export interface FindCoordinatorDependencies {
  readonly cache: MetadataCache;
  readonly config: BrokerConfig;
  /** Partitions of __consumer_offsets, as the group coordinator counts them; undefined while the topic is not known. */
  readonly groupPartitionCount: () => number | undefined;
  /** The same of __transaction_state. */
  readonly transactionPartitionCount: () => number | undefined;
  /** Asks the controller for a topic that brokers keep for themselves. @throws KafkaError */
  readonly createInternalTopic: (topic: string) => Promise<void>;
}

const firstVersionWithKeys = 4;
const groupKeyType = 0;
const coordinatorTopics: readonly { readonly topic: string; readonly partitionsProperty: 'offsets.topic.num.partitions' | 'transaction.state.log.num.partitions' }[] = [
  { topic: '__consumer_offsets', partitionsProperty: 'offsets.topic.num.partitions' },
  { topic: '__transaction_state', partitionsProperty: 'transaction.state.log.num.partitions' },
];

interface Coordinator {
  readonly key: string;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly error: keyof typeof messages;
}

/** Kafka's words; before v4 success has one too. */
const messages = {
  NONE: 'NONE',
  INVALID_REQUEST: 'This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.',
  COORDINATOR_NOT_AVAILABLE: 'The coordinator is not available.',
} as const;

/** FindCoordinator, API key 10: the leader of the partition of the internal topic that a key hashes to. */
export function findCoordinatorHandler(dependencies: FindCoordinatorDependencies): Handler<FindCoordinatorRequest, FindCoordinatorResponseInput> {
  const { cache, config } = dependencies;

  async function find(key: string, keyType: number, listenerName: string): Promise<Coordinator> {
    const failed = (error: Coordinator['error']): Coordinator => ({ key, nodeId: -1, host: '', port: -1, error });
    const kind = coordinatorTopics[keyType];
    if (kind === undefined) return failed('INVALID_REQUEST');
    const topic = cache.topics.get(kind.topic);
    if (topic === undefined) {
      await dependencies.createInternalTopic(kind.topic).catch((error: unknown) => {
        if (!(error instanceof KafkaError)) throw error; // it is there already, or too few brokers live: clients ask again
      });
      return failed('COORDINATOR_NOT_AVAILABLE');
    }
    const count = (keyType === groupKeyType ? dependencies.groupPartitionCount() : dependencies.transactionPartitionCount()) ?? topic.partitions.size;
    const partition = topic.partitions.get(partitionFor(key, count || config[kind.partitionsProperty]));
    const leader = cache.brokers.get(partition?.leader ?? -1);
    const node = leader === undefined ? undefined : nodeOf(leader, listenerName);
    if (node === undefined) return failed('COORDINATOR_NOT_AVAILABLE');
    return { key, nodeId: node.nodeId, host: node.host, port: node.port, error: 'NONE' };
  }

  return {
    request: findCoordinatorRequest,
    response: findCoordinatorResponse,
    async handle(request, { apiVersion, connection }, answer) {
      if (apiVersion >= firstVersionWithKeys) {
        const found = await Promise.all(request.coordinatorKeys.map((key) => find(key, request.keyType, connection.listenerName)));
        answer({ coordinators: found.map(({ key, nodeId, host, port, error }) => ({ key, nodeId, host, port, errorCode: errorCode(error), errorMessage: error === 'INVALID_REQUEST' ? messages[error] : '' })) });
        return;
      }
      const { nodeId, host, port, error } = await find(request.key, request.keyType, connection.listenerName);
      answer({ errorCode: errorCode(error), errorMessage: messages[error], nodeId, host, port });
    },
    failed: (request, code, message, apiVersion) =>
      apiVersion >= firstVersionWithKeys
        ? { coordinators: request.coordinatorKeys.map((key) => ({ key, nodeId: -1, host: '', port: -1, errorCode: code, errorMessage: message })) }
        : { errorCode: code, errorMessage: message, nodeId: -1, host: '', port: -1 },
  };
}
