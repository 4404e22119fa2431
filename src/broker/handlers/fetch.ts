import { KafkaError, errorCode } from '../../protocol/errors.ts';
import { zeroUuid } from '../../protocol/fields.ts';
import { fetchRequest, fetchResponse } from '../../protocol/messages/fetch.ts';
import type { FetchRequest, FetchResponseInput } from '../../protocol/messages/fetch.ts';
import { downConvertForFetch } from '../../record/convert.ts';
import { codecOf } from '../../record/read.ts';
import { readBatches } from '../../record/batch.ts';
import { fetchRecords } from '../../replica/fetch.ts';
import type { FetchEnvironment, FetchedPart } from '../../replica/fetch.ts';
import { sessionKey } from '../../replica/fetch-session.ts';
import type { FetchContext, FetchPart, FetchSessions } from '../../replica/fetch-session.ts';
import type { Handler } from '../handler.ts';

const firstVersionWithTopicIds = 13;
const firstVersionWithReplicaState = 15;
const firstVersionWithMagic1 = 2;
const firstVersionWithMagic2 = 4;
const firstVersionWithZstd = 10;

export interface FetchHandlerDependencies extends FetchEnvironment {
  readonly sessions: FetchSessions;
  /** fetch.max.bytes: no answer to a consumer is larger, but for one batch. */
  readonly answerBytesMax: number;
  readonly topicNameOf: (topicId: string) => string | undefined;
  readonly topicIdOf: (topic: string) => string | undefined;
  readonly isDownConversionAllowed: (topic: string) => boolean;
}

/** Fetch, API key 1: consumers' and followers'. */
export function fetchHandler(dependencies: FetchHandlerDependencies): Handler<FetchRequest, FetchResponseInput> {
  return {
    request: fetchRequest,
    response: fetchResponse,
    handle(request, { apiVersion, connection }, answer) {
      const replicaId = apiVersion < firstVersionWithReplicaState ? request.replicaId : request.replicaState.replicaId;
      const usesTopicIds = apiVersion >= firstVersionWithTopicIds;
      const context = dependencies.sessions.contextOf(
        {
          sessionId: request.sessionId,
          sessionEpoch: request.sessionEpoch,
          usesTopicIds,
          isFollower: replicaId >= 0,
          parts: partsOf(request, usesTopicIds, dependencies),
          forgotten: request.forgottenTopicsData.flatMap(({ topic, topicId, partitions }) => partitions.map((partition) => ({ topic, topicId, partition }))),
        },
        dependencies.clock.monotonicMs(),
      );
      if (context.kind === 'error') {
        answer({ errorCode: errorCode(context.error), sessionId: context.sessionId });
        return;
      }
      const parameters = {
        replicaId,
        maxWaitMs: request.maxWaitMs,
        minBytes: request.minBytes,
        maxBytes: replicaId >= 0 ? request.maxBytes : Math.min(request.maxBytes, dependencies.answerBytesMax),
        isReadCommitted: request.isolationLevel === 1,
      };
      let forget = (): void => undefined;
      const leave = fetchRecords(dependencies, parameters, context.parts, (fetched) => {
        forget();
        const converted = apiVersion < firstVersionWithZstd ? fetched.map((one) => forOldVersion(one, apiVersion, dependencies)) : fetched;
        answer(responseOf(converted, context, usesTopicIds), () => {
          for (const { lent } of converted) lent?.giveBack();
        });
      });
      forget = connection.onClosed(leave);
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}

function partsOf(request: FetchRequest, usesTopicIds: boolean, { topicNameOf, topicIdOf }: FetchHandlerDependencies): FetchPart[] {
  const parts: FetchPart[] = [];
  for (const { topic, topicId, partitions } of request.topics) {
    const name = usesTopicIds ? (topicNameOf(topicId) ?? '') : topic;
    const id = usesTopicIds ? topicId : (topicIdOf(topic) ?? zeroUuid);
    for (const { partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset, partitionMaxBytes } of partitions) {
      parts.push({ topic: name, topicId: id, partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset, bytesMax: partitionMaxBytes });
    }
  }
  return parts;
}

function responseOf(fetched: readonly FetchedPart[], context: Exclude<FetchContext, { kind: 'error' }>, usesTopicIds: boolean): FetchResponseInput {
  const { session } = context;
  const told = session === undefined ? fetched : fetched.filter((one) => hasNews(one, context));
  if (session !== undefined) {
    for (const one of told) {
      const key = sessionKey(one.part, usesTopicIds);
      session.told.set(key, { highWatermark: one.highWatermark, logStartOffset: one.logStartOffset });
      moveToEnd(session.parts, key, one);
    }
  }
  return { errorCode: 0, sessionId: session?.id ?? 0, responses: byTopic(told, usesTopicIds) };
}

function hasNews(one: FetchedPart, context: Exclude<FetchContext, { kind: 'error' }>): boolean {
  if (context.kind === 'full') return true;
  if (one.error !== undefined || one.lent !== undefined || one.divergingEpoch !== undefined) return true;
  const before = context.session.told.get(sessionKey(one.part, context.session.usesTopicIds));
  return before === undefined || before.highWatermark !== one.highWatermark || before.logStartOffset !== one.logStartOffset;
}

/** Partitions that gave records go last next time, so that each gets its turn within the byte limit. */
function moveToEnd(parts: Map<string, FetchPart>, key: string, { lent }: FetchedPart): void {
  const part = parts.get(key);
  if (lent === undefined || part === undefined) return;
  parts.delete(key);
  parts.set(key, part);
}

type ResponseTopic = { topic: string; topicId: string; partitions: ReturnType<typeof partResponse>[] };

function byTopic(fetched: readonly FetchedPart[], usesTopicIds: boolean): ResponseTopic[] {
  const topics: ResponseTopic[] = [];
  for (const one of fetched) {
    const { topic, topicId } = one.part;
    const last = topics.at(-1);
    const isSame = last !== undefined && (usesTopicIds ? last.topicId === topicId : last.topic === topic);
    if (isSame) last.partitions.push(partResponse(one));
    else topics.push({ topic, topicId, partitions: [partResponse(one)] });
  }
  return topics;
}

const noRecords = Buffer.alloc(0);

function partResponse({ part, error, highWatermark, lastStableOffset, logStartOffset, divergingEpoch, abortedTransactions, lent }: FetchedPart) {
  return {
    partitionIndex: part.partition,
    errorCode: error?.code ?? 0,
    highWatermark,
    lastStableOffset,
    logStartOffset,
    ...(divergingEpoch === undefined ? {} : { divergingEpoch }),
    abortedTransactions: abortedTransactions ?? null,
    records: lent?.bytes ?? noRecords,
  };
}

/** Clients before v4 get the message format of their time (KIP-31, KIP-98), clients before v10 no zstd (KIP-110). */
function forOldVersion(one: FetchedPart, apiVersion: number, { isDownConversionAllowed }: FetchHandlerDependencies): FetchedPart {
  if (one.lent === undefined) return one;
  const { bytes } = one.lent;
  const refused = (name: 'UNSUPPORTED_COMPRESSION_TYPE' | 'UNSUPPORTED_VERSION', why: string): FetchedPart => {
    one.lent?.giveBack();
    return { ...one, error: new KafkaError(name, why), lent: undefined };
  };
  if (holdsZstd(bytes)) return refused('UNSUPPORTED_COMPRESSION_TYPE', 'fetch versions before 10 cannot carry zstd');
  if (apiVersion >= firstVersionWithMagic2) return one;
  if (!isDownConversionAllowed(one.part.topic)) return refused('UNSUPPORTED_VERSION', 'message.downconversion.enable is false for this topic');
  const converted = downConvertForFetch(bytes, apiVersion >= firstVersionWithMagic1 ? 1 : 0, one.part.fetchOffset);
  one.lent.giveBack();
  return { ...one, lent: { bytes: converted, giveBack: () => undefined } };
}

function holdsZstd(bytes: Buffer): boolean {
  for (const start of readBatches(bytes)) if (codecOf(bytes, start) === 'zstd') return true;
  return false;
}
