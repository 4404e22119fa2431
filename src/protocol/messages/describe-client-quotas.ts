import { array, bool, float64, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DescribeClientQuotasRequest, API key 48, versions 0 to 1, flexible from 1. */
export const describeClientQuotasRequest = message('DescribeClientQuotasRequest', { apiKey: 48, versions: [0, 1], flexibleSince: 1 }, {
  components: array(struct({
    entityType: string(),
    matchType: int8(),
    match: string({ nullable: 0 }),
  })),
  strict: bool(),
});
export type DescribeClientQuotasRequest = Decoded<typeof describeClientQuotasRequest>;
export type DescribeClientQuotasRequestInput = Input<typeof describeClientQuotasRequest>;

/** DescribeClientQuotasResponse, API key 48, versions 0 to 1, flexible from 1. */
export const describeClientQuotasResponse = message('DescribeClientQuotasResponse', { apiKey: 48, versions: [0, 1], flexibleSince: 1 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: 0 }),
  entries: array(struct({
    entity: array(struct({
      entityType: string(),
      entityName: string({ nullable: 0 }),
    })),
    values: array(struct({
      key: string(),
      value: float64(),
    })),
  }), { nullable: 0 }),
});
export type DescribeClientQuotasResponse = Decoded<typeof describeClientQuotasResponse>;
export type DescribeClientQuotasResponseInput = Input<typeof describeClientQuotasResponse>;
