import { array, bool, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** ApiVersionsRequest, API key 18, versions 0 to 4, flexible from 3. */
export const apiVersionsRequest = message('ApiVersionsRequest', { apiKey: 18, versions: [0, 4], flexibleSince: 3 }, {
  clientSoftwareName: string({ since: 3, ignorable: true }),
  clientSoftwareVersion: string({ since: 3, ignorable: true }),
});
export type ApiVersionsRequest = Decoded<typeof apiVersionsRequest>;
export type ApiVersionsRequestInput = Input<typeof apiVersionsRequest>;

/** ApiVersionsResponse, API key 18, versions 0 to 4, flexible from 3. */
export const apiVersionsResponse = message('ApiVersionsResponse', { apiKey: 18, versions: [0, 4], flexibleSince: 3 }, {
  errorCode: int16(),
  apiKeys: array(struct({
    apiKey: int16(),
    minVersion: int16(),
    maxVersion: int16(),
  })),
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  supportedFeatures: array(struct({
    name: string({ since: 3 }),
    minVersion: int16({ since: 3 }),
    maxVersion: int16({ since: 3 }),
  }), { since: 3, tag: 0, ignorable: true }),
  finalizedFeaturesEpoch: int64({ since: 3, tag: 1, default: -1, ignorable: true }),
  finalizedFeatures: array(struct({
    name: string({ since: 3 }),
    maxVersionLevel: int16({ since: 3 }),
    minVersionLevel: int16({ since: 3 }),
  }), { since: 3, tag: 2, ignorable: true }),
  zkMigrationReady: bool({ since: 3, tag: 3, ignorable: true }),
});
export type ApiVersionsResponse = Decoded<typeof apiVersionsResponse>;
export type ApiVersionsResponseInput = Input<typeof apiVersionsResponse>;
