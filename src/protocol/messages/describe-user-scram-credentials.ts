import { array, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DescribeUserScramCredentialsRequest, API key 50, versions 0 to 0, flexible from 0. */
export const describeUserScramCredentialsRequest = message('DescribeUserScramCredentialsRequest', { apiKey: 50, versions: [0, 0], flexibleSince: 0 }, {
  users: array(struct({
    name: string(),
  }), { nullable: 0 }),
});
export type DescribeUserScramCredentialsRequest = Decoded<typeof describeUserScramCredentialsRequest>;
export type DescribeUserScramCredentialsRequestInput = Input<typeof describeUserScramCredentialsRequest>;

/** DescribeUserScramCredentialsResponse, API key 50, versions 0 to 0, flexible from 0. */
export const describeUserScramCredentialsResponse = message('DescribeUserScramCredentialsResponse', { apiKey: 50, versions: [0, 0], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: 0 }),
  results: array(struct({
    user: string(),
    errorCode: int16(),
    errorMessage: string({ nullable: 0 }),
    credentialInfos: array(struct({
      mechanism: int8(),
      iterations: int32(),
    })),
  })),
});
export type DescribeUserScramCredentialsResponse = Decoded<typeof describeUserScramCredentialsResponse>;
export type DescribeUserScramCredentialsResponseInput = Input<typeof describeUserScramCredentialsResponse>;
