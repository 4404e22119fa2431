import { array, int16, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** AlterPartitionReassignmentsRequest, API key 45, versions 0 to 0, flexible from 0. */
export const alterPartitionReassignmentsRequest = message('AlterPartitionReassignmentsRequest', { apiKey: 45, versions: [0, 0], flexibleSince: 0 }, {
  timeoutMs: int32({ default: 60000 }),
  topics: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      replicas: array(int32(), { nullable: 0, default: null }),
    })),
  })),
});
export type AlterPartitionReassignmentsRequest = Decoded<typeof alterPartitionReassignmentsRequest>;
export type AlterPartitionReassignmentsRequestInput = Input<typeof alterPartitionReassignmentsRequest>;

/** AlterPartitionReassignmentsResponse, API key 45, versions 0 to 0, flexible from 0. */
export const alterPartitionReassignmentsResponse = message('AlterPartitionReassignmentsResponse', { apiKey: 45, versions: [0, 0], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: 0 }),
  responses: array(struct({
    name: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string({ nullable: 0 }),
    })),
  })),
});
export type AlterPartitionReassignmentsResponse = Decoded<typeof alterPartitionReassignmentsResponse>;
export type AlterPartitionReassignmentsResponseInput = Input<typeof alterPartitionReassignmentsResponse>;
