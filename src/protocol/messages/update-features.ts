import { array, bool, int16, int32, int8, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** UpdateFeaturesRequest, API key 57, versions 0 to 1, flexible from 0. */
export const updateFeaturesRequest = message('UpdateFeaturesRequest', { apiKey: 57, versions: [0, 1], flexibleSince: 0 }, {
  timeoutMs: int32({ default: 60000 }),
  featureUpdates: array(struct({
    feature: string(),
    maxVersionLevel: int16(),
    allowDowngrade: bool({ until: 0 }),
    upgradeType: int8({ since: 1, default: 1 }),
  })),
  validateOnly: bool({ since: 1 }),
});
export type UpdateFeaturesRequest = Decoded<typeof updateFeaturesRequest>;
export type UpdateFeaturesRequestInput = Input<typeof updateFeaturesRequest>;

/** UpdateFeaturesResponse, API key 57, versions 0 to 1, flexible from 0. */
export const updateFeaturesResponse = message('UpdateFeaturesResponse', { apiKey: 57, versions: [0, 1], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: 0 }),
  results: array(struct({
    feature: string(),
    errorCode: int16(),
    errorMessage: string({ nullable: 0 }),
  })),
});
export type UpdateFeaturesResponse = Decoded<typeof updateFeaturesResponse>;
export type UpdateFeaturesResponseInput = Input<typeof updateFeaturesResponse>;
