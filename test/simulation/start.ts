import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { bundle } from './bundle.ts';

/** `npm run simulate`: `run.ts`, compiled once; with room for what dies young, most of which are messages. */
const folder = mkdtempSync(path.join(os.tmpdir(), 'ottla-simulator-'));
const program = path.join(folder, 'run.mjs');
try {
  await bundle('test/simulation/run.ts', program);
  const child = spawn(process.execPath, ['--max-semi-space-size=64', '--enable-source-maps', program, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.on('SIGINT', () => child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
