import { array, bytes, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** AlterUserScramCredentialsRequest, API key 51, versions 0 to 0, flexible from 0. */
export const alterUserScramCredentialsRequest = message('AlterUserScramCredentialsRequest', { apiKey: 51, versions: [0, 0], flexibleSince: 0 }, {
  deletions: array(struct({
    name: string(),
    mechanism: int8(),
  })),
  upsertions: array(struct({
    name: string(),
    mechanism: int8(),
    iterations: int32(),
    salt: bytes(),
    saltedPassword: bytes(),
  })),
});
export type AlterUserScramCredentialsRequest = Decoded<typeof alterUserScramCredentialsRequest>;
export type AlterUserScramCredentialsRequestInput = Input<typeof alterUserScramCredentialsRequest>;

/** AlterUserScramCredentialsResponse, API key 51, versions 0 to 0, flexible from 0. */
export const alterUserScramCredentialsResponse = message('AlterUserScramCredentialsResponse', { apiKey: 51, versions: [0, 0], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  results: array(struct({
    user: string(),
    errorCode: int16(),
    errorMessage: string({ nullable: 0 }),
  })),
});
export type AlterUserScramCredentialsResponse = Decoded<typeof alterUserScramCredentialsResponse>;
export type AlterUserScramCredentialsResponseInput = Input<typeof alterUserScramCredentialsResponse>;
