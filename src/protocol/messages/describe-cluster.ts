import { array, bool, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DescribeClusterRequest, API key 60, versions 0 to 1, flexible from 0. */
export const describeClusterRequest = message('DescribeClusterRequest', { apiKey: 60, versions: [0, 1], flexibleSince: 0 }, {
  includeClusterAuthorizedOperations: bool(),
  endpointType: int8({ since: 1, default: 1 }),
});
export type DescribeClusterRequest = Decoded<typeof describeClusterRequest>;
export type DescribeClusterRequestInput = Input<typeof describeClusterRequest>;

/** DescribeClusterResponse, API key 60, versions 0 to 1, flexible from 0. */
export const describeClusterResponse = message('DescribeClusterResponse', { apiKey: 60, versions: [0, 1], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: 0, default: null }),
  endpointType: int8({ since: 1, default: 1 }),
  clusterId: string(),
  controllerId: int32({ default: -1 }),
  brokers: array(struct({
    brokerId: int32(),
    host: string(),
    port: int32(),
    rack: string({ nullable: 0, default: null }),
  })),
  clusterAuthorizedOperations: int32({ default: -2147483648 }),
});
export type DescribeClusterResponse = Decoded<typeof describeClusterResponse>;
export type DescribeClusterResponseInput = Input<typeof describeClusterResponse>;
