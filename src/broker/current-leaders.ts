import type { ReplicaManager } from '../replica/replica-manager.ts';
import type { MetadataCache } from './metadata-cache.ts';

export interface CurrentLeader {
  /** Broker id; -1 when not known. */
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface NodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/** What one answer tells a client that came to the wrong broker: who leads, and where (KIP-951). */
export interface LeaderHints {
  /** Notes the leader's address for `nodeEndpoints`. */
  leaderOf(topic: string, partition: number): CurrentLeader;
  readonly nodeEndpoints: readonly NodeEndpoint[];
}

/** @param listenerName the listener by which the client came, and by which it reaches others */
export type CreateLeaderHints = (listenerName: string) => LeaderHints;

/** By this broker's own replica, else by what the controller told it of others. */
export function leaderHintsFrom(replicas: ReplicaManager, cache: MetadataCache): CreateLeaderHints {
  function currentLeader(topic: string, partition: number): CurrentLeader {
    const hosted = replicas.partitionOf(topic, partition);
    if (hosted !== undefined) return { leaderId: hosted.state?.leader ?? -1, leaderEpoch: hosted.leaderEpoch };
    const known = cache.topics.get(topic)?.partitions.get(partition);
    return { leaderId: known?.leader ?? -1, leaderEpoch: known?.leaderEpoch ?? -1 };
  }

  return (listenerName) => {
    const endpoints = new Map<number, NodeEndpoint>();
    return {
      leaderOf(topic, partition) {
        const leader = currentLeader(topic, partition);
        const broker = cache.brokers.get(leader.leaderId);
        const endpoint = broker?.endpoints.find(({ listener }) => listener === listenerName);
        if (broker !== undefined && endpoint !== undefined) endpoints.set(broker.id, { nodeId: broker.id, host: endpoint.host, port: endpoint.port, rack: broker.rack });
        return leader;
      },
      get nodeEndpoints() {
        return Array.from(endpoints.values());
      },
    };
  };
}
