import { zeroUuid } from '../protocol/fields.ts';
import { leaderAndIsrRequest, leaderAndIsrResponse } from '../protocol/messages/leader-and-isr.ts';
import type { LeaderAndIsrRequestInput } from '../protocol/messages/leader-and-isr.ts';
import { stopReplicaRequest, stopReplicaResponse } from '../protocol/messages/stop-replica.ts';
import type { StopReplicaRequestInput } from '../protocol/messages/stop-replica.ts';
import { updateMetadataRequest, updateMetadataResponse } from '../protocol/messages/update-metadata.ts';
import type { UpdateMetadataRequestInput } from '../protocol/messages/update-metadata.ts';
import { isReplicaOnline } from './cluster-state.ts';
import type { ClusterState, ControlledPartition } from './cluster-state.ts';
import type { InterBrokerVersions } from '../protocol/inter-broker-versions.ts';

/** What the controller tells brokers, in the versions of the inter-broker protocol. Pure. */
export interface RequestContext {
  readonly controllerId: number;
  readonly controllerEpoch: number;
  readonly protocol: InterBrokerVersions;
  /** inter.broker.listener.name */
  readonly listenerName: string;
}

export const leaderAndIsr = { request: leaderAndIsrRequest, response: leaderAndIsrResponse } as const;
export const updateMetadata = { request: updateMetadataRequest, response: updateMetadataResponse } as const;
export const stopReplica = { request: stopReplicaRequest, response: stopReplicaResponse } as const;

const securityProtocolIds: Readonly<Record<string, number>> = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 };
const leaderDuringDelete = -2;
const recovering = 1;

export function leaderAndIsrFor(brokerId: number, context: RequestContext, cluster: ClusterState, partitions: readonly ControlledPartition[], isNew: boolean): LeaderAndIsrRequestInput {
  const led = partitions.filter(({ leadership }) => leadership !== undefined);
  const leaders = new Set(led.map(({ leadership }) => leadership!.state.leader));
  return {
    controllerId: context.controllerId,
    controllerEpoch: context.controllerEpoch,
    brokerEpoch: cluster.brokers.get(brokerId)?.epoch ?? -1,
    topicStates: Array.from(byTopic(led), ([topicName, ofTopic]) => ({
      topicName,
      topicId: topicIdOf(cluster, topicName),
      partitionStates: ofTopic.map(({ partition, assignment, leadership }) => {
        const { state, version } = leadership!;
        return {
          partitionIndex: partition,
          controllerEpoch: state.controllerEpoch,
          leader: state.leader,
          leaderEpoch: state.leaderEpoch,
          isr: state.isr,
          partitionEpoch: version,
          replicas: assignment.replicas,
          addingReplicas: assignment.addingReplicas,
          removingReplicas: assignment.removingReplicas,
          isNew,
          ...(state.leaderRecoveryState === 'RECOVERING' && context.protocol.leaderAndIsr >= 6 ? { leaderRecoveryState: recovering } : {}),
        };
      }),
    })),
    liveLeaders: Array.from(leaders).flatMap((id) => {
      const endpoint = cluster.brokers.get(id)?.registration.endpoints.find(({ listener }) => listener === context.listenerName);
      return endpoint === undefined ? [] : [{ brokerId: id, hostName: endpoint.host, port: endpoint.port }];
    }),
  };
}

export function updateMetadataFor(brokerId: number, context: RequestContext, cluster: ClusterState, partitions: readonly ControlledPartition[]): UpdateMetadataRequestInput {
  return {
    controllerId: context.controllerId,
    controllerEpoch: context.controllerEpoch,
    brokerEpoch: cluster.brokers.get(brokerId)?.epoch ?? -1,
    topicStates: Array.from(byTopic(partitions), ([topicName, ofTopic]) => ({
      topicName,
      topicId: topicIdOf(cluster, topicName),
      partitionStates: ofTopic.flatMap((partition) => metadataOf(partition, cluster, context)),
    })),
    liveBrokers: Array.from(cluster.brokers.values(), ({ id, registration }) => ({
      id,
      endpoints: registration.endpoints.map(({ listener, host, port, securityProtocol }) => ({ listener, host, port, securityProtocol: securityProtocolIds[securityProtocol] ?? 0 })),
      rack: registration.rack ?? null,
    })),
  };
}

function metadataOf(partition: ControlledPartition, cluster: ClusterState, context: RequestContext) {
  const { topic, assignment, leadership } = partition;
  if (leadership === undefined) return [];
  const { state, version } = leadership;
  return [
    {
      partitionIndex: partition.partition,
      controllerEpoch: context.controllerEpoch,
      leader: cluster.toDelete.has(topic) ? leaderDuringDelete : state.leader,
      leaderEpoch: state.leaderEpoch,
      isr: state.isr,
      zkVersion: version,
      replicas: assignment.replicas,
      offlineReplicas: assignment.replicas.filter((id) => !isReplicaOnline(cluster, id, partition)),
    },
  ];
}

/** @param leaderEpoch -2 for a topic that is being deleted */
export function stopReplicaFor(brokerId: number, context: RequestContext, cluster: ClusterState, partitions: readonly ControlledPartition[], isDeleted: boolean): StopReplicaRequestInput {
  const common = { controllerId: context.controllerId, controllerEpoch: context.controllerEpoch, brokerEpoch: cluster.brokers.get(brokerId)?.epoch ?? -1 };
  const grouped = Array.from(byTopic(partitions));
  if (context.protocol.stopReplica < 3) {
    return { ...common, deletePartitions: isDeleted, topics: grouped.map(([name, ofTopic]) => ({ name, partitionIndexes: ofTopic.map(({ partition }) => partition) })) };
  }
  return {
    ...common,
    topicStates: grouped.map(([topicName, ofTopic]) => ({
      topicName,
      partitionStates: ofTopic.map(({ partition, leadership }) => ({
        partitionIndex: partition,
        leaderEpoch: cluster.toDelete.has(topicName) ? leaderDuringDelete : (leadership?.state.leaderEpoch ?? -1),
        deletePartition: isDeleted,
      })),
    })),
  };
}

function topicIdOf(cluster: ClusterState, topic: string): string {
  return cluster.topics.get(topic)?.topicId ?? zeroUuid;
}

function byTopic(partitions: readonly ControlledPartition[]): Map<string, ControlledPartition[]> {
  const topics = new Map<string, ControlledPartition[]>();
  for (const partition of partitions) {
    const ofTopic = topics.get(partition.topic);
    if (ofTopic === undefined) topics.set(partition.topic, [partition]);
    else ofTopic.push(partition);
  }
  return topics;
}
