import { array, int16, int32, int64, records, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** ProduceRequest, API key 0, versions 0 to 11, flexible from 9. */
export const produceRequest = message('ProduceRequest', { apiKey: 0, versions: [0, 11], flexibleSince: 9 }, {
  transactionalId: string({ since: 3, nullable: 3, default: null }),
  acks: int16(),
  timeoutMs: int32(),
  topicData: array(struct({
    name: string(),
    partitionData: array(struct({
      index: int32(),
      records: records({ nullable: 0 }),
    })),
  })),
});
export type ProduceRequest = Decoded<typeof produceRequest>;
export type ProduceRequestInput = Input<typeof produceRequest>;

/** ProduceResponse, API key 0, versions 0 to 11, flexible from 9. */
export const produceResponse = message('ProduceResponse', { apiKey: 0, versions: [0, 11], flexibleSince: 9 }, {
  responses: array(struct({
    name: string(),
    partitionResponses: array(struct({
      index: int32(),
      errorCode: int16(),
      baseOffset: int64(),
      logAppendTimeMs: int64({ since: 2, default: -1, ignorable: true }),
      logStartOffset: int64({ since: 5, default: -1, ignorable: true }),
      recordErrors: array(struct({
        batchIndex: int32({ since: 8 }),
        batchIndexErrorMessage: string({ since: 8, nullable: 8, default: null }),
      }), { since: 8, ignorable: true }),
      errorMessage: string({ since: 8, nullable: 8, default: null, ignorable: true }),
      currentLeader: struct({
        leaderId: int32({ since: 10, default: -1 }),
        leaderEpoch: int32({ since: 10, default: -1 }),
      }, { since: 10, tag: 0 }),
    })),
  })),
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  nodeEndpoints: array(struct({
    nodeId: int32({ since: 10 }),
    host: string({ since: 10 }),
    port: int32({ since: 10 }),
    rack: string({ since: 10, nullable: 10, default: null }),
  }), { since: 10, tag: 0 }),
});
export type ProduceResponse = Decoded<typeof produceResponse>;
export type ProduceResponseInput = Input<typeof produceResponse>;
