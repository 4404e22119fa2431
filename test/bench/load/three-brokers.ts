import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { startRealZooKeeper } from '../../interop/real-kafka.ts';
import { freePort } from '../../support/processes.ts';
import type { SideName } from '../bench.ts';
import { endsWithUs } from './ends-with-us.ts';
import { startOneBroker } from './one-broker.ts';

/** Three brokers and their ZooKeeper, started together as a user starts them. */
export interface ThreeBrokers {
  readonly processIds: readonly number[];
  stop(): Promise<void>;
}

const root = path.join(import.meta.dirname, '../../..');
/** Brokers that start with their ZooKeeper wait for it. */
const patience = { 'zookeeper.connection.timeout.ms': 90_000 };

/** @param ports of ZooKeeper and of the first broker; the others take the next ones */
export function startThree(side: SideName, folder: string, ports: { readonly zookeeper: number; readonly first: number }): Promise<ThreeBrokers> {
  return side === 'ours' ? startOurs(folder, ports.zookeeper, ports.first) : startKafka(folder, ports.zookeeper, ports.first);
}

async function startOurs(folder: string, zookeeperPort: number, port: number): Promise<ThreeBrokers> {
  const args = ['--data', path.join(folder, 'data'), '--port', String(port), '--zookeeper-port', String(zookeeperPort)];
  const launcher = spawn(process.execPath, [path.join(root, 'dist/tools/ottla-start.cjs'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  endsWithUs(launcher); // and the brokers with it
  const ended = new Promise<void>((resolve) => launcher.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let output = '';
    launcher.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Data is kept in')) resolve();
    });
    void ended.then(() => reject(new Error(`ottla-start ended:\n${output}`)));
  });
  return {
    processIds: [launcher.pid!, ...childrenOf(launcher.pid!)],
    async stop() {
      launcher.kill('SIGTERM');
      await ended;
    },
  };
}

const childrenOf = (processId: number): number[] => fs.readFileSync(`/proc/${processId}/task/${processId}/children`, 'latin1').trim().split(' ').map(Number);

async function startKafka(folder: string, zookeeperPort: number, port: number): Promise<ThreeBrokers> {
  const starting = [1, 2, 3].map((id) => startOneBroker('Kafka 3.9.1', { id, port: port + id - 1, zookeeper: `127.0.0.1:${zookeeperPort}`, folder, properties: patience }));
  const [zookeeper, ...brokers] = await Promise.all([startRealZooKeeper({ port: zookeeperPort, folder: path.join(folder, 'zookeeper') }), ...starting]);
  return {
    processIds: [zookeeper.process.pid!, ...brokers.map(({ processId }) => processId)],
    async stop() {
      await Promise.all(brokers.map((broker) => broker.stop('SIGKILL')));
      await zookeeper.stop('SIGKILL');
    },
  };
}

/** Ports for ZooKeeper and three brokers in a row. */
export async function portsForThree(): Promise<{ readonly zookeeper: number; readonly first: number }> {
  return { zookeeper: await freePort(), first: await freePort() };
}
