import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { freePort } from '../../support/processes.ts';
import { fourLetterWord, startRealZooKeeper } from '../../interop/real-kafka.ts';

/** A ZooKeeper server under measurement, a process of its own with a data folder of its own. Both wait for the disk before they answer. */
export interface MeasuredServer {
  readonly processId: number;
  readonly port: number;
  stop(): Promise<void>;
}

const root = path.join(import.meta.dirname, '../../..');
const startMaxMs = 60_000;
const askAgainMs = 20;

export async function startApache(folder: string): Promise<MeasuredServer> {
  const port = await freePort();
  const { process: child, stop } = await startRealZooKeeper({ port, folder });
  return { processId: child.pid!, port, stop: () => stop() };
}

export async function startOurs(folder: string): Promise<MeasuredServer> {
  const port = await freePort();
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'zookeeper.properties');
  const properties = { dataDir: folder, clientPort: port, clientPortAddress: '127.0.0.1', maxClientCnxns: 0, tickTime: 500 };
  fs.writeFileSync(file, Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join(''));
  const child = spawn(process.execPath, [path.join(root, 'dist/tools/zookeeper-server-start.cjs'), file], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (const deadline = performance.now() + startMaxMs; !(await fourLetterWord(port, 'srvr')).includes('Mode: standalone'); ) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error('our ZooKeeper server did not start; is dist built?');
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
  return {
    processId: child.pid!,
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
