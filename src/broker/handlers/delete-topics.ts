import type { Clock } from '../../runtime/clock.ts';
import { KafkaError, errorCode } from '../../protocol/errors.ts';
import { zeroUuid } from '../../protocol/fields.ts';
import { deleteTopicsRequest, deleteTopicsResponse } from '../../protocol/messages/delete-topics.ts';
import type { DeleteTopicsRequest, DeleteTopicsResponseInput } from '../../protocol/messages/delete-topics.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import type { TopicAdmin } from '../topic-admin.ts';

export interface DeleteTopicsDependencies {
  readonly admin: TopicAdmin;
  readonly isController: () => boolean;
  readonly cache: MetadataCache;
  readonly clock: Clock;
  /** delete.topic.enable */
  readonly isEnabled: boolean;
}

const firstVersionWithIds = 6;
type TopicAnswer = NonNullable<DeleteTopicsResponseInput['responses']>[number];

/** DeleteTopics, API key 20: served by the controller alone; answers when the topics are out of the metadata. */
export function deleteTopicsHandler(dependencies: DeleteTopicsDependencies): Handler<DeleteTopicsRequest, DeleteTopicsResponseInput> {
  const { admin, cache } = dependencies;

  async function deleteOne(name: string | null, topicId: string): Promise<TopicAnswer> {
    const isById = name === null;
    const topic = isById ? cache.topicNameOf(topicId) : name;
    if (topic === undefined) return { name: null, topicId, errorCode: errorCode('UNKNOWN_TOPIC_ID'), errorMessage: null };
    try {
      await admin.markForDeletion(topic);
      return { name: topic, topicId, errorCode: 0 };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return { name: topic, topicId, errorCode: error.code };
    }
  }

  return {
    request: deleteTopicsRequest,
    response: deleteTopicsResponse,
    async handle(request, { apiVersion }, answer) {
      if (!dependencies.isController()) throw new KafkaError('NOT_CONTROLLER', 'This is not the correct controller for this cluster.');
      if (!dependencies.isEnabled) throw new KafkaError(apiVersion < 3 ? 'INVALID_REQUEST' : 'TOPIC_DELETION_DISABLED', 'Topic deletion is disabled.');
      const wanted = apiVersion < firstVersionWithIds ? request.topicNames.map((name) => ({ name, topicId: zeroUuid })) : request.topics;
      const responses = await Promise.all(wanted.map(({ name, topicId }) => deleteOne(name, topicId)));
      const marked = responses.flatMap(({ name, errorCode: code }) => (code === 0 && name !== null && name !== undefined ? [name] : []));
      const late = await waitForAbsence(dependencies, marked, request.timeoutMs);
      answer({ responses: responses.map((one) => (one.name !== null && one.name !== undefined && late.has(one.name) ? { ...one, errorCode: errorCode('REQUEST_TIMED_OUT') } : one)) });
    },
    failed(request, code, _message, apiVersion) {
      const wanted = apiVersion < firstVersionWithIds ? request.topicNames.map((name) => ({ name, topicId: zeroUuid })) : request.topics;
      return { responses: wanted.map(({ name, topicId }) => ({ name: name ?? (apiVersion < firstVersionWithIds ? '' : null), topicId, errorCode: code })) };
    },
  };
}

function waitForAbsence({ cache, clock }: DeleteTopicsDependencies, names: readonly string[], timeoutMs: number): Promise<ReadonlySet<string>> {
  const left = (): string[] => names.filter((name) => cache.topics.has(name));
  if (left().length === 0) return Promise.resolve(new Set());
  if (timeoutMs <= 0) return Promise.resolve(new Set(left()));
  return new Promise((resolve) => {
    const finish = (late: readonly string[]): void => {
      forget();
      timer.cancel();
      resolve(new Set(late));
    };
    const forget = cache.onUpdate(() => {
      if (left().length === 0) finish([]);
    });
    const timer = clock.setTimer(timeoutMs, () => finish(left()));
  });
}
