import { createAdmin, createConsumer, createProducer } from '../../../src/client/index.ts';
import { checkers } from '../../simulation/checkers/index.ts';
import { newHistory, paddedValue, readRecordOf } from '../../simulation/history.ts';
import type { History, SentRecord } from '../../simulation/history.ts';
import { seededRandom } from '../../simulation/world/random.ts';
import type { SeededRandom } from '../../simulation/world/random.ts';
import { createMixedCluster } from '../../interop/mixed-cluster.ts';
import type { BrokerKind, MixedCluster } from '../../interop/mixed-cluster.ts';

export interface ChaosOptions {
  /** What runs on the three ports: ours, or Apache Kafka, to see that the checkers themselves are right. */
  readonly kind: BrokerKind;
  readonly durationMs: number;
  /** Of what is killed when; the rest is up to the machine. */
  readonly seed: number;
  readonly tell: (line: string) => void;
}

const ids = [1, 2, 3];
const topic = 'orders';
const partitions = 3;
const patienceMs = 600_000;
const pollMs = 200;
/** A broker that sends again cannot be seen from outside, so no number of copies is too many. */
const unknownArrivals = Number.MAX_SAFE_INTEGER;

/** Real processes, sockets and files: brokers and ZooKeeper are killed at random under load. @returns what the simulator's checkers find */
export async function runChaos({ kind, durationMs, seed, tell }: ChaosOptions): Promise<readonly string[]> {
  const cluster = await createMixedCluster({ zookeeper: kind === 'ours' ? 'embedded' : 'Apache', ids, properties: { 'replica.lag.time.max.ms': 5000 } });
  try {
    await Promise.all(ids.map((id) => cluster.start(id, kind)));
    const history = newHistory(partitions, topic);
    await createTopic(cluster);
    const state = { isOver: false };
    const working = Promise.all([send(cluster, history, state), readAlong(cluster, history, state)]);
    await disturb(cluster, seededRandom(seed), { kind, durationMs, tell });
    await allInSync(cluster);
    state.isOver = true;
    await working;
    history.kept.push(...(await readAll(cluster)));
    for (const { value } of history.sent) history.arrivals.set(value, unknownArrivals);
    tell(`${history.sent.length} records sent, ${history.kept.length} kept, ${history.read.length} read along`);
    return checkers.flatMap((check) => check(history));
  } finally {
    await cluster.close();
  }
}

async function createTopic({ bootstrap }: MixedCluster): Promise<void> {
  const admin = createAdmin({ bootstrapServers: bootstrap });
  const [outcome] = await admin.createTopics([{ name: topic, partitions, replicationFactor: ids.length, configs: { 'min.insync.replicas': '2' } }]);
  if (outcome?.error !== undefined) throw outcome.error;
  await admin.close();
}

async function send({ bootstrap }: MixedCluster, history: History, state: { readonly isOver: boolean }): Promise<void> {
  const producer = createProducer({ bootstrapServers: bootstrap, acks: 'all', maxInFlightRequestsPerConnection: 1, deliveryTimeoutMs: patienceMs, maxBlockMs: patienceMs, requestTimeoutMs: 5000, lingerMs: 2 });
  const outcomes: Promise<void>[] = [];
  for (let number = 0; !state.isOver; number++) {
    const record: SentRecord = { value: `${topic}-${number}`, partition: number % partitions, sentMs: performance.now(), acknowledged: undefined, failure: undefined };
    history.sent.push(record);
    outcomes.push(
      producer.send({ topic, partition: record.partition, value: paddedValue(record.value, number % 200) }).then(
        ({ offset }) => {
          record.acknowledged = { offset, atMs: performance.now() };
        },
        (error: Error) => {
          record.failure = error;
        },
      ),
    );
    await pause(5);
  }
  await Promise.all(outcomes);
  await producer.close();
}

function readerOf({ bootstrap }: MixedCluster): ReturnType<typeof createConsumer> {
  const consumer = createConsumer({ bootstrapServers: bootstrap, autoOffsetReset: 'earliest', requestTimeoutMs: 5000 });
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
  return consumer;
}

async function readAlong(cluster: MixedCluster, history: History, state: { readonly isOver: boolean }): Promise<void> {
  const reader = readerOf(cluster);
  while (!state.isOver) history.read.push(...(await reader.poll(pollMs)).map(readRecordOf));
  await reader.close();
}

async function readAll(cluster: MixedCluster): Promise<History['kept']> {
  const reader = readerOf(cluster);
  const ends = await reader.endOffsets(reader.assignment());
  let missing = ends.reduce((sum, { offset }) => sum + offset, 0);
  const kept: History['kept'] = [];
  while (missing > 0) {
    const records = await reader.poll(pollMs);
    missing -= records.length;
    kept.push(...records.map(readRecordOf));
  }
  await reader.close();
  return kept;
}

/** One fault after the other: most come before the last is healed. */
async function disturb(cluster: MixedCluster, random: SeededRandom, { kind, durationMs, tell }: Pick<ChaosOptions, 'kind' | 'durationMs' | 'tell'>): Promise<void> {
  const untilMs = performance.now() + durationMs;
  while (performance.now() < untilMs) {
    await pause(500 + random.integer(2500));
    if (random.oneIn(6)) {
      tell('ZooKeeper killed');
      const startAgain = await cluster.killZooKeeper();
      await pause(random.integer(3000));
      await startAgain();
      continue;
    }
    const signal = random.oneIn(4) ? 'SIGTERM' : 'SIGKILL';
    const first = ids[random.integer(ids.length)]!;
    const victims = random.oneIn(4) ? [first, ids[ids.indexOf(first) - 1] ?? ids.at(-1)!] : [first];
    tell(`${signal} for ${victims.join(' and ')}`);
    await Promise.all(victims.map((id) => cluster.stop(id, signal)));
    await pause(random.integer(4000));
    await Promise.all(victims.map((id) => cluster.startSupervised(id, kind)));
  }
}

async function allInSync(cluster: MixedCluster): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    await cluster.eventually(`${topic}-${partition} has all replicas in sync`, async () => (await cluster.stateOf(topic, partition)).isr.length === ids.length);
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}
