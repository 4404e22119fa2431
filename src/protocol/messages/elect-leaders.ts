import { array, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** ElectLeadersRequest, API key 43, versions 0 to 2, flexible from 2. */
export const electLeadersRequest = message('ElectLeadersRequest', { apiKey: 43, versions: [0, 2], flexibleSince: 2 }, {
  electionType: int8({ since: 1 }),
  topicPartitions: array(struct({
    topic: string(),
    partitions: array(int32()),
  }), { nullable: 0 }),
  timeoutMs: int32({ default: 60000 }),
});
export type ElectLeadersRequest = Decoded<typeof electLeadersRequest>;
export type ElectLeadersRequestInput = Input<typeof electLeadersRequest>;

/** ElectLeadersResponse, API key 43, versions 0 to 2, flexible from 2. */
export const electLeadersResponse = message('ElectLeadersResponse', { apiKey: 43, versions: [0, 2], flexibleSince: 2 }, {
  throttleTimeMs: int32(),
  errorCode: int16({ since: 1 }),
  replicaElectionResults: array(struct({
    topic: string(),
    partitionResult: array(struct({
      partitionId: int32(),
      errorCode: int16(),
      errorMessage: string({ nullable: 0 }),
    })),
  })),
});
export type ElectLeadersResponse = Decoded<typeof electLeadersResponse>;
export type ElectLeadersResponseInput = Input<typeof electLeadersResponse>;
