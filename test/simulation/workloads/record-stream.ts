import { createConsumerWith } from '../../../src/client/consumer.ts';
import type { Consumer } from '../../../src/client/consumer.ts';
import { createProducerWith } from '../../../src/client/producer.ts';
import type { Producer } from '../../../src/client/producer.ts';
import type { ProducerOptions } from '../../../src/client/producer-options.ts';
import { KafkaError } from '../../../src/protocol/errors.ts';
import type { Client, Cluster } from '../cluster/cluster.ts';
import { newHistory, paddedValue, readRecordOf } from '../history.ts';
import type { History, Promises, ReadRecord, SentRecord } from '../history.ts';
import type { SeededRandom } from '../world/random.ts';
import type { PreparedWorkload } from './workload.ts';

export interface StreamOptions {
  readonly topic: string;
  readonly acks: 'all' | 1 | 0;
  readonly promises: Promises;
  readonly configs: Readonly<Record<string, string>>;
}

const partitionsMax = 3;
const pollMs = 500;
/** Nothing is given up while brokers are away. */
const patienceMs = 1_800_000;

/** A topic with one producer, one request in flight, and one reader that follows all the time. */
export async function prepareStream(cluster: Cluster, random: SeededRandom, options: StreamOptions): Promise<PreparedWorkload> {
  const { topic, acks, promises } = options;
  const history = newHistory(1 + random.integer(partitionsMax), topic, promises);
  const client = cluster.client(`client-${topic}`);
  await createTopic(cluster, client, history, options.configs);
  cluster.record(history);
  const isReplicated = cluster.machines.length > 1;
  const producer = createProducerWith(client.runtime, producerOf(client, random, acks));
  // Where records are few, a reader asks less often: else most events of a run would be its questions.
  const reader = consumerOf(client, history, Math.max(pollMs, 2 * cluster.paceMs));
  const partitions = reader.assignment();
  return {
    async work() {
      const reading = readAlong(cluster, reader, history);
      await sendRecords(cluster, random, producer, history);
      await producer.close();
      await reading;
    },
    async finish() {
      if (promises.isDurable && isReplicated) await readToEnd(cluster, reader, history, partitions);
      await reader.close();
      await readWholeLog(client, history);
    },
  };
}

export async function createTopic(cluster: Cluster, client: Client, { topic, partitions }: History, configs: Readonly<Record<string, string>>): Promise<void> {
  const admin = cluster.admin(client);
  const [outcome] = await admin.createTopics([{ name: topic, partitions, replicationFactor: cluster.machines.length, configs }]);
  if (outcome?.error !== undefined) throw outcome.error;
  await admin.close();
}

/** Sends until faults are over; resolves when each record has an outcome. */
export async function sendRecords(cluster: Cluster, random: SeededRandom, producer: Producer, history: History): Promise<void> {
  const { world } = cluster;
  const outcomes: Promise<void>[] = [];
  while (!cluster.isOver) {
    const partition = random.integer(history.partitions);
    const record: SentRecord = { value: `${history.topic}-${history.sent.length}`, partition, sentMs: world.timeline.nowMs, acknowledged: undefined, failure: undefined };
    history.sent.push(record);
    outcomes.push(
      producer.send({ topic: history.topic, partition, value: paddedValue(record.value, random.integer(200)) }).then(
        ({ offset }) => {
          record.acknowledged = { offset, atMs: world.timeline.nowMs };
        },
        (error: Error) => {
          record.failure = error;
        },
      ),
    );
    if (!random.oneIn(4)) await world.sleep(random.integer(2 * cluster.paceMs));
  }
  await Promise.all(outcomes);
}

export function producerOf({ options }: Client, random: SeededRandom, acks: StreamOptions['acks']): ProducerOptions {
  return {
    ...options,
    acks,
    maxInFlightRequestsPerConnection: 1,
    batchSize: 800,
    lingerMs: random.integer(10),
    deliveryTimeoutMs: patienceMs,
    maxBlockMs: patienceMs,
    metadataMaxAgeMs: 30_000,
  };
}

function consumerOf({ runtime, options }: Client, { topic, partitions }: History, fetchMaxWaitMs: number): Consumer {
  const consumer = createConsumerWith(runtime, { ...options, autoOffsetReset: 'earliest', fetchMaxWaitMs });
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
  return consumer;
}

async function readAlong(cluster: Cluster, reader: Consumer, history: History): Promise<void> {
  while (!cluster.isOver) history.read.push(...(await pollPatiently(cluster, reader)).map(readRecordOf));
}

/**
 * What a rotten replica gives is refused by the reader, who asks again later: another may lead then, or the disk be mended. It seeks, as
 * a consumer would give it the same bytes again otherwise (so does Java's).
 */
async function pollPatiently({ world }: Cluster, reader: Consumer): ReturnType<Consumer['poll']> {
  try {
    return await reader.poll(pollMs);
  } catch (error) {
    if (!(error instanceof KafkaError) || error.name !== 'CORRUPT_MESSAGE') throw error;
    for (const place of reader.assignment()) reader.seek(place, await reader.position(place));
    await world.sleep(pollMs);
    return [];
  }
}

/** What the reader has not been given yet comes now. */
async function readToEnd(cluster: Cluster, reader: Consumer, history: History, partitions: ReturnType<Consumer['assignment']>): Promise<void> {
  const ends = await reader.endOffsets(partitions);
  const isBehind = async (): Promise<boolean> => {
    for (const end of ends) if ((await reader.position(end)) < end.offset) return true;
    return false;
  };
  while (await isBehind()) history.read.push(...(await pollPatiently(cluster, reader)).map(readRecordOf));
}

export async function readWholeLog(client: Client, history: History): Promise<void> {
  const consumer = consumerOf(client, history, pollMs);
  const places = consumer.assignment();
  const ends = new Map((await consumer.endOffsets(places)).map(({ partition, offset }) => [partition, offset]));
  const next = new Map((await consumer.beginningOffsets(places)).map(({ partition, offset }) => [partition, offset]));
  const kept: ReadRecord[] = [];
  while (places.some(({ partition }) => next.get(partition)! < ends.get(partition)!)) {
    for (const record of await consumer.poll(pollMs)) {
      kept.push(readRecordOf(record));
      next.set(record.partition, record.offset + 1);
    }
  }
  // Meanwhile old records may have gone, or another leader have come whose log starts later.
  for (const { partition, offset } of await consumer.beginningOffsets(places)) history.starts[partition] = offset;
  history.kept.push(...kept.filter(({ partition, offset }) => offset >= history.starts[partition]!));
  await consumer.close();
}
