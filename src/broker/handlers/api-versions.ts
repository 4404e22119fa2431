import { errorCode } from '../../protocol/errors.ts';
import { apiVersionsRequest, apiVersionsResponse } from '../../protocol/messages/api-versions.ts';
import type { ApiVersionsRequest, ApiVersionsResponseInput } from '../../protocol/messages/api-versions.ts';
import type { MessageSchema } from '../../protocol/schema.ts';
import type { Handler } from '../handler.ts';

/** Names and versions of client software (KIP-511). */
const softwarePattern = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;
const firstVersionWithSoftware = 3;

/** ApiVersions, API key 18: what this broker offers, by ascending key. */
export function apiVersionsHandler(offered: () => readonly Pick<MessageSchema<unknown>, 'apiKey' | 'minVersion' | 'maxVersion'>[]): Handler<ApiVersionsRequest, ApiVersionsResponseInput> {
  return {
    request: apiVersionsRequest,
    response: apiVersionsResponse,
    handle(request, { apiVersion, connection }, answer) {
      if (apiVersion >= firstVersionWithSoftware) {
        const { clientSoftwareName: name, clientSoftwareVersion: version } = request;
        if (!softwarePattern.test(name) || !softwarePattern.test(version)) {
          answer({ errorCode: errorCode('INVALID_REQUEST') });
          return;
        }
        connection.clientSoftware = { name, version };
      }
      const apiKeys = offered()
        .map(({ apiKey, minVersion, maxVersion }) => ({ apiKey, minVersion, maxVersion }))
        .sort((a, b) => a.apiKey - b.apiKey);
      answer({ apiKeys, finalizedFeaturesEpoch: 0 });
    },
    failed: (_request, code) => ({
      errorCode: code,
      apiKeys: [{ apiKey: apiVersionsRequest.apiKey, minVersion: apiVersionsRequest.minVersion, maxVersion: apiVersionsRequest.maxVersion }],
    }),
  };
}
