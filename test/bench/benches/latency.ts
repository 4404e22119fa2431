import path from 'node:path';
import { freePort } from '../../support/processes.ts';
import type { Bench, BenchContext, Figures, OpenBench, SideName } from '../bench.ts';
import { checkProduceAnswer, percentile, produceFrame, runLoad } from '../broker/load.ts';
import { figuresOf } from '../broker/process-figures.ts';
import { startTarget } from '../broker/targets.ts';
import type { Target } from '../broker/targets.ts';
import { openIdle } from '../load/idle-connections.ts';
import { numberIn, numberedFrames } from '../load/numbered-frames.ts';
import { runPaced } from '../load/paced-load.ts';
import { dueMs, sharedNowMs } from '../load/schedule.ts';
import type { Schedule } from '../load/schedule.ts';
import { startTailConsumer } from '../load/tail-consumer.ts';

/*
 * Small produce requests at half of what Apache Kafka can do, and the way of a record from the moment it was meant to leave to
 * its receipt by a consumer that waits for it. Both sides get the same rate: Kafka's, measured in its `open`; where there is no
 * Kafka, half of our own.
 */
const producing = 50;
const partitions = 8;
const recordBytes = 100;
const endToEndRate = 5000;
const idleConnections = 500;
const consumers = 4;
/** Of each measured load: connections settle. */
const leftOutSeconds = 1;
const shares = { p50: 0.5, p99: 0.99, 'p99.9': 0.999 } as const;

const topRates = new Map<SideName, number>();

function percentilesOf(name: string, latenciesMs: Float64Array, ratePerSecond: number): Figures {
  const ascending = Array.from(latenciesMs.subarray(leftOutSeconds * ratePerSecond)).sort((one, other) => one - other);
  return Object.fromEntries(Object.entries(shares).map(([label, share]) => [`${name}: ${label} ms`, percentile(ascending, share)]));
}

/** Requests per second with five open on each connection, as fast as answers come. */
async function topRate(target: Target, topic: string, isQuick: boolean): Promise<number> {
  const run = async (seconds: number): Promise<number> => {
    const load = { port: target.port, connections: producing, inFlight: 5, seconds, frame: (connection: number) => produceFrame(topic, connection % partitions, recordBytes, 1).frame, check: checkProduceAnswer };
    const { requests, seconds: took } = await runLoad(load);
    return requests / took;
  };
  await run(target.name === 'ours' ? 2 : isQuick ? 5 : 12);
  return Math.max(await run(2), await run(2), await run(2));
}

async function produceAtHalf(target: Target, topic: string, seconds: number): Promise<Figures> {
  const ratePerSecond = Math.round((topRates.get('Kafka 3.9.1') ?? topRates.get('ours')!) / 2);
  const requests = ratePerSecond * (leftOutSeconds + seconds);
  const frames = Array.from({ length: partitions }, (_, partition) => produceFrame(topic, partition, recordBytes, 1).frame);
  const latenciesMs = await runPaced({ port: target.port, connections: producing, ratePerSecond, requests, frames, check: checkProduceAnswer });
  return { 'half of the top rate: requests/s': ratePerSecond, ...percentilesOf('produce at half of the top rate', latenciesMs, ratePerSecond) };
}

/** Until each record has come to its consumer. */
async function endToEnd(target: Target, topic: string, seconds: number): Promise<Figures> {
  const requests = endToEndRate * (leftOutSeconds + seconds);
  const latenciesMs = new Float64Array(requests);
  let schedule: Schedule | undefined;
  let received = 0;
  let complete = (): void => undefined;
  let failed: (error: Error) => void = () => undefined;
  const allReceived = new Promise<void>((resolve, reject) => ([complete, failed] = [resolve, reject]));
  allReceived.catch(() => undefined); // looked at when all is sent
  const onBatch = (bytes: Buffer, start: number): void => {
    const number = numberIn(bytes, start);
    latenciesMs[number] = sharedNowMs() - dueMs(schedule!, number);
    if (++received === requests) complete();
  };
  const closeIdle = await openIdle(target.port, idleConnections);
  const tails = await Promise.all(
    Array.from({ length: consumers }, (_, consumer) => {
      const offsets = new Map(Array.from({ length: partitions / consumers }, (_, index) => [consumer + index * consumers, 0]));
      return startTailConsumer({ port: target.port, topic, offsets, partitionBytesMax: 1 << 20, onBatch, onError: failed });
    }),
  );
  try {
    const frames = numberedFrames(topic, partitions, recordBytes, requests);
    const cpuBefore = figuresOf(target.processId).cpuSeconds;
    await runPaced({ port: target.port, connections: producing, ratePerSecond: endToEndRate, requests, frames, check: checkProduceAnswer, onSchedule: (known) => (schedule = known) });
    await allReceived;
    const cpuSeconds = figuresOf(target.processId).cpuSeconds - cpuBefore;
    return { ...percentilesOf('end to end at 5,000/s', latenciesMs, endToEndRate), 'end to end at 5,000/s: CPU s per million records': (cpuSeconds * 1e6) / requests };
  } finally {
    for (const tail of tails) tail.close();
    closeIdle();
  }
}

async function open(side: SideName, { folder, isQuick, zookeeper, progress }: BenchContext): Promise<OpenBench> {
  const target = await startTarget(side, { port: await freePort(), zookeeper, folder: path.join(folder, 'broker') });
  await target.createTopic('warm', partitions);
  const rate = await topRate(target, 'warm', isQuick);
  topRates.set(side, rate);
  progress(`${side}: ${Math.round(rate)} small produce requests/s at most`);
  await target.createTopic('warm-end-to-end', partitions);
  await endToEnd(target, 'warm-end-to-end', isQuick ? 1 : 5);
  const seconds = isQuick ? 3 : 10;
  return {
    async round(number) {
      await target.createTopic(`round-${number}`, partitions);
      return { 'top rate: requests/s': rate, ...(await produceAtHalf(target, 'warm', seconds)), ...(await endToEnd(target, `round-${number}`, seconds)) };
    },
    close: () => target.stop(),
  };
}

export const bench: Bench = {
  name: 'latency',
  title: 'Latency at a steady rate',
  bars: {
    'produce at half of the top rate: p99 ms': { atMost: 0.8 },
    'end to end at 5,000/s: p50 ms': { atMost: 0.6 },
    'end to end at 5,000/s: p99 ms': { atMost: 0.8 },
  },
  open,
};
