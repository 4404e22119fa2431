import { KafkaError } from '../../protocol/errors.ts';
import { describeConfigsRequest, describeConfigsResponse } from '../../protocol/messages/describe-configs.ts';
import type { DescribeConfigsRequest, DescribeConfigsResponseInput } from '../../protocol/messages/describe-configs.ts';
import type { BrokerConfiguration } from '../../runtime/config/broker-config.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import type { TopicAdmin } from '../topic-admin.ts';
import { describeBrokerConfigs, describeTopicConfigs } from '../topic-configs.ts';
import type { DescribedConfig } from '../topic-configs.ts';
import { invalidTopicName } from '../topic-names.ts';

/** ConfigResource.Type */
const resourceTypes = { topic: 2, broker: 4 } as const;

export interface DescribeConfigsDependencies {
  readonly brokerId: number;
  readonly broker: BrokerConfiguration;
  readonly cache: MetadataCache;
  readonly admin: TopicAdmin;
}

type Resource = DescribeConfigsRequest['resources'][number];
type ResourceResult = NonNullable<DescribeConfigsResponseInput['results']>[number];

/** DescribeConfigs, API key 32: of topics, and of this broker. */
export function describeConfigsHandler({ brokerId, broker, cache, admin }: DescribeConfigsDependencies): Handler<DescribeConfigsRequest, DescribeConfigsResponseInput> {
  async function configsOf({ resourceType, resourceName }: Resource): Promise<readonly DescribedConfig[]> {
    switch (resourceType) {
      case resourceTypes.topic: {
        const invalid = invalidTopicName(resourceName);
        if (invalid !== undefined) throw new KafkaError('INVALID_TOPIC_EXCEPTION', invalid);
        if (!cache.topics.has(resourceName)) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', '');
        return describeTopicConfigs(broker, await admin.configOf(resourceName));
      }
      case resourceTypes.broker:
        if (resourceName === '') return [];
        if (!/^-?\d+$/.test(resourceName)) throw new KafkaError('INVALID_REQUEST', `Broker id must be an integer, but it is: ${resourceName}`);
        if (Number(resourceName) !== brokerId) throw new KafkaError('INVALID_REQUEST', `Unexpected broker id, expected ${brokerId} or empty string, but received ${resourceName}`);
        return describeBrokerConfigs(broker);
      default:
        throw new KafkaError('INVALID_REQUEST', `Unsupported resource type: ${resourceType}`);
    }
  }

  async function describe(resource: Resource, { includeSynonyms }: DescribeConfigsRequest): Promise<ResourceResult> {
    const { resourceType, resourceName, configurationKeys } = resource;
    try {
      const all = await configsOf(resource);
      const wanted = configurationKeys === null || configurationKeys.length === 0 ? all : all.filter(({ name }) => configurationKeys.includes(name));
      // isDefault stays false in v0, as Apache Kafka leaves it since it tells sources.
      const configs = wanted.map((config) => ({
        ...config,
        synonyms: includeSynonyms ? config.synonyms : [],
        documentation: null,
      }));
      return { errorCode: 0, errorMessage: '', resourceType, resourceName, configs };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return { errorCode: error.code, errorMessage: error.message, resourceType, resourceName };
    }
  }

  return {
    request: describeConfigsRequest,
    response: describeConfigsResponse,
    async handle(request, _context, answer) {
      answer({ results: await Promise.all(request.resources.map((resource) => describe(resource, request))) });
    },
    failed: (request, code, message) => ({
      results: request.resources.map(({ resourceType, resourceName }) => ({ errorCode: code, errorMessage: message, resourceType, resourceName })),
    }),
  };
}
