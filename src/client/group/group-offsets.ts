import { KafkaError, errorByCode } from '../../protocol/errors.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../../protocol/messages/offset-commit.ts';
import type { OffsetCommitResponse } from '../../protocol/messages/offset-commit.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../../protocol/messages/offset-fetch.ts';
import type { Cluster } from '../cluster.ts';
import type { TopicPartition } from '../records.ts';
import type { Coordinator } from './coordinator.ts';
import type { GroupSettings } from './group-options.ts';
import type { MembershipEvent, MembershipEffect, Generation, Membership } from './membership.ts';
import { noGeneration } from './membership.ts';
import type { FetchedOffset, PartitionOffset } from './offset-requests.ts';
import { commitRequest, fetchRequestOf, fetchedOffsets } from './offset-requests.ts';

/** What commits need to know of the membership. */
export interface MembershipView {
  readonly membership: Membership;
  /** False while partitions are assigned by hand: then commits name no generation. */
  readonly isSubscribed: boolean;
  feed(event: MembershipEvent): readonly MembershipEffect[];
}

/** Committed offsets of a group, read and written at its coordinator. */
export interface GroupOffsets {
  /** Tries until done, while it may help. @throws KafkaError */
  commit(offsets: readonly PartitionOffset[], timeoutMs: number): Promise<void>;
  /** One try. @throws KafkaError */
  commitOnce(offsets: readonly PartitionOffset[]): Promise<void>;
  /** Offset -1 where nothing was committed. @throws KafkaError */
  committed(places: readonly TopicPartition[], timeoutMs: number): Promise<FetchedOffset[]>;
}

export function createGroupOffsets(cluster: Cluster, coordinator: Coordinator, settings: GroupSettings, view: MembershipView): GroupOffsets {
  const { groupId, groupInstanceId } = settings;
  const { requestTimeoutMs } = cluster.settings;

  async function commitOnce(offsets: readonly PartitionOffset[], remainingMs = requestTimeoutMs): Promise<void> {
    if (offsets.length === 0) return;
    if (coordinator.node === undefined) await coordinator.find(remainingMs);
    const sent = generationOf(view);
    const instance = view.isSubscribed ? groupInstanceId : undefined;
    const timeoutMs = Math.max(1, Math.min(remainingMs, requestTimeoutMs));
    const response = await coordinator.call(offsetCommitRequest, offsetCommitResponse, (version) => commitRequest(groupId, sent, instance, offsets, version), timeoutMs);
    const failed = firstFailure(response);
    const outcome = view.feed({ kind: 'commit-answered', sent, error: failed?.error ?? 'NONE' }).find((effect) => effect.kind === 'commit');
    if (outcome === undefined || outcome.outcome === 'done') return;
    const where = failed === undefined ? '' : ` on partition ${failed.topic}-${failed.partition}`;
    throw new KafkaError(outcome.error, `${commitFailures[outcome.error] ?? `Offset commit failed${where}: ${outcome.error}`}`);
  }

  async function committedOnce(places: readonly TopicPartition[], remainingMs: number): Promise<FetchedOffset[]> {
    if (coordinator.node === undefined) await coordinator.find(remainingMs);
    const response = await coordinator.call(offsetFetchRequest, offsetFetchResponse, (version) => fetchRequestOf(groupId, places, true, version), Math.max(1, Math.min(remainingMs, requestTimeoutMs)));
    const { error, offsets } = fetchedOffsets(response);
    if (error === 'COORDINATOR_NOT_AVAILABLE' || error === 'NOT_COORDINATOR') coordinator.forget();
    if (error !== 'NONE') throw new KafkaError(error, `committed offsets of group ${groupId} cannot be told: ${error}`);
    for (const { topic, partition, error: own } of offsets) {
      // A transaction that is still open commits some of them: UNSTABLE_OFFSET_COMMIT, worth another try.
      if (own === 'UNKNOWN_TOPIC_OR_PARTITION') throw new KafkaError('INVALID_TOPIC_EXCEPTION', `Topic or Partition ${topic}-${partition} does not exist`);
      if (own === 'NOT_COORDINATOR') coordinator.forget();
      if (own !== 'NONE') throw new KafkaError(own, `the committed offset of ${topic}-${partition} cannot be told: ${own}`);
    }
    return [...offsets];
  }

  return {
    commitOnce,
    commit: (offsets, timeoutMs) =>
      cluster.retry(timeoutMs, (remainingMs) => commitOnce(offsets, remainingMs), (last) => new KafkaError('REQUEST_TIMED_OUT', `Timeout of ${timeoutMs}ms expired before successfully committing offsets`, { cause: last })),
    committed: async (places, timeoutMs) => {
      if (places.length === 0) return [];
      const give = (last: unknown): KafkaError => new KafkaError('REQUEST_TIMED_OUT', `Timeout of ${timeoutMs}ms expired before the last committed offset for partitions [${places.map(({ topic, partition }) => `${topic}-${partition}`).join(', ')}] could be determined`, { cause: last });
      return cluster.retry(timeoutMs, (remainingMs) => committedOnce(places, remainingMs), give);
    },
  };
}

const isRebalancing = 'Offset commit cannot be completed since the consumer is undergoing a rebalance for auto partition assignment. You can try completing the rebalance by calling poll() and then retry the operation.';
const isOut = 'Offset commit cannot be completed since the consumer is not part of an active group for auto partition assignment; it is likely that the consumer was kicked out of the group.';

const commitFailures: Partial<Record<ErrorName, string>> = { REBALANCE_IN_PROGRESS: isRebalancing, UNKNOWN_MEMBER_ID: isOut, ILLEGAL_GENERATION: isOut };

/** @throws KafkaError when the member has no generation to commit for */
function generationOf({ membership, isSubscribed }: MembershipView): Generation {
  if (!isSubscribed) return noGeneration;
  if (membership.phase === 'stable') return membership.generation;
  if (membership.phase === 'unjoined') throw new KafkaError('UNKNOWN_MEMBER_ID', isOut);
  throw new KafkaError('REBALANCE_IN_PROGRESS', isRebalancing);
}

/** Refused topics count only when nothing worse happened. */
function firstFailure({ topics }: OffsetCommitResponse): (TopicPartition & { readonly error: ErrorName }) | undefined {
  const failures = topics.flatMap(({ name, partitions }) =>
    partitions.filter(({ errorCode }) => errorCode !== 0).map(({ partitionIndex, errorCode }) => ({ topic: name, partition: partitionIndex, error: errorByCode(errorCode) })),
  );
  return failures.find(({ error }) => error !== 'TOPIC_AUTHORIZATION_FAILED') ?? failures[0];
}
