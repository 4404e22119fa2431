import { spawn } from 'node:child_process';
import path from 'node:path';

export interface OurServer {
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts serve.ts; resolves when it listens. */
export async function startOurs(port: number, folder: string): Promise<OurServer> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, 'serve.ts'), String(port), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('close', (code) => reject(new Error(`our ZooKeeper server ended with ${code}`)));
  });
  return {
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}
