import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { createAdmin } from '../../../src/client/index.ts';
import type { Admin } from '../../../src/client/index.ts';
import { freePort, startOurBroker, startOurZooKeeper, temporaryFolder } from '../../support/processes.ts';
import type { OurBroker } from '../../support/processes.ts';
import { percentile } from './load.ts';

const monitor = path.join(import.meta.dirname, 'loop-monitor.mjs');

/** How late the event loop was, in milliseconds. */
export interface Delays {
  readonly p99: number;
  readonly max: number;
  /** The longest without what the thread only waited for a processor. */
  readonly ownMax: number;
}

/** One broker as a process, with its ZooKeeper, whose event loop is watched. */
export interface MonitoredBroker {
  readonly broker: OurBroker;
  readonly port: number;
  readonly admin: Admin;
  delaysSince(sinceMs: number): Delays;
  /** Starts it again after its death; `startedMs` is the wall clock before. */
  restart(properties?: Readonly<Record<string, string | number>>): Promise<void>;
  close(): Promise<void>;
}

export async function startMonitoredBroker(properties: Readonly<Record<string, string | number>>): Promise<MonitoredBroker> {
  const folder = temporaryFolder();
  const file = path.join(folder, 'loop.txt');
  const zookeeper = await startOurZooKeeper(folder);
  const port = await freePort();

  async function start(more: Readonly<Record<string, string | number>>): Promise<OurBroker> {
    Object.assign(process.env, { NODE_OPTIONS: `--import ${monitor}`, LOOP_MONITOR_FILE: file });
    const starting = startOurBroker({ id: 1, zookeeper: `127.0.0.1:${zookeeper.port}`, folder, port, properties: { 'zookeeper.session.timeout.ms': 6000, ...properties, ...more } });
    for (const name of ['NODE_OPTIONS', 'LOOP_MONITOR_FILE']) delete process.env[name]; // for this child alone
    return starting;
  }

  let broker = await start({});
  const admin = createAdmin({ bootstrapServers: `127.0.0.1:${port}`, defaultApiTimeoutMs: 120_000, requestTimeoutMs: 60_000 });
  return {
    get broker() {
      return broker;
    },
    port,
    admin,
    delaysSince(sinceMs) {
      const lines = fs.readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split(' ')).filter(([atMs]) => Number(atMs) >= sinceMs);
      const ticks = lines.flatMap((line) => (line[3] ?? '').split(',').map(Number)).sort((one, other) => one - other);
      const longest = (column: number): number => Math.max(0, ...lines.map((line) => Number(line[column])));
      return { p99: percentile(ticks, 0.99), max: longest(1), ownMax: longest(2) };
    },
    async restart(more = {}) {
      broker = await start(more);
    },
    async close() {
      await admin.close();
      await broker.stop('SIGKILL');
      await zookeeper.stop('SIGKILL');
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
