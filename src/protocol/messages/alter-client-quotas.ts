import { array, bool, float64, int16, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** AlterClientQuotasRequest, API key 49, versions 0 to 1, flexible from 1. */
export const alterClientQuotasRequest = message('AlterClientQuotasRequest', { apiKey: 49, versions: [0, 1], flexibleSince: 1 }, {
  entries: array(struct({
    entity: array(struct({
      entityType: string(),
      entityName: string({ nullable: 0 }),
    })),
    ops: array(struct({
      key: string(),
      value: float64(),
      remove: bool(),
    })),
  })),
  validateOnly: bool(),
});
export type AlterClientQuotasRequest = Decoded<typeof alterClientQuotasRequest>;
export type AlterClientQuotasRequestInput = Input<typeof alterClientQuotasRequest>;

/** AlterClientQuotasResponse, API key 49, versions 0 to 1, flexible from 1. */
export const alterClientQuotasResponse = message('AlterClientQuotasResponse', { apiKey: 49, versions: [0, 1], flexibleSince: 1 }, {
  throttleTimeMs: int32(),
  entries: array(struct({
    errorCode: int16(),
    errorMessage: string({ nullable: 0 }),
    entity: array(struct({
      entityType: string(),
      entityName: string({ nullable: 0 }),
    })),
  })),
});
export type AlterClientQuotasResponse = Decoded<typeof alterClientQuotasResponse>;
export type AlterClientQuotasResponseInput = Input<typeof alterClientQuotasResponse>;
