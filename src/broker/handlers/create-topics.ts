import type { Clock } from '../../runtime/clock.ts';
import type { LiveConfiguration } from '../../runtime/config/live-config.ts';
import { KafkaError, errorCode } from '../../protocol/errors.ts';
import { zeroUuid } from '../../protocol/fields.ts';
import { createTopicsRequest, createTopicsResponse } from '../../protocol/messages/create-topics.ts';
import type { CreateTopicsRequest, CreateTopicsResponseInput } from '../../protocol/messages/create-topics.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import type { TopicAdmin, TopicRequest } from '../topic-admin.ts';
import { describeTopicConfigs } from '../topic-configs.ts';
import { waitForLeaders } from '../wait-for-leaders.ts';

export interface CreateTopicsDependencies {
  readonly admin: TopicAdmin;
  readonly isController: () => boolean;
  readonly cache: MetadataCache;
  readonly clock: Clock;
  readonly broker: LiveConfiguration;
}

type TopicAnswer = NonNullable<CreateTopicsResponseInput['topics']>[number];

/** CreateTopics, API key 19: served by the controller alone; answers when the topics have leaders. */
export function createTopicsHandler(dependencies: CreateTopicsDependencies): Handler<CreateTopicsRequest, CreateTopicsResponseInput> {
  const { admin, cache, clock } = dependencies;

  async function createOne(wanted: CreateTopicsRequest['topics'][number], request: CreateTopicsRequest): Promise<TopicAnswer> {
    const { name } = wanted;
    try {
      if (request.topics.filter((other) => other.name === name).length > 1) throw new KafkaError('INVALID_REQUEST', 'Found multiple entries for this topic.');
      const topic = topicRequest(wanted);
      const created = await admin.create(topic, request.validateOnly);
      const configs = describeTopicConfigs(dependencies.broker, topic.configs).map(({ name: property, value, configSource, readOnly, isSensitive }) => ({ name: property, value, configSource, readOnly, isSensitive }));
      return { name, topicId: created.topicId ?? zeroUuid, errorCode: 0, errorMessage: null, numPartitions: created.partitions, replicationFactor: created.replicationFactor, configs };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return { name, errorCode: error.code, errorMessage: error.message };
    }
  }

  return {
    request: createTopicsRequest,
    response: createTopicsResponse,
    async handle(request, _context, answer) {
      if (!dependencies.isController()) throw new KafkaError('NOT_CONTROLLER', 'This is not the correct controller for this cluster.');
      const topics: TopicAnswer[] = [];
      for (const wanted of request.topics) topics.push(await createOne(wanted, request));
      const created = request.validateOnly ? [] : topics.flatMap((topic) => (topic.errorCode === 0 ? [{ name: topic.name!, partitions: topic.numPartitions! }] : []));
      const late = await waitForLeaders(cache, clock, created, request.timeoutMs);
      answer({ topics: topics.map((topic) => (late.has(topic.name!) ? { name: topic.name, errorCode: errorCode('REQUEST_TIMED_OUT'), errorMessage: 'The request timed out.' } : topic)) });
    },
    failed: (request, code, message) => ({ topics: request.topics.map(({ name }) => ({ name, errorCode: code, errorMessage: message })) }),
  };
}

function topicRequest({ name, numPartitions, replicationFactor, assignments, configs }: CreateTopicsRequest['topics'][number]): TopicRequest {
  const nulls = configs.filter(({ value }) => value === null);
  if (nulls.length > 0) throw new KafkaError('INVALID_CONFIG', `Null value not supported for topic configs: ${nulls.map((config) => config.name).join(',')}`);
  return {
    name,
    partitions: numPartitions,
    replicationFactor,
    assignment: new Map(assignments.map(({ partitionIndex, brokerIds }) => [partitionIndex, brokerIds])),
    configs: Object.fromEntries(configs.map((config) => [config.name, config.value ?? ''])),
  };
}
