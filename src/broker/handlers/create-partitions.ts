import type { Clock } from '../../runtime/clock.ts';
import { KafkaError, errorCode } from '../../protocol/errors.ts';
import { createPartitionsRequest, createPartitionsResponse } from '../../protocol/messages/create-partitions.ts';
import type { CreatePartitionsRequest, CreatePartitionsResponseInput } from '../../protocol/messages/create-partitions.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import type { TopicAdmin } from '../topic-admin.ts';
import { waitForLeaders } from '../wait-for-leaders.ts';

export interface CreatePartitionsDependencies {
  readonly admin: TopicAdmin;
  readonly isController: () => boolean;
  readonly cache: MetadataCache;
  readonly clock: Clock;
}

type TopicResult = NonNullable<CreatePartitionsResponseInput['results']>[number];

/** CreatePartitions, API key 37: served by the controller alone. */
export function createPartitionsHandler({ admin, isController, cache, clock }: CreatePartitionsDependencies): Handler<CreatePartitionsRequest, CreatePartitionsResponseInput> {
  async function grow(topic: CreatePartitionsRequest['topics'][number], request: CreatePartitionsRequest): Promise<TopicResult> {
    const { name, count, assignments } = topic;
    try {
      if (request.topics.filter((other) => other.name === name).length > 1) throw new KafkaError('INVALID_REQUEST', 'Duplicate topic in request.');
      await admin.addPartitions(name, count, assignments?.map(({ brokerIds }) => brokerIds) ?? null, request.validateOnly);
      return { name, errorCode: 0, errorMessage: null };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return { name, errorCode: error.code, errorMessage: error.message };
    }
  }

  return {
    request: createPartitionsRequest,
    response: createPartitionsResponse,
    async handle(request, _context, answer) {
      if (!isController()) throw new KafkaError('NOT_CONTROLLER', 'This is not the correct controller for this cluster.');
      const results: TopicResult[] = [];
      for (const topic of request.topics) results.push(await grow(topic, request));
      const grown = request.validateOnly ? [] : request.topics.filter((_, index) => results[index]!.errorCode === 0).map(({ name, count }) => ({ name, partitions: count }));
      const late = await waitForLeaders(cache, clock, grown, request.timeoutMs);
      answer({ results: results.map((one) => (late.has(one.name!) ? { ...one, errorCode: errorCode('REQUEST_TIMED_OUT') } : one)) });
    },
    failed: (request, code, message) => ({ results: request.topics.map(({ name }) => ({ name, errorCode: code, errorMessage: message })) }),
  };
}
