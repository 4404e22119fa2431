import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { KafkaError } from '../../src/protocol/errors.ts';
import { createAdmin } from '../../src/client/index.ts';
import type { Admin } from '../../src/client/index.ts';
import { connectRequestClient } from '../../src/network/request-client.ts';
import { produceRequest, produceResponse } from '../../src/protocol/messages/produce.ts';
import { buildBatch } from '../../src/record/build.ts';
import { nodeClock } from '../../src/runtime/node-clock.ts';
import { nodeDisk } from '../../src/runtime/node-disk.ts';
import { createNodeNetwork } from '../../src/runtime/node-network.ts';
import { nodeRandom } from '../../src/runtime/node-random.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { startZooKeeperServer } from '../../src/zookeeper-server/server.ts';
import { freePort } from '../support/processes.ts';
import { checkProduceAnswer, percentile, produceFrame, runLoad } from './broker/load.ts';
import { figuresOf } from './broker/process-figures.ts';
import { startTarget } from './broker/targets.ts';
import type { Target } from './broker/targets.ts';

/**
 * What compaction costs: a topic of `--records` (5 M) over `--keys` (100 k) keys is cleaned while another topic takes 2,000
 * produce requests a second. Prints the broker's memory and the latency without and with it. `--real`: of Apache Kafka too.
 */
const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const records = option('records', 5_000_000);
const keys = option('keys', 100_000);
const recordsPerBatch = 1000;
const valueBytes = 100;
const ratePerSecond = 2000;
const baselineSeconds = 10;
const properties = { 'log.cleaner.backoff.ms': 500, 'log.segment.bytes': 64 * 1024 * 1024, 'log.cleaner.min.cleanable.ratio': 1, 'log.initial.task.delay.ms': 1000 };

async function fill(target: Target, topic: string): Promise<void> {
  const client = await connectRequestClient({ network: createNodeNetwork(), clock: nodeClock, host: '127.0.0.1', port: target.port, clientId: 'fill', connectTimeoutMs: 5000, negotiate: true });
  let next = 0;
  const sendAll = async (): Promise<void> => {
    while (next < records) {
      const first = next;
      next += recordsPerBatch;
      const batch = Array.from({ length: recordsPerBatch }, (_, index) => ({ key: Buffer.from(`key-${((first + index) * 7919) % keys}`), value: Buffer.alloc(valueBytes, first + index), timestamp: Date.now() }));
      const topicData = [{ name: topic, partitionData: [{ index: 0, records: buildBatch({}, batch) }] }];
      const answer = await client.send(produceRequest, produceResponse, 9, { acks: 1, timeoutMs: 30_000, topicData }, 60_000);
      const { errorCode } = answer.responses[0]!.partitionResponses[0]!;
      if (errorCode !== 0) throw new KafkaError('UNKNOWN_SERVER_ERROR', `produce was answered with error ${errorCode}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, sendAll));
  client.close();
}

async function latencies(target: Target, seconds: number): Promise<readonly number[]> {
  const load = { port: target.port, connections: 10, inFlight: 1, seconds, ratePerSecond, keepLatencies: true, frame: () => produceFrame('other', 0, 100, 1).frame, check: checkProduceAnswer };
  return (await runLoad(load)).latenciesMs;
}

function checkpointOf(folder: string): number {
  const file = path.join(folder, 'logs', 'cleaner-offset-checkpoint');
  const found = fs.existsSync(file) ? /^compacted 0 (\d+)$/m.exec(fs.readFileSync(file, 'utf8')) : null;
  return found === null ? 0 : Number(found[1]);
}

function logBytes(folder: string): number {
  const partition = path.join(folder, 'logs', 'compacted-0');
  return fs.readdirSync(partition).filter((name) => name.endsWith('.log')).reduce((sum, name) => sum + fs.statSync(path.join(partition, name)).size, 0);
}

async function startCleaning(admin: Admin): Promise<void> {
  const [outcome] = await admin.incrementalAlterConfigs([{ type: 'topic', name: 'compacted', changes: [{ name: 'min.cleanable.dirty.ratio', operation: 'set', value: '0.01' }] }]);
  if (outcome?.error !== undefined) throw outcome.error;
}

async function measure(name: Target['name'], zookeeper: string, parent: string): Promise<void> {
  const folder = path.join(parent, name.replaceAll(' ', '-'));
  const target = await startTarget(name, { port: await freePort(), zookeeper, folder, properties });
  const admin = createAdmin({ bootstrapServers: `127.0.0.1:${target.port}` });
  const print = (line: string): void => void process.stdout.write(`${name}: ${line}\n`);
  try {
    await admin.createTopics([{ name: 'compacted', partitions: 1, replicationFactor: 1, configs: { 'cleanup.policy': 'compact' } }, { name: 'other', partitions: 1, replicationFactor: 1 }]);
    await latencies(target, 3);
    await fill(target, 'compacted');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const idleMb = figuresOf(target.processId).residentBytes / 1e6;
    const before = await latencies(target, baselineSeconds);
    print(`filled with ${(logBytes(folder) / 1e6).toFixed(0)} MB, RSS ${idleMb.toFixed(0)} MB`);
    const startedMs = performance.now();
    const cpuBefore = figuresOf(target.processId).cpuSeconds;
    await startCleaning(admin);
    const during: number[] = [];
    let mostMb = 0;
    const sampler = setInterval(() => (mostMb = Math.max(mostMb, figuresOf(target.processId).residentBytes / 1e6)), 50);
    while (checkpointOf(folder) === 0 && performance.now() - startedMs < 300_000) during.push(...(await latencies(target, 0.5)));
    const tookSeconds = (performance.now() - startedMs) / 1000;
    clearInterval(sampler);
    const sorted = during.toSorted((one, other) => one - other);
    print(`cleaned up to ${checkpointOf(folder)} in ${tookSeconds.toFixed(1)} s, ${(figuresOf(target.processId).cpuSeconds - cpuBefore).toFixed(1)} s of CPU, to ${(logBytes(folder) / 1e6).toFixed(0)} MB, RSS at most ${mostMb.toFixed(0)} MB`);
    for (const share of [0.5, 0.99, 0.999]) {
      const [without, with_] = [percentile(before, share), percentile(sorted, share)];
      print(`produce p${share * 100}: ${without.toFixed(2)} ms without, ${with_.toFixed(2)} ms with, ratio ${(with_ / without).toFixed(2)}`);
    }
  } finally {
    await admin.close();
    await target.stop();
  }
}

const parent = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-compaction-'));
const zookeeper = await startZooKeeperServer({
  clock: nodeClock,
  random: nodeRandom,
  disk: nodeDisk,
  network: createNodeNetwork(),
  logger: silentLogger,
  dataDirectory: path.join(parent, 'zookeeper'),
  host: '127.0.0.1',
  port: 0,
  tickTimeMs: 2000,
  maxClientConnections: 0,
});
try {
  await measure('ours', `127.0.0.1:${zookeeper.port}/ours`, parent);
  if (process.argv.includes('--real')) await measure('Kafka 3.9.1', `127.0.0.1:${zookeeper.port}/real`, parent);
} finally {
  await zookeeper.stop();
  fs.rmSync(parent, { recursive: true, force: true });
}
