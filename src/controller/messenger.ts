import { errorCode } from '../protocol/errors.ts';
import type { LeaderAndIsrResponse } from '../protocol/messages/leader-and-isr.ts';
import { createBrokerChannel } from './broker-channel.ts';
import type { BrokerChannel, BrokerChannelOptions } from './broker-channel.ts';
import { leaderAndIsr, leaderAndIsrFor, stopReplica, stopReplicaFor, updateMetadata, updateMetadataFor } from './broker-requests.ts';
import type { RequestContext } from './broker-requests.ts';
import type { ClusterState, ControlledPartition } from './cluster-state.ts';

const storageError = errorCode('KAFKA_STORAGE_ERROR');

/** Tells brokers what has changed: a request per broker and kind, in the order of the calls. */
export interface Messenger {
  /** Opens the line to a broker that has come. */
  open(brokerId: number): void;
  /** Gives up what a broker that is gone was not told. */
  close(brokerId: number): void;
  /** Live brokers, and partitions with their leaders. */
  tellMetadata(brokerIds: Iterable<number>, partitions: readonly ControlledPartition[]): void;
  /** Each of the brokers that has a replica of a partition: whom to lead or follow. */
  tellLeadership(brokerIds: Iterable<number>, partitions: readonly ControlledPartition[], isNew: boolean): void;
  /** @param answered is told whether all went well; not called when the broker goes first */
  tellStop(brokerId: number, partitions: readonly ControlledPartition[], isDeleted: boolean, answered?: (isDone: boolean) => void): void;
  end(): void;
}

export interface MessengerOptions extends Omit<BrokerChannelOptions, 'brokerId' | 'host' | 'port'> {
  readonly context: RequestContext;
  readonly cluster: ClusterState;
  /** A broker could not take these partitions, for their log directory has failed. */
  readonly replicasFailed: (brokerId: number, partitions: readonly ControlledPartition[]) => void;
}

export function createMessenger(options: MessengerOptions): Messenger {
  const { context, cluster, logger } = options;
  const { protocol, listenerName } = context;
  const channels = new Map<number, BrokerChannel>();

  const refused =
    (request: string, broker: number) =>
    ({ errorCode }: { readonly errorCode: number }): void => {
      if (errorCode !== 0) logger.warn('a broker refused a request of the controller', { request, broker, errorCode });
    };

  return {
    open(brokerId) {
      const endpoint = cluster.brokers.get(brokerId)?.registration.endpoints.find(({ listener }) => listener === listenerName);
      if (endpoint === undefined) {
        logger.error('a broker has no inter-broker listener and gets no requests', { broker: brokerId, listener: listenerName });
        return;
      }
      channels.set(brokerId, createBrokerChannel({ ...options, brokerId, host: endpoint.host, port: endpoint.port }));
    },
    close(brokerId) {
      channels.get(brokerId)?.close();
      channels.delete(brokerId);
    },
    tellMetadata(brokerIds, partitions) {
      for (const id of brokerIds) channels.get(id)?.send(updateMetadata, protocol.updateMetadata, updateMetadataFor(id, context, cluster, partitions), refused('UpdateMetadata', id));
    },
    tellLeadership(brokerIds, partitions, isNew) {
      for (const id of brokerIds) {
        const hosted = partitions.filter(({ assignment, leadership }) => leadership !== undefined && assignment.replicas.includes(id));
        if (hosted.length === 0) continue;
        channels.get(id)?.send(leaderAndIsr, protocol.leaderAndIsr, leaderAndIsrFor(id, context, cluster, hosted, isNew), (response) => {
          refused('LeaderAndIsr', id)(response);
          const failed = failedIn(response, hosted, cluster);
          if (failed.length > 0) options.replicasFailed(id, failed);
        });
      }
    },
    tellStop(brokerId, partitions, isDeleted, answered) {
      const request = stopReplicaFor(brokerId, context, cluster, partitions, isDeleted);
      channels.get(brokerId)?.send(stopReplica, protocol.stopReplica, request, (response) => {
        refused('StopReplica', brokerId)(response);
        answered?.(response.errorCode === 0 && response.partitionErrors.every(({ errorCode }) => errorCode === 0));
      });
    },
    end() {
      for (const channel of channels.values()) channel.close();
      channels.clear();
    },
  };
}

/** Those of the partitions that were asked for whose answer is KAFKA_STORAGE_ERROR; since v5 it names topics by id. */
function failedIn(response: LeaderAndIsrResponse, asked: readonly ControlledPartition[], cluster: ClusterState): readonly ControlledPartition[] {
  const isFailed = ({ errorCode: code }: { readonly errorCode: number }): boolean => code === storageError;
  const byName = response.partitionErrors.filter(isFailed).map(({ topicName, partitionIndex }) => `${topicName}-${partitionIndex}`);
  const byId = response.topics.flatMap(({ topicId, partitionErrors }) => partitionErrors.filter(isFailed).map(({ partitionIndex }) => `${topicId}-${partitionIndex}`));
  if (byName.length === 0 && byId.length === 0) return [];
  return asked.filter(({ topic, partition }) => byName.includes(`${topic}-${partition}`) || byId.includes(`${cluster.topics.get(topic)?.topicId}-${partition}`));
}
