import { alterConfigsRequest, alterConfigsResponse } from '../../protocol/messages/alter-configs.ts';
import type { AlterConfigsRequest, AlterConfigsResponseInput } from '../../protocol/messages/alter-configs.ts';
import { alterEach } from '../config-admin.ts';
import type { ConfigAdmin } from '../config-admin.ts';
import type { Handler } from '../handler.ts';

/** AlterConfigs, API key 33: all of a resource's own properties at once; what is not named goes. */
export function alterConfigsHandler(admin: ConfigAdmin): Handler<AlterConfigsRequest, AlterConfigsResponseInput> {
  return {
    request: alterConfigsRequest,
    response: alterConfigsResponse,
    async handle({ resources, validateOnly }, _context, answer) {
      answer({ responses: await alterEach(resources, (resource) => admin.replace(resource, validateOnly)) });
    },
    failed: ({ resources }, code, message) => ({ responses: resources.map(({ resourceType, resourceName }) => ({ errorCode: code, errorMessage: message, resourceType, resourceName })) }),
  };
}
