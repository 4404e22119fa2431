import { KafkaError, errorByCode } from '../../protocol/errors.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { OffsetCommitRequestInput } from '../../protocol/messages/offset-commit.ts';
import type { OffsetFetchRequestInput, OffsetFetchResponse } from '../../protocol/messages/offset-fetch.ts';
import { byTopic } from '../admin-calls.ts';
import type { TopicPartition } from '../records.ts';
import type { Generation } from './membership.ts';

/** A committed offset: that of the next record to read, with a note of the application. */
export interface OffsetAndMetadata {
  readonly offset: number;
  /** Of the last record read; -1 or left out when not known. */
  readonly leaderEpoch?: number | undefined;
  readonly metadata?: string | undefined;
}

export type PartitionOffset = TopicPartition & OffsetAndMetadata;

/** @throws KafkaError OFFSET_OUT_OF_RANGE for a negative offset */
export function commitRequest(groupId: string, generation: Generation, groupInstanceId: string | undefined, offsets: readonly PartitionOffset[], version: number): OffsetCommitRequestInput {
  const negative = offsets.find(({ offset }) => !(Number.isSafeInteger(offset) && offset >= 0));
  if (negative !== undefined) throw new KafkaError('OFFSET_OUT_OF_RANGE', `Invalid offset: ${negative.offset}`);
  return {
    groupId,
    generationIdOrMemberEpoch: generation.generationId,
    memberId: generation.memberId,
    ...(version >= 7 || groupInstanceId !== undefined ? { groupInstanceId: groupInstanceId ?? null } : {}),
    topics: byTopic(offsets).map(({ name, entries }) => ({
      name,
      partitions: entries.map(({ partition, offset, leaderEpoch = -1, metadata = '' }) => ({ partitionIndex: partition, committedOffset: offset, committedLeaderEpoch: leaderEpoch, committedMetadata: metadata })),
    })),
  };
}

/** Several groups in one request. */
const firstVersionWithGroups = 8;
/** Waits for transactions that commit the offsets (KIP-447). */
const firstVersionWithStable = 7;

/** @param places all partitions with an offset when undefined (version 2 on) */
export function fetchRequestOf(groupId: string, places: readonly TopicPartition[] | undefined, requireStable: boolean, version: number): OffsetFetchRequestInput {
  const topics = places === undefined ? null : byTopic(places).map(({ name, entries }) => ({ name, partitionIndexes: entries.map(({ partition }) => partition) }));
  const stable = version >= firstVersionWithStable ? { requireStable } : {};
  return version >= firstVersionWithGroups ? { groups: [{ groupId, topics }], ...stable } : { groupId, topics, ...stable };
}

export interface FetchedOffset extends PartitionOffset {
  readonly error: ErrorName;
}

/** @returns offset -1 where there is none */
export function fetchedOffsets(response: OffsetFetchResponse): { readonly error: ErrorName; readonly offsets: readonly FetchedOffset[] } {
  const group = response.groups[0] ?? response;
  return {
    error: errorByCode(group.errorCode),
    offsets: group.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode }) => ({
        topic: name,
        partition: partitionIndex,
        offset: committedOffset,
        leaderEpoch: committedLeaderEpoch < 0 ? undefined : committedLeaderEpoch,
        metadata: metadata ?? '',
        error: errorByCode(errorCode),
      })),
    ),
  };
}
