import { createConsumerWith } from '../../../src/client/consumer.ts';
import type { Consumer } from '../../../src/client/consumer.ts';
import { createProducerWith } from '../../../src/client/producer.ts';
import { transactionCheckers } from '../checkers/transactions/index.ts';
import type { Client, Cluster } from '../cluster/cluster.ts';
import { newHistory } from '../history.ts';
import type { History } from '../history.ts';
import type { SeededRandom } from '../world/random.ts';
import { comesTrue } from './groups/history.ts';
import { createTopic, producerOf, readWholeLog, sendRecords } from './record-stream.ts';
import { startCopier } from './transactions/copier.ts';
import type { RunningCopier } from './transactions/copier.ts';
import { copyOf, newTransactionHistory } from './transactions/history.ts';
import type { TransactionHistory } from './transactions/history.ts';
import { storedCopies } from './transactions/stored-copies.ts';
import type { PreparedWorkload, Workload } from './workload.ts';

const from = 'inputs';
const to = 'outputs';
const groupId = 'copiers';
const slots = 2;
/** By then all that was sent is copied, and what was open is ended. */
const drainsWithinMs = 180_000;

/** Copiers read, process and write in transactions; they abort, take too long, die, and are replaced while they still live. */
export const transactions: Workload = {
  name: 'transactions',
  async prepare(cluster, random): Promise<PreparedWorkload> {
    const client = cluster.client('client-inputs');
    const inputs = newHistory(1 + random.integer(3), from, { isDurable: true, isTrimmed: false, isIdempotent: true });
    const outputPartitions = 1 + random.integer(2);
    const configs = { 'min.insync.replicas': '2', 'segment.bytes': String([1 << 30, 16_384][random.integer(2)]!) };
    await createTopic(cluster, client, inputs, configs);
    await createTopic(cluster, client, newHistory(outputPartitions, to), configs);
    cluster.record(inputs);
    const history = newTransactionHistory(to);
    const producer = createProducerWith(client.runtime, producerOf(client, random, 'all'));
    const reader = readerOf(client, outputPartitions, 'read_committed', Math.max(500, 2 * cluster.paceMs));
    const crew = createCrew(cluster, random.fork(), history, outputPartitions);
    return {
      async work() {
        const reading = readAlong(cluster, reader, history);
        await Promise.all([crew.work(), sendRecords(cluster, random, producer, inputs)]);
        await producer.close();
        await reading;
      },
      async finish() {
        await reader.close();
        await readWholeLog(client, inputs);
        history.inputs.push(...inputs.kept.map(({ value, partition }) => ({ name: value, partition })));
        await drain(cluster, client, inputs);
        await crew.close();
        await endAll(cluster, client, outputPartitions);
        await readAll(client, history, outputPartitions);
        history.stored.push(...storedCopies(cluster, to, `${from}-`));
        for (const check of transactionCheckers) for (const text of check(history)) cluster.violate(text);
      },
    };
  },
};

function createCrew(cluster: Cluster, random: SeededRandom, history: TransactionHistory, toPartitions: number): { work(): Promise<void>; close(): Promise<void> } {
  const { world } = cluster;
  const transactionTimeoutMs = 3000 + random.integer(6000);
  const pollMs = Math.max(500, 2 * cluster.paceMs);
  const current: RunningCopier[] = [];
  const all = new Set<RunningCopier>();
  let lives = 0;
  let isClosing = false;

  function start(slot: number): void {
    const name = `copier-${slot}.${lives++}`;
    const copier = startCopier(cluster.client(`client-copier-${slot}`), random.fork(), history, { name, transactionalId: `copier-${slot}`, groupId, from, to, toPartitions, pollMs, transactionTimeoutMs });
    world.tell(name, 'starts');
    current[slot] = copier;
    all.add(copier);
    cluster.begin(name, async () => {
      await copier.ended;
      all.delete(copier);
      if (!isClosing && current[slot] === copier) start(slot);
    });
  }

  async function disturb(slot: number): Promise<void> {
    while (!cluster.isOver) {
      await world.sleep(random.integer(200 * cluster.paceMs));
      if (cluster.isOver) return;
      const copier = current[slot]!;
      const draw = random.integer(4);
      world.tell(`copier-${slot}`, ['leaves', 'is killed', 'stands still', 'is replaced while it stands still'][draw]!);
      if (draw === 0) await copier.close();
      else if (draw === 1) copier.kill();
      else copier.pause(random.integer(3 * transactionTimeoutMs));
      if (draw === 3) start(slot);
    }
  }

  return {
    async work() {
      for (let slot = 0; slot < slots; slot++) start(slot);
      await Promise.all(Array.from({ length: slots }, (_, slot) => disturb(slot)));
    },
    async close() {
      isClosing = true;
      await Promise.all(Array.from(all, (copier) => copier.close()));
    },
  };
}

function readerOf({ runtime, options }: Client, partitions: number, isolationLevel: 'read_committed' | 'read_uncommitted', fetchMaxWaitMs = 500): Consumer {
  const consumer = createConsumerWith(runtime, { ...options, autoOffsetReset: 'earliest', isolationLevel, fetchMaxWaitMs });
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic: to, partition })));
  return consumer;
}

async function readAlong(cluster: Cluster, reader: Consumer, { read }: TransactionHistory): Promise<void> {
  while (!cluster.isOver) read.push(...(await reader.poll(500)).map((record) => copyOf(record, `${from}-`)));
}

async function drain(cluster: Cluster, client: Client, { partitions, kept }: History): Promise<void> {
  const { world, violate } = cluster;
  const admin = cluster.admin(client);
  let missing: number[] = [];
  const isDrained = async (): Promise<boolean> => {
    const offsets = await admin.listConsumerGroupOffsets(groupId);
    missing = Array.from({ length: partitions }, (_, partition) => kept.filter((record) => record.partition === partition).length - (offsets.find((one) => one.partition === partition)?.offset ?? 0));
    return missing.every((count) => count === 0);
  };
  if (!(await comesTrue(world, drainsWithinMs, isDrained))) violate(`${drainsWithinMs / 1000} s after all was well, of ${from} there are not yet copied: ${missing.join()}`);
  await admin.close();
}

/** A transaction whose producer is gone is aborted when its time is up: then the last stable offset comes to the end. */
async function endAll({ world, violate }: Cluster, client: Client, partitions: number): Promise<void> {
  const readers = [readerOf(client, partitions, 'read_committed'), readerOf(client, partitions, 'read_uncommitted')];
  const ends = new Set<string>();
  const areEqual = async (): Promise<boolean> => {
    ends.clear();
    for (const reader of readers) ends.add((await reader.endOffsets(reader.assignment())).map(({ offset }) => offset).join());
    return ends.size === 1;
  };
  if (!(await comesTrue(world, drainsWithinMs, areEqual))) violate(`transactions hang: the last stable offsets and the ends of ${to} are ${Array.from(ends).join(' and ')}`);
  for (const reader of readers) await reader.close();
}

async function readAll(client: Client, { kept }: TransactionHistory, partitions: number): Promise<void> {
  const reader = readerOf(client, partitions, 'read_committed');
  const ends = await reader.endOffsets(reader.assignment());
  const isBehind = async (): Promise<boolean> => {
    for (const end of ends) if ((await reader.position(end)) < end.offset) return true;
    return false;
  };
  while (await isBehind()) kept.push(...(await reader.poll(500)).map((record) => copyOf(record, `${from}-`)));
  await reader.close();
}
