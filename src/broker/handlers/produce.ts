import { KafkaError } from '../../protocol/errors.ts';
import { produceRequest, produceResponse } from '../../protocol/messages/produce.ts';
import type { ProduceRequest, ProduceResponseInput } from '../../protocol/messages/produce.ts';
import { batchHeaderBytes, batchSizeBytes, compression, magic } from '../../record/batch.ts';
import { recordErrorsOf } from '../../replica/errors.ts';
import type { ProducePart, ReplicaManager } from '../../replica/replica-manager.ts';
import type { CreateLeaderHints, LeaderHints } from '../current-leaders.ts';
import type { Handler } from '../handler.ts';
import { VerificationFailure } from '../verified-appends.ts';
import type { VerifiedAppends } from '../verified-appends.ts';

const firstVersionWithBatches = 3;
const firstVersionWithZstd = 7;
const firstVersionWithLeaderHints = 10;
/** Producers from then on know TRANSACTION_ABORTABLE (KIP-1050). */
const firstVersionWithAbortable = 11;
/** Topics that only the broker writes, but for tools under this client id (kafka.admin.AdminUtils.ADMIN_CLIENT_ID). */
const internalTopics: ReadonlySet<string> = new Set(['__consumer_offsets', '__transaction_state']);
const adminClientId = '__admin_client';

/** Produce, API key 0. */
export function produceHandler(replicas: ReplicaManager, verified: VerifiedAppends, createHints: CreateLeaderHints): Handler<ProduceRequest, ProduceResponseInput> {
  return {
    request: produceRequest,
    response: produceResponse,
    handle(request, context, answer) {
      const isAcksValid = request.acks === 0 || request.acks === 1 || request.acks === -1;
      const parts = partsOf(request, (topic, records) => {
        if (!isAcksValid) return new KafkaError('INVALID_REQUIRED_ACKS', 'acks must be -1 (all), 0 or 1');
        if (internalTopics.has(topic) && context.clientId !== adminClientId) return new KafkaError('INVALID_TOPIC_EXCEPTION', `${topic} is written by brokers alone`);
        return refusal(records, context.apiVersion);
      });
      const { acks, timeoutMs, topicData, transactionalId } = request;
      // What waits for replicas keeps no records: they are written.
      const asked = acks === 0 ? [] : topicData.map(({ name, partitionData }) => ({ name, partitions: partitionData.length }));
      const done = (): void => {
        if (acks !== 0) {
          const hints = context.apiVersion >= firstVersionWithLeaderHints && parts.some(({ error }) => error !== undefined) ? createHints(context.connection.listenerName) : undefined;
          answer(responseOf(asked, parts, hints));
          return;
        }
        const failed = parts.find(({ error }) => error !== undefined);
        if (failed === undefined) answer(undefined);
        // Without an answer this is the only way to tell the producer that something is wrong.
        else context.connection.destroy(`produce with acks=0 failed: ${failed.error!.message}`);
      };
      const append = (): void => replicas.append(parts, acks, timeoutMs, done);
      if (transactionalId === null) append();
      else verified.begin(context.connection, { transactionalId, parts, knowsAbortable: context.apiVersion >= firstVersionWithAbortable, append });
    },
    failed: (request, code) => ({
      responses: request.topicData.map(({ name, partitionData }) => ({
        name,
        partitionResponses: partitionData.map(({ index }) => ({ index, errorCode: code, baseOffset: -1 })),
      })),
    }),
  };
}

const noRecords = Buffer.alloc(0);

function partsOf(request: ProduceRequest, refuse: (topic: string, records: Buffer | null) => KafkaError | undefined): ProducePart[] {
  const parts: ProducePart[] = [];
  for (const { name, partitionData } of request.topicData) {
    for (const { index, records } of partitionData) {
      parts.push({ topic: name, partition: index, records: records ?? noRecords, error: refuse(name, records), baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1, requiredOffset: -1, replica: undefined });
    }
  }
  return parts;
}

/** What a request version does not allow in its records (ProduceRequest.validateRecords). */
function refusal(records: Buffer | null, version: number): KafkaError | undefined {
  if (records === null || records.length < 17) return new KafkaError('INVALID_RECORD', `Produce requests with version ${version} must have at least one record batch per partition`);
  const isBatch = magic(records, 0) === 2;
  if (version >= firstVersionWithBatches) {
    if (!isBatch) return new KafkaError('INVALID_RECORD', `Produce requests with version ${version} are only allowed to contain record batches with magic version 2`);
    if (records.length < batchHeaderBytes || batchSizeBytes(records, 0) < batchHeaderBytes) return new KafkaError('CORRUPT_MESSAGE', 'a record batch is shorter than its header');
    if (batchSizeBytes(records, 0) < records.length) {
      return new KafkaError('INVALID_RECORD', `Produce requests with version ${version} are only allowed to contain exactly one record batch per partition`);
    }
  }
  if (isBatch && version < firstVersionWithZstd && records.length >= batchHeaderBytes && compression(records, 0) === 'zstd') {
    return new KafkaError('UNSUPPORTED_COMPRESSION_TYPE', `Produce requests with version ${version} are not allowed to use ZStandard compression`);
  }
  return undefined;
}

function responseOf(asked: readonly { readonly name: string; readonly partitions: number }[], parts: readonly ProducePart[], hints: LeaderHints | undefined): ProduceResponseInput {
  let next = 0;
  const responses = asked.map(({ name, partitions }) => {
    const partitionResponses = parts.slice(next, next + partitions).map((part) => partResponse(part, hints));
    next += partitions;
    return { name, partitionResponses };
  });
  return { responses, nodeEndpoints: hints?.nodeEndpoints };
}

/** Errors of an append that leave even the log's start untold (ReplicaManager.appendToLocalLog). */
const errorsWithoutLogStart: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'NOT_LEADER_OR_FOLLOWER', 'MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'CORRUPT_MESSAGE', 'KAFKA_STORAGE_ERROR']);

/** Only a refusal of single records, or of a transaction, is told in words; any other error is its code alone, as in Apache Kafka. */
function partResponse({ error, topic, partition, baseOffset, logAppendTimeMs, logStartOffset }: ProducePart, hints: LeaderHints | undefined) {
  if (error === undefined) return { index: partition, errorCode: 0, baseOffset, logAppendTimeMs, logStartOffset };
  const currentLeader = error.name === 'NOT_LEADER_OR_FOLLOWER' ? hints?.leaderOf(topic, partition) : undefined;
  if (currentLeader !== undefined) return { index: partition, errorCode: error.code, baseOffset: -1, currentLeader };
  if (error instanceof VerificationFailure) return { index: partition, errorCode: error.code, baseOffset: -1, logStartOffset: -1, errorMessage: error.message };
  const recordErrors = recordErrorsOf(error);
  const refused = { index: partition, errorCode: error.code, baseOffset: -1, logStartOffset: errorsWithoutLogStart.has(error.name) ? -1 : logStartOffset };
  if (recordErrors.length === 0) return refused;
  return {
    ...refused,
    recordErrors: recordErrors.map(({ batchIndex, message }) => ({ batchIndex, batchIndexErrorMessage: message })),
    errorMessage: error.message,
  };
}
