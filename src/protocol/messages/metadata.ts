import { array, bool, int16, int32, string, struct, uuid } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** MetadataRequest, API key 3, versions 0 to 12, flexible from 9. */
export const metadataRequest = message('MetadataRequest', { apiKey: 3, versions: [0, 12], flexibleSince: 9 }, {
  topics: array(struct({
    topicId: uuid({ since: 10, ignorable: true }),
    name: string({ nullable: 10 }),
  }), { nullable: 1 }),
  allowAutoTopicCreation: bool({ since: 4, default: true }),
  includeClusterAuthorizedOperations: bool({ since: 8, until: 10 }),
  includeTopicAuthorizedOperations: bool({ since: 8 }),
});
export type MetadataRequest = Decoded<typeof metadataRequest>;
export type MetadataRequestInput = Input<typeof metadataRequest>;

/** MetadataResponse, API key 3, versions 0 to 12, flexible from 9. */
export const metadataResponse = message('MetadataResponse', { apiKey: 3, versions: [0, 12], flexibleSince: 9 }, {
  throttleTimeMs: int32({ since: 3, ignorable: true }),
  brokers: array(struct({
    nodeId: int32(),
    host: string(),
    port: int32(),
    rack: string({ since: 1, nullable: 1, default: null, ignorable: true }),
  })),
  clusterId: string({ since: 2, nullable: 2, default: null, ignorable: true }),
  controllerId: int32({ since: 1, default: -1, ignorable: true }),
  topics: array(struct({
    errorCode: int16(),
    name: string({ nullable: 12 }),
    topicId: uuid({ since: 10, ignorable: true }),
    isInternal: bool({ since: 1, ignorable: true }),
    partitions: array(struct({
      errorCode: int16(),
      partitionIndex: int32(),
      leaderId: int32(),
      leaderEpoch: int32({ since: 7, default: -1, ignorable: true }),
      replicaNodes: array(int32()),
      isrNodes: array(int32()),
      offlineReplicas: array(int32(), { since: 5, ignorable: true }),
    })),
    topicAuthorizedOperations: int32({ since: 8, default: -2147483648 }),
  })),
  clusterAuthorizedOperations: int32({ since: 8, until: 10, default: -2147483648 }),
});
export type MetadataResponse = Decoded<typeof metadataResponse>;
export type MetadataResponseInput = Input<typeof metadataResponse>;
