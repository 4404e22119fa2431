import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import type { OffsetCommit } from '../../coordinator/group/offsets.ts';
import { errorCode } from '../../protocol/errors.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../../protocol/messages/offset-commit.ts';
import type { OffsetCommitRequest, OffsetCommitResponseInput } from '../../protocol/messages/offset-commit.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import type { ZooKeeperOffsets } from '../zookeeper-offsets.ts';
import { byTopic } from './by-topic.ts';

export interface OffsetCommitDependencies {
  readonly coordinator: GroupCoordinator;
  readonly cache: MetadataCache;
  readonly clock: Clock;
  readonly zookeeperOffsets: ZooKeeperOffsets;
  /** offset.metadata.max.bytes */
  readonly metadataLengthMax: number;
}

interface Result {
  readonly topic: string;
  readonly partition: number;
  readonly error: ErrorName;
}

const none = -1;

/** OffsetCommit, API key 8. Version 0 knows of no coordinator: its offsets are kept in ZooKeeper. */
export function offsetCommitHandler(dependencies: OffsetCommitDependencies): Handler<OffsetCommitRequest, OffsetCommitResponseInput> {
  const { coordinator, cache, clock, zookeeperOffsets, metadataLengthMax } = dependencies;
  const isKnown = ({ topic, partition }: OffsetCommit): boolean => cache.topics.get(topic)?.partitions.has(partition) ?? false;
  const response = (results: readonly Result[]): OffsetCommitResponseInput => ({
    topics: byTopic(results, ({ partition, error }) => ({ partitionIndex: partition, errorCode: errorCode(error) })),
  });

  async function commitToZooKeeper(group: string, commits: readonly OffsetCommit[]): Promise<readonly ErrorName[]> {
    return Promise.all(
      commits.map(async ({ topic, partition, value }): Promise<ErrorName> => {
        if (value.metadata.length > metadataLengthMax) return 'OFFSET_METADATA_TOO_LARGE';
        await zookeeperOffsets.store(group, topic, partition, value.offset);
        return 'NONE';
      }),
    );
  }

  return {
    request: offsetCommitRequest,
    response: offsetCommitResponse,
    async handle(request, { apiVersion }, answer) {
      const all = commitsOf(request, clock.nowMs());
      const commits = all.filter(isKnown);
      const refused = all.filter((commit) => !isKnown(commit)).map(({ topic, partition }): Result => ({ topic, partition, error: 'UNKNOWN_TOPIC_OR_PARTITION' }));
      const done = (errors: readonly ErrorName[]): void => answer(response([...refused, ...commits.map(({ topic, partition }, index) => ({ topic, partition, error: errors[index]! }))]));
      if (commits.length === 0) {
        done([]);
      } else if (apiVersion === 0) {
        done(await commitToZooKeeper(request.groupId, commits));
      } else {
        const committer = { memberId: request.memberId, instanceId: request.groupInstanceId, generation: request.generationIdOrMemberEpoch };
        coordinator.commitOffsets(request.groupId, committer, commits, done);
      }
    },
    failed: ({ topics }, code) => ({
      topics: topics.map(({ name, partitions }) => ({ name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })) })),
    }),
  };
}

/** Version 1 tells the time of the commit; versions 2 to 4 how long the offset is to be kept. */
function commitsOf({ topics, retentionTimeMs }: OffsetCommitRequest, nowMs: number): OffsetCommit[] {
  return topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata, commitTimestamp }) => ({
      topic: name,
      partition: partitionIndex,
      value: {
        offset: committedOffset,
        leaderEpoch: committedLeaderEpoch,
        metadata: committedMetadata ?? '',
        commitTimestampMs: commitTimestamp === none ? nowMs : commitTimestamp,
        expireTimestampMs: retentionTimeMs === none ? none : nowMs + retentionTimeMs,
      },
    })),
  );
}
