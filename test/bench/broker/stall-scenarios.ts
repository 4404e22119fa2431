import fs from 'node:fs';
import path from 'node:path';
import { connectRequestClient } from '../../../src/network/request-client.ts';
import type { RequestClient } from '../../../src/network/request-client.ts';
import { fetchRequest, fetchResponse } from '../../../src/protocol/messages/fetch.ts';
import { produceRequest, produceResponse } from '../../../src/protocol/messages/produce.ts';
import { buildBatch } from '../../../src/record/build.ts';
import type { BatchOptions } from '../../../src/record/build.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { createNodeNetwork } from '../../../src/runtime/node-network.ts';
import { connectMembers, join } from './group-load.ts';
import { checkProduceAnswer, fetchFrame, produceFrame, runLoad } from './load.ts';
import type { MonitoredBroker } from './monitored-broker.ts';

/** What may stall the event loop of one broker. `prepare` is not measured. */
export interface Scenario {
  readonly name: string;
  readonly properties?: Readonly<Record<string, string | number>>;
  prepare?(target: MonitoredBroker): Promise<void>;
  run(target: MonitoredBroker): Promise<void>;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const ignored = (): void => undefined;

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 120_000; !(await isSo()); await pause(50)) if (performance.now() > deadline) throw new Error('not within 120 s');
}

async function createTopic({ admin }: MonitoredBroker, name: string, partitions: number, configs: Readonly<Record<string, string>> = {}): Promise<void> {
  const [outcome] = await admin.createTopics([{ name, partitions, replicationFactor: 1, configs }]);
  if (outcome?.error !== undefined) throw outcome.error;
  await until(async () => {
    const [found] = await admin.describeTopics([name]);
    return found?.topic?.partitions.length === partitions && found.topic.partitions.every(({ leaderId }) => leaderId >= 0);
  });
}

const connect = ({ port }: MonitoredBroker): Promise<RequestClient> =>
  connectRequestClient({ network: createNodeNetwork(), clock: nodeClock, host: '127.0.0.1', port, clientId: 'bench', connectTimeoutMs: 5000, negotiate: false });

async function produce(client: RequestClient, topic: string, partition: number, records: Buffer): Promise<void> {
  const answer = await client.send(produceRequest, produceResponse, 9, { acks: 1, timeoutMs: 30_000, topicData: [{ name: topic, partitionData: [{ index: partition, records }] }] }, 60_000);
  const { errorCode } = answer.responses[0]!.partitionResponses[0]!;
  if (errorCode !== 0) throw new Error(`produce was answered with error ${errorCode}`);
}

/** Sends so many batches over a few connections. */
async function produceAll(target: MonitoredBroker, count: number, send: (client: RequestClient, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const sendNext = async (client: RequestClient): Promise<void> => {
    while (next < count) await send(client, next++);
  };
  const clients = await Promise.all(Array.from({ length: 4 }, () => connect(target)));
  await Promise.all(clients.flatMap((client) => Array.from({ length: 8 }, () => sendNext(client))));
  for (const client of clients) client.close();
}

const json = (index: number): Buffer => Buffer.from(JSON.stringify({ id: index, name: `user ${(index * 7919) % 100_003}`, email: `u${index}@example.org`, tags: ['a', 'b', `t${index % 97}`], score: (index * 31) % 1009 }));
const jsonBatch = (count: number, options: BatchOptions = {}): Buffer => buildBatch(options, Array.from({ length: count }, (_, index) => ({ key: null, value: json(index), timestamp: Date.now() })));

/** 400 connections write a record a request and 100 read 17 KB an answer, each as fast as it is answered. */
async function fiveHundredConnections({ port }: MonitoredBroker, seconds: number): Promise<void> {
  const writes = { port, connections: 400, inFlight: 1, seconds, frame: (connection: number) => produceFrame('load', connection % 6, 100, 1).frame, check: checkProduceAnswer };
  const reads = { port, connections: 100, inFlight: 1, seconds, frame: (connection: number) => fetchFrame('load', connection % 6, 0, 17_000), check: ignored };
  await Promise.all([runLoad(writes), runLoad(reads)]);
}

/** 5,000 records a second, one a request, over 400 connections, and 1,000 answers of 17 KB over 100. */
async function steadyLoad({ port }: MonitoredBroker, seconds: number): Promise<void> {
  const writes = { port, connections: 400, inFlight: 1, seconds, ratePerSecond: 5000, frame: (connection: number) => produceFrame('load', connection % 6, 100, 1).frame, check: checkProduceAnswer };
  const reads = { port, connections: 100, inFlight: 1, seconds, ratePerSecond: 1000, frame: (connection: number) => fetchFrame('load', connection % 6, 0, 17_000), check: ignored };
  await Promise.all([runLoad(writes), runLoad(reads)]);
}

async function prepareLoad(target: MonitoredBroker): Promise<void> {
  await createTopic(target, 'load', 6);
  await produceAll(target, 60, (client, index) => produce(client, 'load', index % 6, jsonBatch(200)));
  await fiveHundredConnections(target, 2);
}

async function fillCompacted(target: MonitoredBroker): Promise<void> {
  await createTopic(target, 'compacted', 1, { 'cleanup.policy': 'compact', 'segment.bytes': String(32 << 20) });
  await produceAll(target, 2000, (client, first) =>
    produce(client, 'compacted', 0, buildBatch({}, Array.from({ length: 1000 }, (_, index) => ({ key: Buffer.from(`key-${((first * 1000 + index) * 7919) % 100_000}`), value: Buffer.alloc(100, index), timestamp: Date.now() })))),
  );
}

const cleanerCheckpoint = ({ broker }: MonitoredBroker): string => path.join(broker.logDirectory, 'cleaner-offset-checkpoint');
const folders = ({ broker }: MonitoredBroker, pattern: RegExp): number => fs.readdirSync(broker.logDirectory).filter((name) => pattern.test(name)).length;
const segments = ({ broker }: MonitoredBroker, folder: string): number => fs.readdirSync(path.join(broker.logDirectory, folder)).filter((name) => name.endsWith('.log')).length;

async function setTopic({ admin }: MonitoredBroker, name: string, configs: Readonly<Record<string, string>>): Promise<void> {
  const changes = Object.entries(configs).map(([key, value]) => ({ name: key, operation: 'set' as const, value }));
  const [outcome] = await admin.incrementalAlterConfigs([{ type: 'topic', name, changes }]);
  if (outcome?.error !== undefined) throw outcome.error;
}

async function fetchOnce(target: MonitoredBroker, version: number, topic: string, bytesMax: number): Promise<number> {
  const client = await connect(target);
  const request = { replicaId: -1, maxWaitMs: 500, minBytes: 1, maxBytes: bytesMax, topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: bytesMax }] }] };
  const answer = await client.send(fetchRequest, fetchResponse, version, request, 120_000);
  client.close();
  return answer.responses[0]!.partitions[0]!.records?.length ?? 0;
}

export const scenarios: readonly Scenario[] = [
  { name: '500 connections, small produce and fetch, as fast as answered', prepare: prepareLoad, run: (target) => fiveHundredConnections(target, 8) },
  { name: '500 connections, 5,000 produces and 1,000 fetches a second', prepare: prepareLoad, run: (target) => steadyLoad(target, 8) },
  {
    name: 'the same while 230 MB are compacted',
    properties: { 'log.cleaner.backoff.ms': 300, 'log.cleaner.min.cleanable.ratio': 1 },
    async prepare(target) {
      await prepareLoad(target);
      await fillCompacted(target);
    },
    async run(target) {
      await setTopic(target, 'compacted', { 'min.cleanable.dirty.ratio': '0.01' });
      const cleaned = (): boolean => fs.existsSync(cleanerCheckpoint(target)) && /^compacted 0 [1-9]/m.test(fs.readFileSync(cleanerCheckpoint(target), 'utf8'));
      do await steadyLoad(target, 2);
      while (!cleaned());
    },
  },
  {
    name: 'recovery after kill -9: 1,000 partitions of 200 KB, one of 600 MB in one segment',
    async prepare(target) {
      await createTopic(target, 'many', 1000);
      await createTopic(target, 'large', 1);
      const small = jsonBatch(1500);
      await produceAll(target, 1000, (client, index) => produce(client, 'many', index, small));
      const large = jsonBatch(7000);
      await produceAll(target, Math.ceil(600e6 / large.length), (client) => produce(client, 'large', 0, large));
      await target.broker.stop('SIGKILL');
      await pause(7000); // its session ends, so that the next life need not wait for it
    },
    async run(target) {
      await target.restart();
      if (/expired/i.test(target.broker.output())) throw new Error('the ZooKeeper session expired');
    },
  },
  {
    name: 'Fetch v1 of 10 MB gzip (down-conversion)',
    async prepare(target) {
      await createTopic(target, 'gzip', 1);
      const batch = jsonBatch(8000, { codec: 'gzip' });
      await produceAll(target, Math.ceil(10e6 / batch.length), (client) => produce(client, 'gzip', 0, batch));
    },
    async run(target) {
      await fetchOnce(target, 1, 'gzip', 10_000_000);
    },
  },
  {
    name: 'Produce of 1 MB to a topic with compression.type=gzip, four at once',
    prepare: (target) => createTopic(target, 'recompressed', 6, { 'compression.type': 'gzip' }),
    async run(target) {
      const batch = jsonBatch(8000);
      await produceAll(target, 64, (client, index) => produce(client, 'recompressed', index % 6, batch));
    },
  },
  {
    name: 'Fetch of 50 MB',
    async prepare(target) {
      await createTopic(target, 'plain', 1);
      const batch = jsonBatch(7000);
      await produceAll(target, 55, (client) => produce(client, 'plain', 0, batch));
    },
    async run(target) {
      for (let count = 0; count < 5; count++) await fetchOnce(target, 12, 'plain', 50_000_000);
    },
  },
  {
    name: 'retention of 1,000 segments',
    properties: { 'log.retention.check.interval.ms': 1000, 'log.initial.task.delay.ms': 100 },
    async prepare(target) {
      await createTopic(target, 'short', 1, { 'segment.bytes': '16384', 'file.delete.delay.ms': '2000' });
      const batch = jsonBatch(130);
      await produceAll(target, 1001, (client) => produce(client, 'short', 0, batch));
    },
    async run(target) {
      await setTopic(target, 'short', { 'retention.bytes': '16384' });
      await until(() => segments(target, 'short-0') < 5);
      await pause(4000); // and their files
    },
  },
  {
    name: 'a topic of 2,000 partitions created',
    async run(target) {
      await createTopic(target, 'wide', 2000);
    },
  },
  {
    name: 'a topic of 2,000 partitions deleted, files too',
    properties: { 'log.segment.delete.delay.ms': 2000 },
    prepare: (target) => createTopic(target, 'wide', 2000),
    async run(target) {
      const [outcome] = await target.admin.deleteTopics(['wide']);
      if (outcome?.error !== undefined) throw outcome.error;
      await until(() => folders(target, /^wide/) === 0);
    },
  },
  {
    name: 'a group of 1,000 members forms',
    properties: { 'group.max.session.timeout.ms': 120_000 },
    async prepare(target) {
      await createTopic(target, '__consumer_offsets', 1).catch(ignored);
      await until(async () => {
        const [group] = await target.admin.describeConsumerGroups(['any']);
        return group?.error === undefined;
      });
    },
    async run(target) {
      const members = await connectMembers(target.port, 1000);
      await join({ id: 'large', members: [], newest: { generation: -1, size: 0 } }, members);
      for (const { client } of members) client.close();
    },
  },
  {
    name: 'snapshots of 100,000 producers at a roll, one in each of ten requests',
    async prepare(target) {
      await createTopic(target, 'producers', 1, { 'segment.bytes': String(1 << 30) });
      const client = await connect(target);
      const records = [{ key: null, value: Buffer.from('x'), timestamp: Date.now() }];
      const topicData = (index: number) => [{ name: 'producers', partitionData: [{ index: 0, records: buildBatch({ producerId: index, producerEpoch: 0, baseSequence: 0 }, records) }] }];
      for (let first = 0; first < 100_000; first += 1000) {
        await Promise.all(Array.from({ length: 1000 }, (_, index) => client.send(produceRequest, produceResponse, 9, { acks: 1, timeoutMs: 30_000, topicData: topicData(first + index) }, 60_000)));
      }
      client.close();
    },
    async run(target) {
      await setTopic(target, 'producers', { 'segment.bytes': String(1 << 20) });
      const batch = jsonBatch(6000);
      const client = await connect(target);
      for (let count = 0; count < 10; count++) await produce(client, 'producers', 0, batch);
      client.close();
    },
  },
];

