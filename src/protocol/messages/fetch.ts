import { array, int16, int32, int64, int8, records, string, struct, uuid } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** FetchRequest, API key 1, versions 0 to 17, flexible from 12. */
export const fetchRequest = message('FetchRequest', { apiKey: 1, versions: [0, 17], flexibleSince: 12 }, {
  clusterId: string({ since: 12, nullable: 12, tag: 0, default: null, ignorable: true }),
  replicaId: int32({ until: 14, default: -1 }),
  replicaState: struct({
    replicaId: int32({ since: 15, default: -1 }),
    replicaEpoch: int64({ since: 15, default: -1 }),
  }, { since: 15, tag: 1 }),
  maxWaitMs: int32(),
  minBytes: int32(),
  maxBytes: int32({ since: 3, default: 2147483647, ignorable: true }),
  isolationLevel: int8({ since: 4, ignorable: true }),
  sessionId: int32({ since: 7, ignorable: true }),
  sessionEpoch: int32({ since: 7, default: -1, ignorable: true }),
  topics: array(struct({
    topic: string({ until: 12, ignorable: true }),
    topicId: uuid({ since: 13, ignorable: true }),
    partitions: array(struct({
      partition: int32(),
      currentLeaderEpoch: int32({ since: 9, default: -1, ignorable: true }),
      fetchOffset: int64(),
      lastFetchedEpoch: int32({ since: 12, default: -1 }),
      logStartOffset: int64({ since: 5, default: -1, ignorable: true }),
      partitionMaxBytes: int32(),
      replicaDirectoryId: uuid({ since: 17, tag: 0, ignorable: true }),
    })),
  })),
  forgottenTopicsData: array(struct({
    topic: string({ since: 7, until: 12, ignorable: true }),
    topicId: uuid({ since: 13, ignorable: true }),
    partitions: array(int32(), { since: 7 }),
  }), { since: 7 }),
  rackId: string({ since: 11, ignorable: true }),
});
export type FetchRequest = Decoded<typeof fetchRequest>;
export type FetchRequestInput = Input<typeof fetchRequest>;

/** FetchResponse, API key 1, versions 0 to 17, flexible from 12. */
export const fetchResponse = message('FetchResponse', { apiKey: 1, versions: [0, 17], flexibleSince: 12 }, {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  errorCode: int16({ since: 7, ignorable: true }),
  sessionId: int32({ since: 7 }),
  responses: array(struct({
    topic: string({ until: 12, ignorable: true }),
    topicId: uuid({ since: 13, ignorable: true }),
    partitions: array(struct({
      partitionIndex: int32(),
      errorCode: int16(),
      highWatermark: int64(),
      lastStableOffset: int64({ since: 4, default: -1, ignorable: true }),
      logStartOffset: int64({ since: 5, default: -1, ignorable: true }),
      divergingEpoch: struct({
        epoch: int32({ since: 12, default: -1 }),
        endOffset: int64({ since: 12, default: -1 }),
      }, { since: 12, tag: 0 }),
      currentLeader: struct({
        leaderId: int32({ since: 12, default: -1 }),
        leaderEpoch: int32({ since: 12, default: -1 }),
      }, { since: 12, tag: 1 }),
      snapshotId: struct({
        endOffset: int64({ default: -1 }),
        epoch: int32({ default: -1 }),
      }, { since: 12, tag: 2 }),
      abortedTransactions: array(struct({
        producerId: int64({ since: 4 }),
        firstOffset: int64({ since: 4 }),
      }), { since: 4, nullable: 4, ignorable: true }),
      preferredReadReplica: int32({ since: 11, default: -1 }),
      records: records({ nullable: 0 }),
    })),
  })),
  nodeEndpoints: array(struct({
    nodeId: int32({ since: 16 }),
    host: string({ since: 16 }),
    port: int32({ since: 16 }),
    rack: string({ since: 16, nullable: 16, default: null }),
  }), { since: 16, tag: 0 }),
});
export type FetchResponse = Decoded<typeof fetchResponse>;
export type FetchResponseInput = Input<typeof fetchResponse>;
