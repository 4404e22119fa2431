import { KafkaError } from '../../protocol/errors.ts';
import { incrementalAlterConfigsRequest, incrementalAlterConfigsResponse } from '../../protocol/messages/incremental-alter-configs.ts';
import type { IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponseInput } from '../../protocol/messages/incremental-alter-configs.ts';
import type { TopicConfig } from '../../runtime/config/topic-config.ts';
import type { ConfigOperation } from '../config-changes.ts';
import { changedOverrides } from '../config-changes.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import type { TopicAdmin } from '../topic-admin.ts';

/** ConfigResource.Type */
const resourceTypes = { topic: 2, broker: 4 } as const;
/** AlterConfigOp.OpType, by code. */
const operationKinds = ['set', 'delete', 'append', 'subtract'] as const;

type Resource = IncrementalAlterConfigsRequest['resources'][number];

/**
 * IncrementalAlterConfigs, API key 44 (KIP-339): of topics. A broker's properties are those of its file: taking back a
 * dynamic one, which none is, is done; setting one is refused.
 */
export function incrementalAlterConfigsHandler({ cache, admin, topicConfigOf }: { readonly cache: MetadataCache; readonly admin: TopicAdmin; readonly topicConfigOf: (topic: string) => TopicConfig }): Handler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponseInput> {
  async function alter({ resourceType, resourceName, configs }: Resource, isValidateOnly: boolean): Promise<void> {
    const operations = configs.map(({ name, configOperation, value }): ConfigOperation => {
      const kind = operationKinds[configOperation];
      if (kind === undefined) throw new KafkaError('INVALID_REQUEST', `Unknown operation type ${configOperation} for config key ${name}`);
      return { name, kind, value };
    });
    switch (resourceType) {
      case resourceTypes.topic: {
        if (resourceName === '') throw new KafkaError('INVALID_REQUEST', 'Default topic resources are not allowed.');
        if (!cache.topics.has(resourceName)) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${resourceName}' does not exist.`);
        const changed = changedOverrides(resourceName, await admin.configOf(resourceName), topicConfigOf(resourceName), operations);
        if (!isValidateOnly) await admin.changeConfig(resourceName, changed);
        return;
      }
      case resourceTypes.broker: {
        const wanted = operations.find(({ kind }) => kind !== 'delete');
        if (wanted !== undefined) throw new KafkaError('INVALID_REQUEST', `${wanted.name} cannot be changed while the broker runs: set it in its properties file and restart it`);
        return;
      }
      default:
        throw new KafkaError('INVALID_REQUEST', `Unsupported resource type: ${resourceType}`);
    }
  }

  return {
    request: incrementalAlterConfigsRequest,
    response: incrementalAlterConfigsResponse,
    async handle({ resources, validateOnly }, _context, answer) {
      const responses = [];
      for (const resource of resources) {
        const { resourceType, resourceName } = resource;
        try {
          await alter(resource, validateOnly);
          responses.push({ errorCode: 0, errorMessage: null, resourceType, resourceName });
        } catch (error) {
          if (!(error instanceof KafkaError)) throw error;
          responses.push({ errorCode: error.code, errorMessage: error.message, resourceType, resourceName });
        }
      }
      answer({ responses });
    },
    failed: ({ resources }, code, message) => ({ responses: resources.map(({ resourceType, resourceName }) => ({ errorCode: code, errorMessage: message, resourceType, resourceName })) }),
  };
}
