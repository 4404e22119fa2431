import type { RequestClient } from '../../../src/network/request-client.ts';
import { fetchRequest, fetchResponse } from '../../../src/protocol/messages/fetch.ts';
import { produceRequest, produceResponse } from '../../../src/protocol/messages/produce.ts';
import { buildBatch } from '../../../src/record/build.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { connectZooKeeper } from '../../../src/zookeeper/node-client.ts';
import { freePort } from '../../support/processes.ts';
import type { Bench, BenchContext, OpenBench, SideName } from '../bench.ts';
import { figuresOf } from '../broker/process-figures.ts';
import { createTopicOf } from '../load/create-topic.ts';
import { startOneBroker } from '../load/one-broker.ts';
import type { OneBroker } from '../load/one-broker.ts';
import { askMetadata, connectTo, startServing } from '../load/serving.ts';

/*
 * A broker is killed and started again on what it has written, all of it above the recovery point: from the start of its process
 * until Metadata names a leader for every partition and a fetch brings the last batch of each. Its old session has ended before.
 */
const topic = 'kept';
const recordBytes = 1000;
const recordsPerBatch = 16;
const partitionsPerRequest = 50;
const requestsAtOnce = 4;
const properties = { 'zookeeper.session.timeout.ms': 4000 };

interface Kept {
  readonly partitions: number;
  readonly batches: number;
}

async function fill(client: RequestClient, { partitions, batches }: Kept): Promise<void> {
  const value = Buffer.alloc(recordBytes, 'x');
  const records = buildBatch({}, Array.from({ length: recordsPerBatch }, () => ({ key: null, value, timestamp: Date.now() })));
  const starts = Array.from({ length: partitions / partitionsPerRequest }, (_, index) => index * partitionsPerRequest);
  const waiting = Array.from({ length: batches }, () => starts).flat();
  const sendAll = async (): Promise<void> => {
    for (let first = waiting.pop(); first !== undefined; first = waiting.pop()) {
      const partitionData = Array.from({ length: partitionsPerRequest }, (_, index) => ({ index: first! + index, records }));
      const answer = await client.send(produceRequest, produceResponse, 9, { acks: 1, timeoutMs: 60_000, topicData: [{ name: topic, partitionData }] }, 90_000);
      const refused = answer.responses[0]!.partitionResponses.find(({ errorCode }) => errorCode !== 0);
      if (refused !== undefined) throw new Error(`produce was answered with error ${refused.errorCode}`);
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, sendAll));
}

const serves = ({ partitions, batches }: Kept) => async (client: RequestClient): Promise<boolean> => {
  const [found] = (await askMetadata(client, [topic])).topics;
  if (found?.errorCode !== 0 || found.partitions.length !== partitions || found.partitions.some(({ leaderId }) => leaderId < 0)) return false;
  const fetchOffset = batches * recordsPerBatch - 1;
  const wanted = Array.from({ length: partitions }, (_, partition) => ({ partition, fetchOffset, partitionMaxBytes: 64 * 1024 }));
  const request = { maxWaitMs: 0, minBytes: 0, maxBytes: 0x7fffffff, sessionEpoch: -1, topics: [{ topic, partitions: wanted }] };
  const answer = await client.send(fetchRequest, fetchResponse, 12, request, 60_000);
  return answer.responses[0]!.partitions.every(({ errorCode, records }) => errorCode === 0 && records !== null && records.length > recordBytes);
};

/** Resolves when no broker is registered. */
async function sessionEnd(connectString: string): Promise<void> {
  const zookeeper = await connectZooKeeper({ connectString, sessionTimeoutMs: 10_000, connectionTimeoutMs: 30_000, clock: nodeClock, random: nodeRandom, logger: silentLogger });
  try {
    for (;;) {
      let changed = (): void => undefined;
      const nextChange = new Promise<void>((resolve) => (changed = resolve));
      if ((await zookeeper.children('/brokers/ids', changed)).length === 0) return;
      await nextChange;
    }
  } finally {
    await zookeeper.close();
  }
}

async function open(side: SideName, { folder, isQuick, zookeeper, progress }: BenchContext): Promise<OpenBench> {
  const partitions = isQuick ? 100 : 1000;
  const megabytes = isQuick ? 200 : 2000;
  const kept: Kept = { partitions, batches: Math.round((megabytes * 1e6) / (partitions * recordsPerBatch * recordBytes)) };
  const port = await freePort();
  const start = (): Promise<OneBroker> => startOneBroker(side, { id: 1, port, zookeeper, folder, properties });
  let broker = await start();
  const client = await connectTo(port);
  await createTopicOf(client, topic, partitions);
  await fill(client, kept);
  client.close();
  progress(`${side}: ${megabytes} MB in ${partitions} partitions`);
  return {
    async round() {
      await broker.stop('SIGKILL');
      await sessionEnd(zookeeper);
      const { running, tookMs } = await startServing(start, port, serves(kept));
      broker = running;
      const { cpuSeconds, residentBytes } = figuresOf(broker.processId);
      return { 'kill -9 to all partitions served: s': tookMs / 1000, 'until then: CPU s': cpuSeconds, 'until then: RSS MB': residentBytes / 1e6 };
    },
    close: () => broker.stop('SIGKILL'),
  };
}

export const bench: Bench = {
  name: 'recovery',
  title: 'Recovery after kill -9 (1,000 partitions, 2 GB; quick: 100, 200 MB)',
  bars: { 'kill -9 to all partitions served: s': { atMost: 1 } },
  open,
};
