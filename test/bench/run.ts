import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { nodeClock } from '../../src/runtime/node-clock.ts';
import { nodeDisk } from '../../src/runtime/node-disk.ts';
import { createNodeNetwork } from '../../src/runtime/node-network.ts';
import { nodeRandom } from '../../src/runtime/node-random.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { startZooKeeperServer } from '../../src/zookeeper-server/server.ts';
import { freePort } from '../support/processes.ts';
import { checkProduceAnswer, fetchFrame, percentile, produceFrame, runLoad } from './broker/load.ts';
import { figuresOf } from './broker/process-figures.ts';
import { option, printMedians, targetNames } from './broker/rounds.ts';
import type { Figures } from './broker/rounds.ts';
import { startTarget } from './broker/targets.ts';
import type { Target } from './broker/targets.ts';

/**
 * Our broker beside Apache Kafka 3.9.1 on this machine: in turns, round by round, with the same load generator. Prints
 * medians and ratios (ours / Kafka's). `--rounds N`, `--seconds S`; without Java, ours alone. Timings decide no test.
 */
const partitions = 6;
const rounds = option('rounds', 3);
const seconds = option('seconds', 2);
const gigabyte = 1e9;

async function measured(target: Target, run: () => ReturnType<typeof runLoad>): Promise<{ cpuSeconds: number; result: Awaited<ReturnType<typeof runLoad>> }> {
  const before = figuresOf(target.processId).cpuSeconds;
  const result = await run();
  return { cpuSeconds: figuresOf(target.processId).cpuSeconds - before, result };
}

async function produce(target: Target, topic: string, name: string, recordBytes: number, recordsPerBatch: number, inFlight: number): Promise<Figures> {
  const { payloadBytes } = produceFrame(topic, 0, recordBytes, recordsPerBatch);
  const load = {
    port: target.port,
    connections: 4,
    inFlight,
    seconds,
    payloadBytes,
    frame: (connection: number) => produceFrame(topic, connection % partitions, recordBytes, recordsPerBatch).frame,
    check: checkProduceAnswer,
  };
  const { cpuSeconds, result } = await measured(target, () => runLoad(load));
  return {
    [`${name}: records/s`]: (result.requests * recordsPerBatch) / result.seconds,
    [`${name}: CPU s/GB`]: cpuSeconds / (result.bytes / gigabyte),
    [`${name}: CPU us/request`]: (cpuSeconds * 1e6) / result.requests,
  };
}

async function fetchAnswers(target: Target, topic: string, name: string, bytesMax: number): Promise<Figures> {
  const load = {
    port: target.port,
    connections: 4,
    inFlight: 1,
    seconds,
    frame: (connection: number) => fetchFrame(topic, connection % partitions, 0, bytesMax),
    check: (answer: Buffer) => {
      if (answer.length < bytesMax / 2) throw new Error(`a fetch was answered with ${answer.length} bytes only`);
    },
  };
  const { cpuSeconds, result } = await measured(target, () => runLoad(load));
  return { [`${name}: MB/s`]: result.bytes / result.seconds / 1e6, [`${name}: CPU s/GB`]: cpuSeconds / (result.bytes / gigabyte) };
}

async function latency(target: Target, topic: string): Promise<Figures> {
  const result = await runLoad({
    port: target.port,
    connections: 10,
    inFlight: 1,
    seconds,
    ratePerSecond: 2000,
    keepLatencies: true,
    frame: (connection) => produceFrame(topic, connection % partitions, 100, 1).frame,
    check: checkProduceAnswer,
  });
  return { 'produce 2,000/s: p50 ms': percentile(result.latenciesMs, 0.5), 'produce 2,000/s: p99 ms': percentile(result.latenciesMs, 0.99) };
}

async function measure(target: Target, topic: string): Promise<Figures> {
  return {
    ...(await produce(target, topic, 'produce 100 B, 1 a request', 100, 1, 5)),
    ...(await produce(target, topic, 'produce 16 KB batches', 1000, 16, 5)),
    ...(await produce(target, topic, 'produce 128 KB batches', 1000, 128, 5)),
    ...(await fetchAnswers(target, topic, 'fetch 17 KB', 17_000)),
    ...(await fetchAnswers(target, topic, 'fetch 64 KB', 65_536)),
    ...(await fetchAnswers(target, topic, 'fetch 1 MiB', 1 << 20)),
    ...(await latency(target, topic)),
    'loaded: RSS MB': figuresOf(target.processId).residentBytes / 1e6,
  };
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-bench-'));
const names = targetNames();
const zookeeper = await startZooKeeperServer({
  clock: nodeClock,
  random: nodeRandom,
  disk: nodeDisk,
  network: createNodeNetwork(),
  logger: silentLogger,
  dataDirectory: path.join(folder, 'zookeeper'),
  host: '127.0.0.1',
  port: 0,
  tickTimeMs: 2000,
  maxClientConnections: 0,
});
try {
  const targets: Target[] = [];
  const start: Record<string, Figures> = {};
  for (const [index, name] of names.entries()) {
    const target = await startTarget(name, { port: await freePort(), zookeeper: `127.0.0.1:${zookeeper.port}/${index}`, folder: path.join(folder, String(index)) });
    targets.push(target);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    start[name] = { 'start to first answer: ms': target.startMs, 'idle: RSS MB': figuresOf(target.processId).residentBytes / 1e6 };
    await target.createTopic('warm', partitions);
  }
  // A JVM compiles what it runs often: without this its figures are several times worse than they stay.
  for (const target of targets) for (let count = 0; count < (target.name === 'ours' ? 1 : 4); count++) await measure(target, 'warm');
  const all = new Map<Target['name'], Figures[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) {
      const topic = `round-${round}`;
      await target.createTopic(topic, partitions);
      all.get(target.name)!.push({ ...start[target.name], ...(await measure(target, topic)) });
    }
  }
  printMedians(all);
  for (const target of targets) await target.stop();
} finally {
  await zookeeper.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
