import { KafkaError, errorCode } from '../../protocol/errors.ts';
import { zeroUuid } from '../../protocol/fields.ts';
import { fetchRequest, fetchResponse } from '../../protocol/messages/fetch.ts';
import type { FetchRequest, FetchResponseInput } from '../../protocol/messages/fetch.ts';
import { downConvertInSteps } from '../../record/convert.ts';
import { codecOf } from '../../record/read.ts';
import { readBatches } from '../../record/batch.ts';
import { protocolError } from '../../replica/errors.ts';
import { fetchRecords } from '../../replica/fetch.ts';
import type { FetchEnvironment, FetchedPart } from '../../replica/fetch.ts';
import { newPart } from '../../replica/fetch-session.ts';
import type { FetchContext, FetchPart, FetchSessions } from '../../replica/fetch-session.ts';
import type { LentRecords } from '../../replica/record-reader.ts';
import type { ReplicationQuota } from '../../replica/replication-quota.ts';
import { inSlices } from '../../runtime/in-slices.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { CreateLeaderHints, LeaderHints } from '../current-leaders.ts';
import type { Handler } from '../handler.ts';

const firstVersionWithTopicIds = 13;
const firstVersionWithReplicaState = 15;
const firstVersionWithLeaderHints = 16;
const firstVersionWithMagic1 = 2;
const firstVersionWithWholeBatches = 3;
/** Consumers name their rack since then, and a follower may serve them (KIP-392). */
const firstVersionWithRack = 11;
const firstVersionWithMagic2 = 4;
const firstVersionWithZstd = 10;
/** Longest time that conversion keeps the event loop for itself, but for one batch. */
const conversionSliceMs = 5;

export interface FetchHandlerDependencies extends FetchEnvironment {
  readonly sessions: FetchSessions;
  readonly logger: Logger;
  readonly createHints: CreateLeaderHints;
  /** fetch.max.bytes: no answer to a consumer is larger, but for one batch. */
  answerBytesMax(): number;
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
        answer({ errorCode: errorCode(context.error) });
        return;
      }
      if (usesTopicIds) nameTopics(context.parts, dependencies);
      const isFollower = replicaId >= 0;
      const maxBytes = isFollower ? request.maxBytes : Math.min(request.maxBytes, dependencies.answerBytesMax());
      const parameters = {
        replicaId,
        maxWaitMs: request.maxWaitMs,
        minBytes: Math.min(request.minBytes, maxBytes),
        maxBytes,
        isReadCommitted: request.isolationLevel === 1,
        sender: apiVersion < firstVersionWithZstd ? undefined : connection,
        isLimitHard: apiVersion < firstVersionWithWholeBatches,
        mayReadFollower: !isFollower && apiVersion >= firstVersionWithRack,
        place: !isFollower && apiVersion >= firstVersionWithRack && request.rackId !== '' ? { rack: request.rackId, listenerName: connection.listenerName } : undefined,
      };
      let isDone = false;
      let forget = (): void => undefined;
      const leave = fetchRecords(dependencies, { parameters, parts: context.parts, session: context.session }, (fetched) => {
        isDone = true;
        forget();
        if (isFollower) countThrottled(dependencies.manager.quotas.leader, fetched);
        const reply = (told: readonly FetchedPart[]): void => {
          fetched.forEach(({ lent }, index) => {
            if (told[index]!.lent !== lent) lent?.giveBack();
          });
          const hints = apiVersion >= firstVersionWithLeaderHints && told.some(({ error }) => error !== undefined) ? dependencies.createHints(connection.listenerName) : undefined;
          answer(responseOf(told, context, usesTopicIds, hints), () => {
            for (const { lent } of told) lent?.giveBack();
          });
        };
        if (apiVersion >= firstVersionWithZstd) reply(fetched);
        else if (apiVersion >= firstVersionWithMagic2) reply(fetched.map(withoutZstd));
        else
          inSlices(dependencies.clock, conversionSliceMs, inOldFormat(fetched, apiVersion, dependencies)).then(reply, (error: unknown) => {
            for (const { lent } of fetched) lent?.giveBack();
            const known = protocolError(error);
            if (known === undefined) dependencies.logger.error('records cannot be given in an old format, by a bug', { error });
            answer({ errorCode: (known ?? new KafkaError('UNKNOWN_SERVER_ERROR', 'conversion failed')).code });
          });
      });
      if (!isDone) forget = connection.onClosed(leave); // a connection lives on for millions of fetches that were answered at once
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
      parts.push(newPart({ topic: name, topicId: id, partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset, bytesMax: partitionMaxBytes }));
    }
  }
  return parts;
}

/** A session may name a topic id before this broker has heard of the topic. */
function nameTopics(parts: readonly FetchPart[], { topicNameOf }: FetchHandlerDependencies): void {
  for (const part of parts) if (part.topic === '') part.topic = topicNameOf(part.topicId) ?? '';
}

function responseOf(fetched: readonly FetchedPart[], context: Exclude<FetchContext, { kind: 'error' }>, usesTopicIds: boolean, hints: LeaderHints | undefined): FetchResponseInput {
  const { session } = context;
  const told = context.kind === 'full' ? fetched : fetched.filter(hasNews);
  if (session !== undefined) {
    for (const { part, highWatermark, logStartOffset } of told) {
      part.toldHighWatermark = highWatermark;
      part.toldLogStartOffset = logStartOffset;
    }
  }
  const responses = byTopic(told, usesTopicIds, hints);
  return { errorCode: 0, sessionId: session?.id ?? 0, responses, nodeEndpoints: hints?.nodeEndpoints };
}

/** What followers in sync get counts too, so that all of a throttled partition's traffic stays below the rate. */
function countThrottled(quota: ReplicationQuota, fetched: readonly FetchedPart[]): void {
  if (!quota.isInUse()) return;
  for (const { part, lent } of fetched) if (lent !== undefined && quota.isThrottled(part.topic, part.partition)) quota.record(lent.records.byteLength);
}

function hasNews({ part, error, lent, divergingEpoch, preferredReadReplica, highWatermark, logStartOffset }: FetchedPart): boolean {
  if (error !== undefined || lent !== undefined || divergingEpoch !== undefined || preferredReadReplica !== undefined) return true;
  return part.toldHighWatermark !== highWatermark || part.toldLogStartOffset !== logStartOffset;
}

type ResponseTopic = { topic: string; topicId: string; partitions: ReturnType<typeof partResponse>[] };

function byTopic(fetched: readonly FetchedPart[], usesTopicIds: boolean, hints: LeaderHints | undefined): ResponseTopic[] {
  const topics: ResponseTopic[] = [];
  for (const one of fetched) {
    const { topic, topicId } = one.part;
    const last = topics.at(-1);
    const isSame = last !== undefined && (usesTopicIds ? last.topicId === topicId : last.topic === topic);
    if (isSame) last.partitions.push(partResponse(one, hints));
    else topics.push({ topic, topicId, partitions: [partResponse(one, hints)] });
  }
  return topics;
}

/** Answered before any log is asked: an empty list where others have none (seen on 3.9.1). */
const unknownTopicErrors: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID']);
/** Another broker leads: the client is told which, and where. */
const elsewhereErrors: ReadonlySet<string> = new Set(['NOT_LEADER_OR_FOLLOWER', 'FENCED_LEADER_EPOCH']);
const noRecords = Buffer.alloc(0);

function partResponse({ part, error, highWatermark, lastStableOffset, logStartOffset, divergingEpoch, abortedTransactions, preferredReadReplica, lent }: FetchedPart, hints: LeaderHints | undefined) {
  const currentLeader = error !== undefined && elsewhereErrors.has(error.name) ? hints?.leaderOf(part.topic, part.partition) : undefined;
  return {
    partitionIndex: part.partition,
    errorCode: error?.code ?? 0,
    highWatermark,
    lastStableOffset,
    logStartOffset,
    divergingEpoch,
    currentLeader,
    abortedTransactions: abortedTransactions ?? (error !== undefined && unknownTopicErrors.has(error.name) ? [] : null),
    preferredReadReplica: preferredReadReplica ?? -1,
    records: lent?.records ?? noRecords,
  };
}

/** Clients before v10 get no zstd (KIP-110). */
function withoutZstd(one: FetchedPart): FetchedPart {
  return one.lent !== undefined && holdsZstd(inMemory(one.lent)) ? refused(one, 'UNSUPPORTED_COMPRESSION_TYPE', 'fetch versions before 10 cannot carry zstd') : one;
}

/** Clients before v4 get the message format of their time (KIP-31, KIP-98). */
function* inOldFormat(fetched: readonly FetchedPart[], apiVersion: number, { isDownConversionAllowed }: FetchHandlerDependencies): Generator<void, readonly FetchedPart[]> {
  const told: FetchedPart[] = [];
  for (const one of fetched.map(withoutZstd)) {
    if (one.lent === undefined) told.push(one);
    else if (!isDownConversionAllowed(one.part.topic)) told.push(refused(one, 'UNSUPPORTED_VERSION', 'message.downconversion.enable is false for this topic'));
    else told.push({ ...one, lent: yield* downConverted(one.lent, apiVersion >= firstVersionWithMagic1 ? 1 : 0, one.part.fetchOffset) });
  }
  return told;
}

function* downConverted(lent: LentRecords, magic: 0 | 1, fetchOffset: number): Generator<void, LentRecords> {
  const records = inMemory(lent);
  const converted = yield* downConvertInSteps(records, magic, fetchOffset);
  return converted === records ? lent : { records: converted, giveBack: () => undefined };
}

function refused(one: FetchedPart, name: 'UNSUPPORTED_COMPRESSION_TYPE' | 'UNSUPPORTED_VERSION', why: string): FetchedPart {
  return { ...one, error: new KafkaError(name, why), lent: undefined };
}

/** What is looked at before it is sent was read: its fetch named no sender. */
function inMemory({ records }: LentRecords): Buffer {
  return records as Buffer;
}

function holdsZstd(bytes: Buffer): boolean {
  for (const start of readBatches(bytes)) if (codecOf(bytes, start) === 'zstd') return true;
  return false;
}
