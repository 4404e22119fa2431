import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { groupTopic } from '../../coordinator/group/group-log.ts';
import type { OffsetCommit } from '../../coordinator/group/offsets.ts';
import { errorCode } from '../../protocol/errors.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { txnOffsetCommitRequest, txnOffsetCommitResponse } from '../../protocol/messages/txn-offset-commit.ts';
import type { TxnOffsetCommitRequest, TxnOffsetCommitResponseInput } from '../../protocol/messages/txn-offset-commit.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import type { VerifiedAppends } from '../verified-appends.ts';
import { byTopic } from './by-topic.ts';

export interface TxnOffsetCommitDependencies {
  readonly coordinator: GroupCoordinator;
  readonly cache: MetadataCache;
  readonly clock: Clock;
  readonly appends: VerifiedAppends;
}

const none = -1;
/** Producers before 2.3 stop at COORDINATOR_LOAD_IN_PROGRESS (KAFKA-7296). */
const firstVersionWithLoading = 2;
/** Those from then on know TRANSACTION_ABORTABLE. */
const firstVersionWithAbortable = 4;

/** TxnOffsetCommit, API key 28: offsets that count when the transaction is committed. */
export function txnOffsetCommitHandler({ coordinator, cache, clock, appends }: TxnOffsetCommitDependencies): Handler<TxnOffsetCommitRequest, TxnOffsetCommitResponseInput> {
  const isKnown = ({ topic, partition }: OffsetCommit): boolean => cache.topics.get(topic)?.partitions.has(partition) ?? false;

  return {
    request: txnOffsetCommitRequest,
    response: txnOffsetCommitResponse,
    handle(request, { apiVersion }, answer) {
      const { transactionalId, groupId, memberId, groupInstanceId: instanceId, generationId: generation } = request;
      const producer = { id: request.producerId, epoch: request.producerEpoch };
      const all = commitsOf(request, clock.nowMs());
      const commits = all.filter(isKnown);
      const tell = (error: ErrorName): ErrorName => (error === 'COORDINATOR_LOAD_IN_PROGRESS' && apiVersion < firstVersionWithLoading ? 'COORDINATOR_NOT_AVAILABLE' : error);
      const done = (errors: readonly ErrorName[]): void => {
        const refused = all.filter((commit) => !isKnown(commit)).map(({ topic, partition }) => ({ topic, partition, error: 'UNKNOWN_TOPIC_OR_PARTITION' as ErrorName }));
        const results = [...refused, ...commits.map(({ topic, partition }, index) => ({ topic, partition, error: tell(errors[index]!) }))];
        answer({ topics: byTopic(results, ({ partition, error }) => ({ partitionIndex: partition, errorCode: errorCode(error) })) });
      };
      if (commits.length === 0) {
        done([]);
        return;
      }
      coordinator.commitTransactionalOffsets(
        groupId,
        { memberId, instanceId, generation },
        producer,
        (partition, verified) => appends.verifyOne(groupTopic, partition, { transactionalId, producerId: producer.id, epoch: producer.epoch, knowsAbortable: apiVersion >= firstVersionWithAbortable }, verified),
        commits,
        done,
      );
    },
    failed: ({ topics }, code) => ({
      topics: topics.map(({ name, partitions }) => ({ name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })) })),
    }),
  };
}

function commitsOf({ topics }: TxnOffsetCommitRequest, nowMs: number): OffsetCommit[] {
  return topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => ({
      topic: name,
      partition: partitionIndex,
      value: { offset: committedOffset, leaderEpoch: committedLeaderEpoch, metadata: committedMetadata ?? '', commitTimestampMs: nowMs, expireTimestampMs: none },
    })),
  );
}
