import { array, bool, int16, int32, int64, int8, string, struct, uuid } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

const updateMetadataPartitionState = {
  topicName: string({ until: 4, ignorable: true }),
  partitionIndex: int32(),
  controllerEpoch: int32(),
  leader: int32(),
  leaderEpoch: int32(),
  isr: array(int32()),
  zkVersion: int32(),
  replicas: array(int32()),
  offlineReplicas: array(int32(), { since: 4, ignorable: true }),
};

/** UpdateMetadataRequest, API key 6, versions 0 to 8, flexible from 6. */
export const updateMetadataRequest = message('UpdateMetadataRequest', { apiKey: 6, versions: [0, 8], flexibleSince: 6 }, {
  controllerId: int32(),
  isKRaftController: bool({ since: 8 }),
  type: int8({ since: 8, tag: 0 }),
  controllerEpoch: int32(),
  brokerEpoch: int64({ since: 5, default: -1, ignorable: true }),
  ungroupedPartitionStates: array(struct(updateMetadataPartitionState), { until: 4 }),
  topicStates: array(struct({
    topicName: string({ since: 5 }),
    topicId: uuid({ since: 7, ignorable: true }),
    partitionStates: array(struct(updateMetadataPartitionState), { since: 5 }),
  }), { since: 5 }),
  liveBrokers: array(struct({
    id: int32(),
    v0Host: string({ until: 0, ignorable: true }),
    v0Port: int32({ until: 0, ignorable: true }),
    endpoints: array(struct({
      port: int32({ since: 1 }),
      host: string({ since: 1 }),
      listener: string({ since: 3, ignorable: true }),
      securityProtocol: int16({ since: 1 }),
    }), { since: 1, ignorable: true }),
    rack: string({ since: 2, nullable: 0, ignorable: true }),
  })),
});
export type UpdateMetadataRequest = Decoded<typeof updateMetadataRequest>;
export type UpdateMetadataRequestInput = Input<typeof updateMetadataRequest>;

/** UpdateMetadataResponse, API key 6, versions 0 to 8, flexible from 6. */
export const updateMetadataResponse = message('UpdateMetadataResponse', { apiKey: 6, versions: [0, 8], flexibleSince: 6 }, {
  errorCode: int16(),
});
export type UpdateMetadataResponse = Decoded<typeof updateMetadataResponse>;
export type UpdateMetadataResponseInput = Input<typeof updateMetadataResponse>;
