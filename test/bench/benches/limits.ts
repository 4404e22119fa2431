import { freePort } from '../../support/processes.ts';
import type { Bench, BenchContext, Figures, OpenBench, SideName } from '../bench.ts';
import { figuresOf } from '../broker/process-figures.ts';
import { createTopicOf } from '../load/create-topic.ts';
import { openIdle } from '../load/idle-connections.ts';
import { startOneBroker } from '../load/one-broker.ts';
import type { OneBroker } from '../load/one-broker.ts';
import { askMetadata, connectTo, startServing } from '../load/serving.ts';

/*
 * One broker with very many connections that say nothing, and one with very many partitions. Node raises its soft limit of open
 * files to the hard one by itself; where that is too low for the connections of broker and bench, the bench fails and says so.
 */
const topic = 'many';
const settleMs = 3000;
const idleSeconds = 5;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function idleCpuPercent({ processId }: OneBroker): Promise<number> {
  const before = figuresOf(processId).cpuSeconds;
  await pause(idleSeconds * 1000);
  return ((figuresOf(processId).cpuSeconds - before) * 100) / idleSeconds;
}

async function manyConnections(start: () => Promise<OneBroker>, port: number, count: number): Promise<Figures> {
  const broker = await start();
  const residentBefore = figuresOf(broker.processId).residentBytes;
  const begunMs = performance.now();
  const close = await openIdle(port, count);
  const openedMs = performance.now() - begunMs;
  await pause(settleMs);
  const resident = figuresOf(broker.processId).residentBytes - residentBefore;
  const cpuPercent = await idleCpuPercent(broker);
  close();
  await broker.stop();
  return {
    'idle connections': count,
    'idle connections: opened in s': openedMs / 1000,
    'idle connections: RSS KB each': resident / 1000 / count,
    'idle connections: CPU %': cpuPercent,
  };
}

async function manyPartitions(start: () => Promise<OneBroker>, port: number, count: number): Promise<Figures> {
  const broker = await start();
  const client = await connectTo(port);
  const begunMs = performance.now();
  const cpuBefore = figuresOf(broker.processId).cpuSeconds;
  await createTopicOf(client, topic, count);
  const createdMs = performance.now() - begunMs;
  const createdCpu = figuresOf(broker.processId).cpuSeconds - cpuBefore;
  client.close();
  await pause(settleMs);
  const { residentBytes } = figuresOf(broker.processId);
  const cpuPercent = await idleCpuPercent(broker);
  const stoppingMs = performance.now();
  await broker.stop();
  const stoppedMs = performance.now() - stoppingMs;
  const { running, tookMs } = await startServing(start, port, async (asker) => {
    const [found] = (await askMetadata(asker, [topic])).topics;
    return found?.errorCode === 0 && found.partitions.length === count && found.partitions.every(({ leaderId }) => leaderId >= 0);
  });
  const { cpuSeconds } = figuresOf(running.processId);
  await running.stop('SIGKILL');
  return {
    partitions: count,
    'partitions: created in s': createdMs / 1000,
    'partitions: created, CPU s': createdCpu,
    'partitions: RSS MB': residentBytes / 1e6,
    'partitions: idle CPU %': cpuPercent,
    'partitions: stopped in s': stoppedMs / 1000,
    'partitions: start afterwards to all leaders: s': tookMs / 1000,
    'partitions: start afterwards, CPU s': cpuSeconds,
  };
}

async function open(side: SideName, { folder, isQuick, zookeeper }: BenchContext): Promise<OpenBench> {
  const count = isQuick ? 1000 : 10_000;
  const port = await freePort();
  const startIn = (name: string) => () => startOneBroker(side, { id: 1, port, zookeeper: `${zookeeper}/${name}`, folder: `${folder}/${name}`, properties: { 'zookeeper.session.timeout.ms': 10_000 } });
  return {
    async round(number) {
      return { ...(await manyConnections(startIn(`connections-${number}`), port, count)), ...(await manyPartitions(startIn(`partitions-${number}`), port, count)) };
    },
    close: () => Promise.resolve(),
  };
}

export const bench: Bench = { name: 'limits', title: 'Many idle connections, many partitions (10,000; quick: 1,000)', bars: {}, open };
