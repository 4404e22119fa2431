import { expect } from 'chai';
import { leaderHintsFrom } from '../../../src/broker/current-leaders.ts';
import { createMetadataCache } from '../../../src/broker/metadata-cache.ts';
import type { ReplicaManager } from '../../../src/replica/replica-manager.ts';

const broker = (id: number) => ({ id, rack: `rack-${id}`, endpoints: [{ listener: 'PLAINTEXT', host: `host-${id}`, port: 9090 + id, securityProtocol: 0 }], v0Host: '', v0Port: 0 });
const state = (partitionIndex: number, leader: number, leaderEpoch: number) => ({ topicName: '', partitionIndex, controllerEpoch: 1, leader, leaderEpoch, isr: [leader], zkVersion: 0, replicas: [leader], offlineReplicas: [] });

describe('hints to the leader (KIP-951)', () => {
  const cache = createMetadataCache();
  const update = { controllerId: 1, isKRaftController: false, type: 0, controllerEpoch: 1, brokerEpoch: 1, ungroupedPartitionStates: [], topicStates: [{ topicName: 't', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitionStates: [state(0, 2, 7), state(1, 3, 1), state(2, 9, 4)] }], liveBrokers: [broker(2), broker(3)] };
  cache.update(update, 8);
  const hosted = { state: { leader: 3 }, leaderEpoch: 8 };
  const replicas = { partitionOf: (_topic: string, partition: number) => (partition === 1 ? hosted : undefined) } as unknown as ReplicaManager;

  it('name the leader of the replica that is here, else the one that the controller told of, and each address once', () => {
    const hints = leaderHintsFrom(replicas, cache)('PLAINTEXT');
    expect([0, 1, 2, 3].map((partition) => hints.leaderOf('t', partition))).to.deep.equal([
      { leaderId: 2, leaderEpoch: 7 },
      { leaderId: 3, leaderEpoch: 8 },
      { leaderId: 9, leaderEpoch: 4 },
      { leaderId: -1, leaderEpoch: -1 },
    ]);
    hints.leaderOf('t', 0);
    expect(hints.nodeEndpoints).to.deep.equal([
      { nodeId: 2, host: 'host-2', port: 9092, rack: 'rack-2' },
      { nodeId: 3, host: 'host-3', port: 9093, rack: 'rack-3' },
    ]);
  });

  it('name no address that the client\'s listener does not reach', () => {
    const hints = leaderHintsFrom(replicas, cache)('INTERNAL');
    expect(hints.leaderOf('t', 0)).to.deep.equal({ leaderId: 2, leaderEpoch: 7 });
    expect(hints.nodeEndpoints).to.deep.equal([]);
  });
});
