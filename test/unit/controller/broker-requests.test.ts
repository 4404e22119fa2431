import { expect } from 'chai';
import { leaderAndIsrFor, stopReplicaFor, updateMetadataFor } from '../../../src/controller/broker-requests.ts';
import { emptyClusterState } from '../../../src/controller/cluster-state.ts';
import type { ClusterState, ControlledPartition } from '../../../src/controller/cluster-state.ts';
import { interBrokerVersions } from '../../../src/protocol/inter-broker-versions.ts';
import { leaderAndIsrRequest } from '../../../src/protocol/messages/leader-and-isr.ts';
import { stopReplicaRequest } from '../../../src/protocol/messages/stop-replica.ts';
import { updateMetadataRequest } from '../../../src/protocol/messages/update-metadata.ts';
import { Writer } from '../../../src/protocol/writer.ts';

const topicId = 'OT08TVQzQ5ut5HcWE_L2ug';

function cluster(): { cluster: ClusterState; partition: ControlledPartition } {
  const state = emptyClusterState();
  for (const [id, port] of [[1, 9280], [2, 9281]] as const) {
    const endpoints = [
      { listener: 'INSIDE', host: '127.0.0.1', port, securityProtocol: 'PLAINTEXT' },
      { listener: 'OUTSIDE', host: 'example.org', port, securityProtocol: 'SSL' },
    ];
    state.brokers.set(id, { id, epoch: 100 + id, registration: { version: 5, endpoints, rack: `r${id}`, jmxPort: -1, timestampMs: 0, features: {} } });
  }
  const partition: ControlledPartition = {
    topic: 't1',
    partition: 0,
    assignment: { replicas: [2, 1, 3], addingReplicas: [], removingReplicas: [] },
    leadership: { state: { controllerEpoch: 1, leader: 2, leaderEpoch: 4, isr: [2, 1], leaderRecoveryState: 'RECOVERED' }, version: 6 },
  };
  state.topics.set('t1', { name: 't1', topicId, partitions: new Map([[0, partition]]) });
  return { cluster: state, partition };
}

const context = (release: string) => ({ controllerId: 1, controllerEpoch: 3, protocol: interBrokerVersions(release), listenerName: 'INSIDE' });

describe('what the controller tells brokers', () => {
  it('names the leader at its inter-broker listener, the receiver\'s own epoch, and the epoch of the controller that decided', () => {
    const { cluster: state, partition } = cluster();
    const request = leaderAndIsrFor(2, context('3.9'), state, [partition], true);
    expect(request).to.deep.include({ controllerId: 1, controllerEpoch: 3, brokerEpoch: 102, liveLeaders: [{ brokerId: 2, hostName: '127.0.0.1', port: 9281 }] });
    expect(request.topicStates).to.deep.equal([
      {
        topicName: 't1',
        topicId,
        partitionStates: [{ partitionIndex: 0, controllerEpoch: 1, leader: 2, leaderEpoch: 4, isr: [2, 1], partitionEpoch: 6, replicas: [2, 1, 3], addingReplicas: [], removingReplicas: [], isNew: true }],
      },
    ]);
  });

  it('tells every listener of every living broker, and which replicas are offline', () => {
    const { cluster: state, partition } = cluster();
    const request = updateMetadataFor(1, context('3.9'), state, [partition]);
    expect(request.liveBrokers?.map(({ id, endpoints, rack }) => ({ id, rack, listeners: endpoints?.map(({ listener, securityProtocol }) => `${listener} ${securityProtocol}`) }))).to.deep.equal([
      { id: 1, rack: 'r1', listeners: ['INSIDE 0', 'OUTSIDE 1'] },
      { id: 2, rack: 'r2', listeners: ['INSIDE 0', 'OUTSIDE 1'] },
    ]);
    expect(request.topicStates?.[0]?.partitionStates?.[0]).to.deep.include({ leader: 2, offlineReplicas: [3], zkVersion: 6 });
  });

  it('marks a topic that is being deleted with leader -2 and leader epoch -2', () => {
    const { cluster: state, partition } = cluster();
    state.toDelete.add('t1');
    expect(updateMetadataFor(1, context('3.9'), state, [partition]).topicStates?.[0]?.partitionStates?.[0]).to.deep.include({ leader: -2, leaderEpoch: 4 });
    expect(stopReplicaFor(1, context('3.9'), state, [partition], true).topicStates).to.deep.equal([{ topicName: 't1', partitionStates: [{ partitionIndex: 0, leaderEpoch: -2, deletePartition: true }] }]);
  });

  it('can be written in the version of every inter-broker protocol', () => {
    const { cluster: state, partition } = cluster();
    for (const release of ['2.4-IV0', '2.4', '2.5', '2.6', '2.7', '2.8-IV0', '2.8', '3.0', '3.2', '3.3', '3.4', '3.6', '3.9']) {
      const { protocol } = context(release);
      const frames = new Writer();
      leaderAndIsrRequest.encode(frames, leaderAndIsrFor(2, context(release), state, [partition], false), protocol.leaderAndIsr);
      updateMetadataRequest.encode(frames, updateMetadataFor(2, context(release), state, [partition]), protocol.updateMetadata);
      stopReplicaRequest.encode(frames, stopReplicaFor(2, context(release), state, [partition], false), protocol.stopReplica);
      expect(Buffer.concat(frames.finish()).length, release).to.be.greaterThan(100);
    }
  });
});
