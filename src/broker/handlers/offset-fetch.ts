import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import type { FetchedOffset } from '../../coordinator/group/group-offsets.ts';
import { errorCode } from '../../protocol/errors.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../../protocol/messages/offset-fetch.ts';
import type { OffsetFetchRequest, OffsetFetchResponseInput } from '../../protocol/messages/offset-fetch.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import type { ZooKeeperOffsets } from '../zookeeper-offsets.ts';
import { byTopic } from './by-topic.ts';

export interface OffsetFetchDependencies {
  readonly coordinator: GroupCoordinator;
  readonly cache: MetadataCache;
  readonly zookeeperOffsets: ZooKeeperOffsets;
}

type AskedTopics = readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[] | null;

const firstVersionWithError = 2;
const firstVersionWithGroups = 8;
const noOffset = -1;

/** OffsetFetch, API key 9: of one group, or of many since version 8 (KIP-709). Version 0 asks for what is in ZooKeeper. */
export function offsetFetchHandler({ coordinator, cache, zookeeperOffsets }: OffsetFetchDependencies): Handler<OffsetFetchRequest, OffsetFetchResponseInput> {
  async function findInZooKeeper(group: string, asked: AskedTopics): Promise<FetchedOffset[]> {
    return Promise.all(
      (partitionsOf(asked) ?? []).map(async ({ topic, partition }): Promise<FetchedOffset> => {
        const isKnown = cache.topics.get(topic)?.partitions.has(partition) ?? false;
        const offset = isKnown ? await zookeeperOffsets.find(group, topic, partition) : undefined;
        if (offset === undefined) return { topic, partition, error: 'UNKNOWN_TOPIC_OR_PARTITION', value: undefined };
        return { topic, partition, error: 'NONE', value: { offset, leaderEpoch: -1, metadata: '', commitTimestampMs: -1, expireTimestampMs: -1 } };
      }),
    );
  }

  const ofGroup = (groupId: string, asked: AskedTopics, isStableRequired: boolean) => coordinator.fetchOffsets(groupId, partitionsOf(asked), isStableRequired);

  return {
    request: offsetFetchRequest,
    response: offsetFetchResponse,
    async handle({ groupId, topics, groups, requireStable }, { apiVersion }, answer) {
      if (apiVersion >= firstVersionWithGroups) {
        const answers = groups.map((group) => ({ groupId: group.groupId, ...ofGroup(group.groupId, group.topics, requireStable) }));
        answer({ groups: answers.map(({ groupId: id, error, offsets }) => ({ groupId: id, errorCode: errorCode(error), topics: byTopic(offsets, told) })) });
      } else if (apiVersion === 0) {
        answer({ topics: byTopic(await findInZooKeeper(groupId, topics), told) });
      } else {
        const { error, offsets } = ofGroup(groupId, topics, requireStable);
        answer({ errorCode: errorCode(error), topics: byTopic(error === 'NONE' ? offsets : failures(topics, error, apiVersion), told) });
      }
    },
    failed: ({ topics, groups }, code, _message, apiVersion) =>
      apiVersion >= firstVersionWithGroups
        ? { groups: groups.map(({ groupId }) => ({ groupId, errorCode: code, topics: [] })) }
        : {
            errorCode: code,
            topics: apiVersion >= firstVersionWithError ? [] : (topics ?? []).map(({ name, partitionIndexes }) => ({
              name,
              partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, committedOffset: noOffset, metadata: '', errorCode: code })),
            })),
          },
  };
}

function partitionsOf(asked: AskedTopics) {
  return asked?.flatMap(({ name, partitionIndexes }) => partitionIndexes.map((partition) => ({ topic: name, partition }))) ?? null;
}

/** Before version 2 an answer has no place for an error of the group but its partitions. */
function failures(asked: AskedTopics, error: ErrorName, apiVersion: number): FetchedOffset[] {
  if (apiVersion >= firstVersionWithError) return [];
  return (partitionsOf(asked) ?? []).map((partition) => ({ ...partition, error, value: undefined }));
}

function told({ partition, error, value }: FetchedOffset) {
  return {
    partitionIndex: partition,
    committedOffset: value?.offset ?? noOffset,
    committedLeaderEpoch: value?.leaderEpoch ?? -1,
    metadata: value?.metadata ?? '',
    errorCode: errorCode(error),
  };
}
