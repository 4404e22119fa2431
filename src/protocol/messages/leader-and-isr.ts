import { array, bool, int16, int32, int64, int8, string, struct, uuid } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

const leaderAndIsrPartitionState = {
  topicName: string({ until: 1, ignorable: true }),
  partitionIndex: int32(),
  controllerEpoch: int32(),
  leader: int32(),
  leaderEpoch: int32(),
  isr: array(int32()),
  partitionEpoch: int32(),
  replicas: array(int32()),
  addingReplicas: array(int32(), { since: 3, ignorable: true }),
  removingReplicas: array(int32(), { since: 3, ignorable: true }),
  isNew: bool({ since: 1, ignorable: true }),
  leaderRecoveryState: int8({ since: 6 }),
};

/** LeaderAndIsrRequest, API key 4, versions 0 to 7, flexible from 4. */
export const leaderAndIsrRequest = message('LeaderAndIsrRequest', { apiKey: 4, versions: [0, 7], flexibleSince: 4 }, {
  controllerId: int32(),
  isKRaftController: bool({ since: 7 }),
  controllerEpoch: int32(),
  brokerEpoch: int64({ since: 2, default: -1, ignorable: true }),
  type: int8({ since: 5 }),
  ungroupedPartitionStates: array(struct(leaderAndIsrPartitionState), { until: 1 }),
  topicStates: array(struct({
    topicName: string({ since: 2 }),
    topicId: uuid({ since: 5, ignorable: true }),
    partitionStates: array(struct(leaderAndIsrPartitionState), { since: 2 }),
  }), { since: 2 }),
  liveLeaders: array(struct({
    brokerId: int32(),
    hostName: string(),
    port: int32(),
  })),
});
export type LeaderAndIsrRequest = Decoded<typeof leaderAndIsrRequest>;
export type LeaderAndIsrRequestInput = Input<typeof leaderAndIsrRequest>;

const leaderAndIsrPartitionError = {
  topicName: string({ until: 4, ignorable: true }),
  partitionIndex: int32(),
  errorCode: int16(),
};

/** LeaderAndIsrResponse, API key 4, versions 0 to 7, flexible from 4. */
export const leaderAndIsrResponse = message('LeaderAndIsrResponse', { apiKey: 4, versions: [0, 7], flexibleSince: 4 }, {
  errorCode: int16(),
  partitionErrors: array(struct(leaderAndIsrPartitionError), { until: 4 }),
  topics: array(struct({
    topicId: uuid({ since: 5 }),
    partitionErrors: array(struct(leaderAndIsrPartitionError), { since: 5 }),
  }), { since: 5 }),
});
export type LeaderAndIsrResponse = Decoded<typeof leaderAndIsrResponse>;
export type LeaderAndIsrResponseInput = Input<typeof leaderAndIsrResponse>;
