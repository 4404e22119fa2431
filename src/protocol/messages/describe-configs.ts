import { array, bool, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DescribeConfigsRequest, API key 32, versions 0 to 4, flexible from 4. */
export const describeConfigsRequest = message('DescribeConfigsRequest', { apiKey: 32, versions: [0, 4], flexibleSince: 4 }, {
  resources: array(struct({
    resourceType: int8(),
    resourceName: string(),
    configurationKeys: array(string(), { nullable: 0 }),
  })),
  includeSynonyms: bool({ since: 1 }),
  includeDocumentation: bool({ since: 3 }),
});
export type DescribeConfigsRequest = Decoded<typeof describeConfigsRequest>;
export type DescribeConfigsRequestInput = Input<typeof describeConfigsRequest>;

/** DescribeConfigsResponse, API key 32, versions 0 to 4, flexible from 4. */
export const describeConfigsResponse = message('DescribeConfigsResponse', { apiKey: 32, versions: [0, 4], flexibleSince: 4 }, {
  throttleTimeMs: int32(),
  results: array(struct({
    errorCode: int16(),
    errorMessage: string({ nullable: 0 }),
    resourceType: int8(),
    resourceName: string(),
    configs: array(struct({
      name: string(),
      value: string({ nullable: 0 }),
      readOnly: bool(),
      isDefault: bool({ until: 0 }),
      configSource: int8({ since: 1, default: -1, ignorable: true }),
      isSensitive: bool(),
      synonyms: array(struct({
        name: string({ since: 1 }),
        value: string({ since: 1, nullable: 0 }),
        source: int8({ since: 1 }),
      }), { since: 1, ignorable: true }),
      configType: int8({ since: 3, ignorable: true }),
      documentation: string({ since: 3, nullable: 0, ignorable: true }),
    })),
  })),
});
export type DescribeConfigsResponse = Decoded<typeof describeConfigsResponse>;
export type DescribeConfigsResponseInput = Input<typeof describeConfigsResponse>;
