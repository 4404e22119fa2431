import { KafkaError } from '../../protocol/errors.ts';
import { describeConfigsRequest, describeConfigsResponse } from '../../protocol/messages/describe-configs.ts';
import type { DescribeConfigsRequest, DescribeConfigsResponseInput } from '../../protocol/messages/describe-configs.ts';
import type { LiveConfiguration } from '../../runtime/config/live-config.ts';
import { resourceTypes } from '../config-admin.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import type { TopicAdmin } from '../topic-admin.ts';
import { describeBrokerConfigs, describeClusterDefaults, describeTopicConfigs } from '../topic-configs.ts';
import type { DescribedConfig } from '../topic-configs.ts';
import { invalidTopicName } from '../topic-names.ts';

export interface DescribeConfigsDependencies {
  readonly brokerId: number;
  readonly broker: LiveConfiguration;
  readonly cache: MetadataCache;
  readonly admin: TopicAdmin;
}

type Resource = DescribeConfigsRequest['resources'][number];
type ResourceResult = NonNullable<DescribeConfigsResponseInput['results']>[number];

/** DescribeConfigs, API key 32: of topics, of this broker, and of the cluster's default. */
export function describeConfigsHandler({ brokerId, broker, cache, admin }: DescribeConfigsDependencies): Handler<DescribeConfigsRequest, DescribeConfigsResponseInput> {
  function checkBroker(resourceName: string, expected: string): void {
    if (!/^[+-]?\d{1,10}$/.test(resourceName)) throw new KafkaError('INVALID_REQUEST', `Broker id must be an integer, but it is: ${resourceName}`);
    if (Number(resourceName) !== brokerId) throw new KafkaError('INVALID_REQUEST', `Unexpected broker id, ${expected} received ${resourceName}`);
  }

  async function configsOf({ resourceType, resourceName }: Resource): Promise<readonly DescribedConfig[]> {
    switch (resourceType) {
      case resourceTypes.topic: {
        const invalid = invalidTopicName(resourceName);
        if (invalid !== undefined) throw new KafkaError('INVALID_TOPIC_EXCEPTION', invalid);
        if (!cache.topics.has(resourceName)) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', '');
        return describeTopicConfigs(broker, await admin.configOf(resourceName));
      }
      case resourceTypes.broker:
        if (resourceName === '') return describeClusterDefaults(broker);
        checkBroker(resourceName, `expected ${brokerId} or empty string, but`);
        return describeBrokerConfigs(broker);
      case resourceTypes.brokerLogger:
        if (resourceName === '') throw new KafkaError('INVALID_REQUEST', 'Broker id must not be empty');
        checkBroker(resourceName, `expected ${brokerId} but`);
        return []; // loggers by the names of Java classes are none here
      case resourceTypes.clientMetrics:
        if (resourceName === '') throw new KafkaError('INVALID_REQUEST', 'Client metrics subscription name must not be empty');
        throw new KafkaError('INVALID_REQUEST', 'Config type client-metrics is only supported on KRaft clusters');
      default:
        throw new KafkaError('INVALID_REQUEST', 'This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.');
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
