import { array, int16, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** ListPartitionReassignmentsRequest, API key 46, versions 0 to 0, flexible from 0. */
export const listPartitionReassignmentsRequest = message('ListPartitionReassignmentsRequest', { apiKey: 46, versions: [0, 0], flexibleSince: 0 }, {
  timeoutMs: int32({ default: 60000 }),
  topics: array(struct({
    name: string(),
    partitionIndexes: array(int32()),
  }), { nullable: 0, default: null }),
});
export type ListPartitionReassignmentsRequest = Decoded<typeof listPartitionReassignmentsRequest>;
export type ListPartitionReassignmentsRequestInput = Input<typeof listPartitionReassignmentsRequest>;

/** ListPartitionReassignmentsResponse, API key 46, versions 0 to 0, flexible from 0. */
export const listPartitionReassignmentsResponse = message('ListPartitionReassignmentsResponse', { apiKey: 46, versions: [0, 0], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: 0 }),
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      replicas: array(int32()),
      addingReplicas: array(int32()),
      removingReplicas: array(int32()),
    })),
  })),
});
export type ListPartitionReassignmentsResponse = Decoded<typeof listPartitionReassignmentsResponse>;
export type ListPartitionReassignmentsResponseInput = Input<typeof listPartitionReassignmentsResponse>;
