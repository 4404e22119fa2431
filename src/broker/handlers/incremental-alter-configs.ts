import { incrementalAlterConfigsRequest, incrementalAlterConfigsResponse } from '../../protocol/messages/incremental-alter-configs.ts';
import type { IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponseInput } from '../../protocol/messages/incremental-alter-configs.ts';
import { alterEach } from '../config-admin.ts';
import type { ConfigAdmin } from '../config-admin.ts';
import type { Handler } from '../handler.ts';

/** IncrementalAlterConfigs, API key 44 (KIP-339): of topics, of this broker and of the cluster's default. */
export function incrementalAlterConfigsHandler(admin: ConfigAdmin): Handler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponseInput> {
  return {
    request: incrementalAlterConfigsRequest,
    response: incrementalAlterConfigsResponse,
    async handle({ resources, validateOnly }, _context, answer) {
      answer({ responses: await alterEach(resources, (resource) => admin.change(resource, validateOnly)) });
    },
    failed: ({ resources }, code, message) => ({ responses: resources.map(({ resourceType, resourceName }) => ({ errorCode: code, errorMessage: message, resourceType, resourceName })) }),
  };
}
