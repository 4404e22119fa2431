import { createAdminWith } from '../../../src/client/admin.ts';
import { createConsumerWith } from '../../../src/client/consumer.ts';
import type { Consumer } from '../../../src/client/consumer.ts';
import { createProducerWith } from '../../../src/client/producer.ts';
import type { Producer } from '../../../src/client/producer.ts';
import type { ProducerOptions } from '../../../src/client/producer-options.ts';
import type { ClientRuntime } from '../../../src/client/runtime.ts';
import { countArrivals, newHistory, paddedValue, readRecordOf } from '../history.ts';
import type { History, SentRecord } from '../history.ts';
import { createBrokerMachine } from '../world/broker-machine.ts';
import type { BrokerMachine } from '../world/broker-machine.ts';
import type { Outcome } from './scenario.ts';
import type { World } from '../world/world.ts';

const topic = 'orders';
const partitionsMax = 3;
const roundsMax = 5;

/** How a broker of `runOneBroker` ends. */
export interface Ending {
  readonly properties: Readonly<Record<string, string>>;
  end(world: World, machine: BrokerMachine): Promise<void>;
}

/**
 * One broker, one producer (acks=all, one request in flight) and one reader, over some rounds. In each the broker ends at a
 * random moment and is started again on its disk, now and then only to be killed while it starts. Before, connections are
 * cut and its session expires.
 */
export async function runOneBroker(world: World, ending: Ending): Promise<Outcome> {
  const history = newHistory(1 + world.random.integer(partitionsMax));
  countArrivals(world, history, 'record');
  const machine = createBrokerMachine(world, 1, { ...brokerProperties(world), ...ending.properties });
  await machine.start();
  const client = clientOf(world, machine);
  await createTopic(client, history.partitions);

  const producer = createProducerWith(client.runtime, { ...client.options, ...producerOptions(world) });
  const reader = { isStopped: false };
  const rounds = 1 + world.random.integer(roundsMax);
  async function work(): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      await Promise.all([send(world, producer, history, 10 + world.random.integer(60)), endAndRestart(world, machine, ending)]);
    }
    await producer.close();
    history.kept.push(...(await readWholeLog(client, history.partitions)));
    reader.isStopped = true;
  }
  await Promise.all([work(), readAlong(client, history, reader)]);
  machine.kill();
  return { histories: [history] };
}

interface Client {
  readonly runtime: ClientRuntime;
  readonly options: { readonly bootstrapServers: string };
}

function brokerProperties(world: World): Record<string, string> {
  return {
    'offsets.topic.replication.factor': '1',
    'log.segment.bytes': String([1 << 30, 4096, 1024][world.random.integer(3)]!),
    'log.flush.interval.messages': String([1, 1000][world.random.integer(2)]!),
    'replica.high.watermark.checkpoint.interval.ms': String([500, 5000][world.random.integer(2)]!),
  };
}

/** Batches fit into the smallest segment; nothing is given up while the broker is away. */
function producerOptions(world: World): Omit<ProducerOptions, 'bootstrapServers'> {
  return { acks: 'all', maxInFlightRequestsPerConnection: 1, batchSize: 800, lingerMs: world.random.integer(10), deliveryTimeoutMs: 300_000, maxBlockMs: 300_000 };
}

function clientOf(world: World, { port }: BrokerMachine): Client {
  const process = world.startProcess('client', world.newDisk());
  const { clock, random, network } = process;
  return {
    runtime: { clock, random, network, logger: world.loggerOf('client', process), loadCodec: () => Promise.resolve() },
    options: { bootstrapServers: `127.0.0.1:${port}` },
  };
}

async function createTopic({ runtime, options }: Client, partitions: number): Promise<void> {
  const admin = createAdminWith(runtime, options);
  const [outcome] = await admin.createTopics([{ name: topic, partitions, replicationFactor: 1 }]);
  if (outcome?.error !== undefined) throw outcome.error;
  await admin.close();
}

async function send(world: World, producer: Producer, history: History, count: number): Promise<void> {
  const outcomes: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    const partition = world.random.integer(history.partitions);
    const record: SentRecord = { value: `record-${history.sent.length}`, partition, sentMs: world.timeline.nowMs, acknowledged: undefined, failure: undefined };
    history.sent.push(record);
    outcomes.push(
      producer.send({ topic, partition, value: paddedValue(record.value, world.random.integer(200)) }).then(
        ({ offset }) => {
          record.acknowledged = { offset, atMs: world.timeline.nowMs };
        },
        (error: Error) => {
          record.failure = error;
        },
      ),
    );
    if (world.random.oneIn(2)) await world.sleep(world.random.integer(80));
  }
  await Promise.all(outcomes);
}

async function endAndRestart(world: World, machine: BrokerMachine, ending: Ending): Promise<void> {
  while (world.random.oneIn(2)) {
    await world.sleep(world.random.integer(500));
    const draw = world.random.integer(6);
    if (draw === 0) machine.expireSession();
    else if (draw === 1 && machine.process !== undefined) world.zookeeper.loseConnection(machine.process);
    else machine.cutConnections();
  }
  await world.sleep(world.random.integer(1500));
  await ending.end(world, machine);
  while (world.random.oneIn(4)) {
    await world.sleep(world.random.integer(3000));
    await Promise.all([machine.start(), world.sleep(world.random.integer(8000)).then(() => machine.kill())]);
  }
  await world.sleep(world.random.integer(3000));
  await machine.start();
}

function consumerOf({ runtime, options }: Client, partitions: number): Consumer {
  const consumer = createConsumerWith(runtime, { ...options, autoOffsetReset: 'earliest' });
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
  return consumer;
}

async function readAlong(client: Client, history: History, reader: { readonly isStopped: boolean }): Promise<void> {
  const consumer = consumerOf(client, history.partitions);
  while (!reader.isStopped) history.read.push(...(await consumer.poll(200)).map(readRecordOf));
  await consumer.close();
}

async function readWholeLog(client: Client, partitions: number): Promise<History['kept']> {
  const consumer = consumerOf(client, partitions);
  const ends = await consumer.endOffsets(consumer.assignment());
  let missing = ends.reduce((sum, { offset }) => sum + offset, 0);
  const kept: History['kept'] = [];
  while (missing > 0) {
    const records = await consumer.poll(1000);
    missing -= records.length;
    kept.push(...records.map(readRecordOf));
  }
  await consumer.close();
  return kept;
}
