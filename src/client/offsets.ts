import { KafkaError, errorByCode } from '../protocol/errors.ts';
import type { ErrorName } from '../protocol/errors.ts';
import { listOffsetsRequest, listOffsetsResponse } from '../protocol/messages/list-offsets.ts';
import type { Cluster } from './cluster.ts';
import { unknownTopic } from './metadata.ts';
import type { TopicPartition } from './records.ts';
import { withinTime } from './waiting.ts';

export interface OffsetQuery extends TopicPartition {
  /** Milliseconds, or one of `offsetSpecs`. */
  readonly timestamp: number;
}

export interface OffsetAnswer extends TopicPartition {
  /** -1 when no record is that young. */
  readonly offset: number;
  readonly timestamp: number;
  readonly leaderEpoch: number;
}

export type IsolationLevel = 'read_uncommitted' | 'read_committed';

/**
 * Asks the leaders, all at once, for offsets by time; partitions that fail for a while are asked again, alone.
 * @throws KafkaError REQUEST_TIMED_OUT after `timeoutMs`, or the first answer that another try would not change
 */
export async function listOffsets(cluster: Cluster, queries: readonly OffsetQuery[], isolationLevel: IsolationLevel, timeoutMs: number): Promise<OffsetAnswer[]> {
  const answers: OffsetAnswer[] = [];
  let open = queries;
  for (const { topic } of queries) cluster.track(topic);
  const attempt = async (remainingMs: number): Promise<OffsetAnswer[]> => {
    await haveLeaders(cluster, open, remainingMs);
    const results = await Promise.allSettled([...byLeader(cluster, open)].map(([leaderId, its]) => askLeader(cluster, leaderId, its, isolationLevel, remainingMs)));
    let failure: unknown;
    for (const result of results) {
      if (result.status === 'rejected') failure = result.reason;
      else answers.push(...result.value.answers);
      if (result.status === 'fulfilled' && result.value.failure !== undefined) failure = result.value.failure;
    }
    if (failure === undefined) return answers;
    const answered = new Set(answers.map(({ topic, partition }) => `${partition} ${topic}`));
    open = open.filter(({ topic, partition }) => !answered.has(`${partition} ${topic}`));
    await cluster.update().catch(() => undefined);
    throw failure;
  };
  return cluster.retry(timeoutMs, attempt, (last) => new KafkaError('REQUEST_TIMED_OUT', `Failed to get offsets by times in ${timeoutMs}ms`, { cause: last }));
}

async function haveLeaders(cluster: Cluster, queries: readonly OffsetQuery[], remainingMs: number): Promise<void> {
  if (queries.every(({ topic, partition }) => (cluster.topic(topic)?.partitions[partition]?.leaderId ?? -1) >= 0)) return;
  await withinTime(cluster.runtime.clock, remainingMs, cluster.update(), () => 'no metadata in time');
}

function byLeader(cluster: Cluster, queries: readonly OffsetQuery[]): Map<number, OffsetQuery[]> {
  const leaders = new Map<number, OffsetQuery[]>();
  for (const query of queries) {
    const topic = cluster.topic(query.topic);
    const leaderId = topic?.partitions[query.partition]?.leaderId;
    if (topic === undefined) throw unknownTopic(cluster.metadata, query.topic);
    if (leaderId === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `${query.topic} has no partition ${query.partition}`);
    if (leaderId < 0) throw new KafkaError('LEADER_NOT_AVAILABLE', `${query.topic}-${query.partition} has no leader`);
    leaders.set(leaderId, [...(leaders.get(leaderId) ?? []), query]);
  }
  return leaders;
}

async function askLeader(
  cluster: Cluster,
  leaderId: number,
  queries: readonly OffsetQuery[],
  isolationLevel: IsolationLevel,
  remainingMs: number,
): Promise<{ answers: OffsetAnswer[]; failure: KafkaError | undefined }> {
  const connection = await withinTime(cluster.runtime.clock, remainingMs, cluster.broker(leaderId), () => `no connection to broker ${leaderId} in time`);
  const names = [...new Set(queries.map(({ topic }) => topic))];
  const request = {
    replicaId: -1,
    isolationLevel: isolationLevel === 'read_committed' ? 1 : 0,
    topics: names.map((name) => ({
      name,
      partitions: queries
        .filter(({ topic }) => topic === name)
        .map(({ partition, timestamp }) => ({
          partitionIndex: partition,
          currentLeaderEpoch: cluster.topic(name)?.partitions[partition]?.leaderEpoch ?? -1,
          timestamp,
        })),
    })),
  };
  const response = await connection.call(listOffsetsRequest, listOffsetsResponse, request, Math.min(remainingMs, cluster.settings.requestTimeoutMs));
  let failure: KafkaError | undefined;
  const answers: OffsetAnswer[] = [];
  for (const { name, partitions } of response.topics) {
    for (const { partitionIndex, errorCode, offset, timestamp, leaderEpoch } of partitions) {
      if (errorCode === 0) answers.push({ topic: name, partition: partitionIndex, offset, timestamp, leaderEpoch });
      else failure = offsetFailure(errorByCode(errorCode), name, partitionIndex);
    }
  }
  return { answers, failure };
}

function offsetFailure(name: ErrorName, topic: string, partition: number): KafkaError {
  return new KafkaError(name, `the offset of ${topic}-${partition} cannot be told: ${name}`);
}
