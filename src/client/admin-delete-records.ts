import { KafkaError, errorByCode, isRetriable } from '../protocol/errors.ts';
import { deleteRecordsRequest, deleteRecordsResponse } from '../protocol/messages/delete-records.ts';
import { byTopic } from './admin-calls.ts';
import type { DeletedRecords } from './admin-types.ts';
import type { Cluster } from './cluster.ts';
import type { TopicPartition } from './records.ts';
import { withinTime } from './waiting.ts';

type Bound = TopicPartition & { readonly offset: number };

/**
 * Asks the leaders, all at once. A partition whose leader is not known, or is another by now, is asked for again, alone;
 * one that the cluster still does not know when the time is up, as a topic that does not exist, times out.
 * @see DeleteRecordsHandler of Apache Kafka 3.9
 */
export async function deleteRecords(cluster: Cluster, bounds: readonly Bound[]): Promise<DeletedRecords[]> {
  const timeoutMs = cluster.settings.defaultApiTimeoutMs;
  const results = new Map<string, DeletedRecords>();
  const open = (): Bound[] => bounds.filter((bound) => !results.has(keyOf(bound)));
  for (const { topic } of bounds) cluster.track(topic);
  let tries = 0;
  let stage = 'METADATA';
  const attempt = async (remainingMs: number): Promise<void> => {
    tries++;
    await withinTime(cluster.runtime.clock, remainingMs, cluster.update(), () => 'no metadata in time');
    const { led, failure: unled } = byLeader(cluster, open());
    stage = led.size === 0 ? 'METADATA' : 'DELETE_RECORDS';
    const answers = await Promise.allSettled([...led].map(([leaderId, its]) => askLeader(cluster, leaderId, its, remainingMs)));
    let failure: unknown = unled;
    for (const answer of answers) if (answer.status === 'rejected') failure = answer.reason;
    for (const result of answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))) {
      if (result.error !== undefined && isRetriable(result.error.name)) failure = result.error;
      else results.set(keyOf(result), result);
    }
    if (open().length > 0) throw failure ?? new KafkaError('UNKNOWN_SERVER_ERROR', 'a broker left out partitions it was asked for');
  };
  try {
    await cluster.retry(timeoutMs, attempt, (last) => new KafkaError('REQUEST_TIMED_OUT', `Call(callName=deleteRecords(api=${stage})) timed out after ${tries} attempt(s)`, { cause: last }));
  } catch (error) {
    if (!(error instanceof KafkaError) || cluster.signal.aborted) throw error;
    for (const { topic, partition } of open()) results.set(keyOf({ topic, partition }), { topic, partition, lowWatermark: -1, error });
  }
  return bounds.map((bound) => results.get(keyOf(bound))!);
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${partition} ${topic}`;

function byLeader(cluster: Cluster, bounds: readonly Bound[]): { readonly led: ReadonlyMap<number, Bound[]>; readonly failure: KafkaError | undefined } {
  const led = new Map<number, Bound[]>();
  let failure: KafkaError | undefined;
  for (const bound of bounds) {
    const leaderId = cluster.metadata.topics.get(bound.topic)?.partitions[bound.partition]?.leaderId ?? -1;
    if (leaderId >= 0) led.set(leaderId, [...(led.get(leaderId) ?? []), bound]);
    else failure = new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `${bound.topic}-${bound.partition} has no leader or does not exist`);
  }
  return { led, failure };
}

async function askLeader(cluster: Cluster, leaderId: number, bounds: readonly Bound[], remainingMs: number): Promise<DeletedRecords[]> {
  const connection = await withinTime(cluster.runtime.clock, remainingMs, cluster.broker(leaderId), () => `no connection to broker ${leaderId} in time`);
  const timeoutMs = Math.max(1, Math.min(remainingMs, cluster.settings.requestTimeoutMs));
  const topics = byTopic(bounds).map(({ name, entries }) => ({ name, partitions: entries.map(({ partition, offset }) => ({ partitionIndex: partition, offset })) }));
  const response = await connection.call(deleteRecordsRequest, deleteRecordsResponse, { topics, timeoutMs }, timeoutMs);
  return response.topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, lowWatermark, errorCode }) => ({
      topic: name,
      partition: partitionIndex,
      lowWatermark,
      error: errorCode === 0 ? undefined : new KafkaError(errorByCode(errorCode), `records of ${name}-${partitionIndex} were not deleted: ${errorByCode(errorCode)}`),
    })),
  );
}
