import { checkProduceAnswer, fetchFrame, percentile, produceFrame, runLoad } from '../broker/load.ts';
import { cpuSecondsOf, figuresOf } from '../broker/process-figures.ts';
import { startTarget } from '../broker/targets.ts';
import type { Target } from '../broker/targets.ts';
import type { Bench, Figures } from '../bench.ts';
import { freePort } from '../../support/processes.ts';
import { touchMemory } from '../load/touched-memory.ts';

/**
 * Requests encoded once and sent over raw sockets, so that the client hardly costs anything. A fetch reads from offset 0 of a
 * topic that was filled at the start with batches of one record, as a consumer does that lags: its answer comes from the page cache.
 * Fetches come first in a round, while the system has nothing to write: who produced more would pay for it.
 */
const partitions = 6;
const connections = 4;
const fetched = 'fetched';
/** A good megabyte in the partition of each connection. */
const fetchedRequests = 40_000;
const gigabyte = 1e9;
const idleMs = 2000;
/** More than any broker here takes. */
const bytesPerSecondMax = 2 * gigabyte;

async function produce(target: Target, seconds: number, topic: string, name: string, recordBytes: number, recordsPerBatch: number): Promise<Figures> {
  const load = {
    port: target.port,
    connections,
    inFlight: 5,
    seconds,
    payloadBytes: produceFrame(topic, 0, recordBytes, recordsPerBatch).payloadBytes,
    frame: (connection: number) => produceFrame(topic, connection % partitions, recordBytes, recordsPerBatch).frame,
    check: checkProduceAnswer,
  };
  if (recordsPerBatch > 1) await touchMemory(seconds * bytesPerSecondMax);
  const { cpuSeconds, result } = await cpuSecondsOf([target.processId], () => runLoad(load));
  return {
    [`${name}: records/s`]: (result.requests * recordsPerBatch) / result.seconds,
    [`${name}: CPU s/GB`]: cpuSeconds / (result.bytes / gigabyte),
    [`${name}: CPU us/request`]: (cpuSeconds * 1e6) / result.requests,
  };
}

async function fill(target: Target): Promise<void> {
  await target.createTopic(fetched, partitions);
  const frame = (connection: number): Buffer => produceFrame(fetched, connection % partitions, 100, 1).frame;
  for (let filled = 0; filled < fetchedRequests; ) {
    filled += (await runLoad({ port: target.port, connections, inFlight: 5, seconds: 0.3, frame, check: checkProduceAnswer })).requests;
  }
}

async function fetchAnswers(target: Target, seconds: number, name: string, bytesMax: number): Promise<Figures> {
  const load = {
    port: target.port,
    connections,
    inFlight: 1,
    seconds,
    frame: (connection: number) => fetchFrame(fetched, connection % partitions, 0, bytesMax),
    check: (answer: Buffer) => {
      if (answer.length < bytesMax / 2) throw new Error(`a fetch was answered with ${answer.length} bytes only`);
    },
  };
  const { cpuSeconds, result } = await cpuSecondsOf([target.processId], () => runLoad(load));
  return { [`${name}: MB/s`]: result.bytes / result.seconds / 1e6, [`${name}: CPU s/GB`]: cpuSeconds / (result.bytes / gigabyte) };
}

async function latency(target: Target, seconds: number, topic: string): Promise<Figures> {
  const frame = (connection: number): Buffer => produceFrame(topic, connection % partitions, 100, 1).frame;
  const { latenciesMs } = await runLoad({ port: target.port, connections: 10, inFlight: 1, seconds, ratePerSecond: 2000, keepLatencies: true, frame, check: checkProduceAnswer });
  return { 'produce 2,000/s: p50 ms': percentile(latenciesMs, 0.5), 'produce 2,000/s: p99 ms': percentile(latenciesMs, 0.99) };
}

/** In a topic of its own, which is gone afterwards: with the page cache full, the kernel's work hides the brokers'. */
async function measure(target: Target, seconds: number, topic: string): Promise<Figures> {
  await target.createTopic(topic, partitions);
  const figures = {
    ...(await fetchAnswers(target, seconds, 'fetch 17 KB', 17_000)),
    ...(await fetchAnswers(target, seconds, 'fetch 64 KB', 65_536)),
    ...(await fetchAnswers(target, seconds, 'fetch 1 MiB', 1 << 20)),
    ...(await produce(target, seconds, topic, 'produce 100 B, 1 a request', 100, 1)),
    ...(await produce(target, seconds, topic, 'produce 16 KB batches', 1000, 16)),
    ...(await produce(target, seconds, topic, 'produce 128 KB batches', 1000, 128)),
    ...(await latency(target, seconds, topic)),
    'loaded: RSS MB': figuresOf(target.processId).residentBytes / 1e6,
  };
  await target.deleteTopic(topic);
  return figures;
}

export const bench: Bench = {
  name: 'light',
  title: 'produce and fetch with a load generator that hardly costs anything (4 connections, acks=1)',
  inQuick: true,
  bars: {
    'idle: RSS MB': { atMost: 0.25 },
    'produce 100 B, 1 a request: CPU us/request': { atMost: 0.3 },
    'produce 16 KB batches: CPU s/GB': { atMost: 0.5 },
    'produce 128 KB batches: CPU s/GB': { atMost: 0.8 },
    'fetch 17 KB: CPU s/GB': { atMost: 0.5 },
    'fetch 64 KB: CPU s/GB': { atMost: 0.5 },
    'fetch 1 MiB: CPU s/GB': { atMost: 0.95 },
    'loaded: RSS MB': { atMost: 0.25 },
  },
  async open(side, { zookeeper, folder, isQuick, progress }) {
    const target = await startTarget(side, { port: await freePort(), zookeeper, folder });
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    const idle = { 'idle: RSS MB': figuresOf(target.processId).residentBytes / 1e6 };
    await fill(target);
    // A JVM compiles what it runs often: without this its figures are several times worse than they stay.
    const warmUps = side === 'ours' || isQuick ? 1 : 4;
    const seconds = isQuick ? 0.3 : 1.5;
    for (let count = 0; count < warmUps; count++) {
      progress(`warming up ${count + 1} of ${warmUps}`);
      await measure(target, seconds, `warm-${count}`);
    }
    return {
      round: async (number) => ({ ...idle, ...(await measure(target, seconds, `round-${number}`)) }),
      close: () => target.stop(),
    };
  },
};
