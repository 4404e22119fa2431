import { array, bool, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** StopReplicaRequest, API key 5, versions 0 to 4, flexible from 2. */
export const stopReplicaRequest = message('StopReplicaRequest', { apiKey: 5, versions: [0, 4], flexibleSince: 2 }, {
  controllerId: int32(),
  isKRaftController: bool({ since: 4 }),
  controllerEpoch: int32(),
  brokerEpoch: int64({ since: 1, default: -1, ignorable: true }),
  deletePartitions: bool({ until: 2 }),
  ungroupedPartitions: array(struct({
    topicName: string({ until: 0 }),
    partitionIndex: int32({ until: 0 }),
  }), { until: 0 }),
  topics: array(struct({
    name: string({ since: 1, until: 2 }),
    partitionIndexes: array(int32(), { since: 1, until: 2 }),
  }), { since: 1, until: 2 }),
  topicStates: array(struct({
    topicName: string({ since: 3 }),
    partitionStates: array(struct({
      partitionIndex: int32({ since: 3 }),
      leaderEpoch: int32({ since: 3, default: -1 }),
      deletePartition: bool({ since: 3 }),
    }), { since: 3 }),
  }), { since: 3 }),
});
export type StopReplicaRequest = Decoded<typeof stopReplicaRequest>;
export type StopReplicaRequestInput = Input<typeof stopReplicaRequest>;

/** StopReplicaResponse, API key 5, versions 0 to 4, flexible from 2. */
export const stopReplicaResponse = message('StopReplicaResponse', { apiKey: 5, versions: [0, 4], flexibleSince: 2 }, {
  errorCode: int16(),
  partitionErrors: array(struct({
    topicName: string(),
    partitionIndex: int32(),
    errorCode: int16(),
  })),
});
export type StopReplicaResponse = Decoded<typeof stopReplicaResponse>;
export type StopReplicaResponseInput = Input<typeof stopReplicaResponse>;
