import { createConsumerWith } from '../../../src/client/consumer.ts';
import type { Consumer } from '../../../src/client/consumer.ts';
import { createProducerWith } from '../../../src/client/producer.ts';
import type { Producer } from '../../../src/client/producer.ts';
import { compactionCheckers } from '../checkers/compaction/index.ts';
import type { Client, Cluster } from '../cluster/cluster.ts';
import { newHistory } from '../history.ts';
import type { SeededRandom } from '../world/random.ts';
import { keyedReadOf, numberHeader } from './compaction/history.ts';
import type { CompactionHistory, KeyedWrite, ReadRun } from './compaction/history.ts';
import { createTopic, producerOf } from './record-stream.ts';
import type { PreparedWorkload, Workload } from './workload.ts';

const topic = 'accounts';
const partitionsMax = 2;
const keys = 12;
const dayMs = 86_400_000;

/** A compacted topic of few keys, written, overwritten and deleted, with the log cleaner at work, and a reader that jumps back and forth. */
export const compaction: Workload = {
  name: 'compaction',
  async prepare(cluster, random): Promise<PreparedWorkload> {
    const client = cluster.client('client-accounts');
    const partitions = 1 + random.integer(partitionsMax);
    const keepsTombstones = random.oneIn(2);
    await createTopic(cluster, client, newHistory(partitions, topic), {
      'cleanup.policy': 'compact',
      'min.insync.replicas': '2',
      'segment.bytes': '2048',
      'min.cleanable.dirty.ratio': '0.01',
      'delete.retention.ms': String(keepsTombstones ? dayMs : 1000),
      'file.delete.delay.ms': '1000',
    });
    const history: CompactionHistory = { topic, keepsTombstones, writes: [], runs: [], kept: [] };
    const producer = createProducerWith(client.runtime, producerOf(client, random, 'all'));
    const reader = consumerOf(client, partitions, Math.max(500, 2 * cluster.paceMs));
    return {
      async work() {
        const reading = readAbout(cluster, random.fork(), reader, history);
        await write(cluster, random, producer, history, partitions);
        await producer.close();
        await reading;
      },
      async finish() {
        await reader.close();
        await readAll(client, history, partitions);
        for (const check of compactionCheckers) for (const text of check(history)) cluster.violate(text);
      },
    };
  },
};

async function write(cluster: Cluster, random: SeededRandom, producer: Producer, { writes }: CompactionHistory, partitions: number): Promise<void> {
  const outcomes: Promise<void>[] = [];
  while (!cluster.isOver) {
    const write: KeyedWrite = { number: writes.length, partition: random.integer(partitions), key: `account-${random.integer(keys)}`, isTombstone: random.oneIn(4), offset: undefined };
    writes.push(write);
    const { partition, key, isTombstone } = write;
    const value = isTombstone ? null : '.'.repeat(random.integer(200));
    outcomes.push(
      producer.send({ topic, partition, key, value, headers: [{ key: numberHeader, value: String(write.number) }] }).then(({ offset }) => {
        write.offset = offset;
      }),
    );
    if (!random.oneIn(4)) await cluster.world.sleep(random.integer(2 * cluster.paceMs));
  }
  await Promise.all(outcomes);
}

/** Follows the end, and goes back now and then to some place before. */
async function readAbout(cluster: Cluster, random: SeededRandom, reader: Consumer, { runs }: CompactionHistory): Promise<void> {
  const current = new Map<number, ReadRun>();
  const begin = (partition: number, from: number): void => {
    const run: ReadRun = { partition, from, records: [] };
    runs.push(run);
    current.set(partition, run);
  };
  for (const { partition } of reader.assignment()) begin(partition, 0);
  while (!cluster.isOver) {
    for (const record of await reader.poll(500)) current.get(record.partition)!.records.push(keyedReadOf(record));
    if (!random.oneIn(30)) continue;
    for (const [partition, { records }] of current) {
      const from = random.integer((records.at(-1)?.offset ?? 0) + 1);
      reader.seek({ topic, partition }, from);
      begin(partition, from);
    }
  }
}

function consumerOf({ runtime, options }: Client, partitions: number, fetchMaxWaitMs: number): Consumer {
  const consumer = createConsumerWith(runtime, { ...options, autoOffsetReset: 'earliest', fetchMaxWaitMs });
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
  return consumer;
}

async function readAll(client: Client, { kept }: CompactionHistory, partitions: number): Promise<void> {
  const consumer = consumerOf(client, partitions, 500);
  const ends = await consumer.endOffsets(consumer.assignment());
  const isBehind = async (): Promise<boolean> => {
    for (const end of ends) if ((await consumer.position(end)) < end.offset) return true;
    return false;
  };
  while (await isBehind()) kept.push(...(await consumer.poll(500)).map(keyedReadOf));
  await consumer.close();
}
