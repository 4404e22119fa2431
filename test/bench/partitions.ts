import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { createAdmin } from '../../src/client/index.ts';
import type { Admin } from '../../src/client/index.ts';
import { freePort, startOurBroker, startOurZooKeeper, temporaryFolder } from '../support/processes.ts';
import type { OurBroker } from '../support/processes.ts';
import { startSteadyWriter } from '../support/steady-writer.ts';
import { figuresOf } from './broker/process-figures.ts';

/**
 * Many partitions on three brokers: how long their creation, a broker's death and its return take, how long an event loop
 * stood still meanwhile, and what a replicated batch costs beside so many idle partitions.
 */
const ids = [1, 2, 3];
const monitor = path.join(import.meta.dirname, 'broker/loop-monitor.mjs');
const counts = process.argv.slice(2).map(Number);

interface Cluster {
  readonly bootstrap: string;
  readonly brokers: Map<number, OurBroker>;
  start(id: number): Promise<void>;
  /** The longest time that an event loop of a broker stood still since then, and without what it waited for a processor, in milliseconds. */
  longestStall(sinceMs: number): string;
  close(): Promise<void>;
}

async function startCluster(): Promise<Cluster> {
  const folder = temporaryFolder();
  const zookeeper = await startOurZooKeeper(folder);
  const ports = new Map<number, number>();
  for (const id of ids) ports.set(id, await freePort());
  const brokers = new Map<number, OurBroker>();
  const monitorFile = (id: number): string => path.join(folder, `loop-${id}.txt`);
  async function start(id: number): Promise<void> {
    const properties = { 'zookeeper.session.timeout.ms': 6000, 'min.insync.replicas': 2 };
    Object.assign(process.env, { NODE_OPTIONS: `--import ${monitor}`, LOOP_MONITOR_FILE: monitorFile(id) });
    const starting = startOurBroker({ id, zookeeper: `127.0.0.1:${zookeeper.port}`, folder, port: ports.get(id)!, properties });
    for (const name of ['NODE_OPTIONS', 'LOOP_MONITOR_FILE']) delete process.env[name]; // for this child alone
    brokers.set(id, await starting);
  }
  for (const id of ids) await start(id);
  return {
    bootstrap: Array.from(ports.values(), (port) => `127.0.0.1:${port}`).join(','),
    brokers,
    start,
    longestStall(sinceMs) {
      const lines = ids.flatMap((id) => fs.readFileSync(monitorFile(id), 'utf8').trim().split('\n'));
      const since = lines.map((line) => line.split(' ').map(Number)).filter(([atMs]) => atMs! >= sinceMs);
      return [1, 2].map((column) => Math.round(Math.max(...since.map((figures) => figures[column]!)))).join(' / ');
    },
    async close() {
      await Promise.all(Array.from(brokers.values(), (broker) => broker.stop('SIGKILL')));
      await zookeeper.stop('SIGKILL');
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Asks until all partitions of a topic are as wanted; returns the milliseconds since `sinceMs`. */
async function until(admin: Admin, topic: string, count: number, sinceMs: number, isSo: (leader: number, isr: readonly number[]) => boolean): Promise<number> {
  for (;;) {
    const [found] = await admin.describeTopics([topic]);
    if (found?.topic?.partitions.length === count && found.topic.partitions.every(({ leaderId, isr }) => isSo(leaderId, isr))) return Date.now() - sinceMs;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** CPU seconds of all brokers per thousand batches of one steady writer. */
async function costOfBatches(cluster: Cluster, topic: string): Promise<number> {
  const cpu = (): number => Array.from(cluster.brokers.values(), (broker) => figuresOf(broker.process.pid!).cpuSeconds).reduce((sum, seconds) => sum + seconds, 0);
  const writer = startSteadyWriter(cluster.bootstrap, topic, 'all');
  await writer.acknowledgedAgain();
  const idleBefore = cpu();
  const before = writer.acknowledged.length;
  await new Promise((resolve) => setTimeout(resolve, 8000));
  const [seconds, batches] = [cpu() - idleBefore, writer.acknowledged.length - before];
  await writer.stop();
  return (seconds * 1000) / batches;
}

const print = (cells: readonly (string | number)[]): void => void process.stdout.write(`| ${cells.join(' | ')} |\n`);
print(['partitions', 'created ms', 'stall / own ms', 'led again after the session ms', 'stall / own ms', 'ISR full after return ms', 'stall / own ms', 'CPU ms per replicated batch']);
print(['---:', '---:', '---:', '---:', '---:', '---:', '---:', '---:']);
for (const count of counts.length > 0 ? counts : [10, 100, 1000, 2000, 5000]) {
  const cluster = await startCluster();
  const admin = createAdmin({ bootstrapServers: cluster.bootstrap });
  try {
    const createdMs = Date.now();
    const outcomes = await admin.createTopics([{ name: 'many', partitions: count, replicationFactor: 3 }]);
    for (const { error } of outcomes) if (error !== undefined) throw error;
    const creation = await until(admin, 'many', count, createdMs, (leader, isr) => leader >= 0 && isr.length === 3);
    const creationStall = cluster.longestStall(createdMs);
    await admin.createTopics([{ name: 'steady', partitions: 1, replicationFactor: 3 }]);
    const cost = await costOfBatches(cluster, 'steady');
    await cluster.brokers.get(3)!.stop('SIGKILL');
    const killedMs = Date.now();
    const death = (await until(admin, 'many', count, killedMs, (leader) => leader >= 0 && leader !== 3)) - 6000;
    const deathStall = cluster.longestStall(killedMs);
    const returnedMs = Date.now();
    await cluster.start(3);
    const back = await until(admin, 'many', count, returnedMs, (_leader, isr) => isr.length === 3);
    print([count, creation, creationStall, death, deathStall, back, cluster.longestStall(returnedMs), cost.toFixed(2)]);
  } finally {
    await admin.close();
    await cluster.close();
  }
}
