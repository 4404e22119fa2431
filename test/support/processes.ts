import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** Our servers as users run them: built, a process each, on free ports of 127.0.0.1. */
const root = path.join(import.meta.dirname, '../..');

export interface OurProcess {
  readonly process: ChildProcess;
  /** Everything it has printed so far. */
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface OurBroker extends OurProcess {
  readonly id: number;
  readonly port: number;
  readonly logDirectory: string;
}

export interface OurZooKeeper extends OurProcess {
  readonly port: number;
}

export const temporaryFolder = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-interop-'));

function run(tool: string, args: readonly string[]): OurProcess {
  const child = spawn(process.execPath, [path.join(root, 'dist/tools', `${tool}.cjs`), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    process: child,
    output: () => output,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}

/** Resolves when the process has printed what it prints when it serves. */
async function printed(server: OurProcess, pattern: RegExp): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      server.process.kill('SIGKILL');
      reject(new Error(`not ready within 60 s:\n${server.output()}`));
    }, 60_000);
    const look = (): void => {
      if (!pattern.test(server.output())) return;
      clearTimeout(timer);
      resolve();
    };
    server.process.stdout!.on('data', look);
    server.process.stderr!.on('data', look);
    server.process.once('close', (code) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${code} before it was ready:\n${server.output()}`));
    });
    look();
  });
}

function writeProperties(file: string, properties: Readonly<Record<string, string | number>>): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join(''));
}

export async function startOurZooKeeper(folder: string, wantedPort?: number): Promise<OurZooKeeper> {
  const port = wantedPort ?? (await freePort());
  const file = path.join(folder, 'zookeeper.properties');
  writeProperties(file, { dataDir: path.join(folder, 'zookeeper'), clientPort: port, clientPortAddress: '127.0.0.1', tickTime: 500, maxClientCnxns: 0, '4lw.commands.whitelist': '*' });
  const server = run('zookeeper-server-start', [file]);
  await printed(server, /binding to port|ready|listening/i);
  return { ...server, port };
}

export async function startOurBroker(options: {
  readonly id: number;
  readonly zookeeper: string;
  readonly folder: string;
  readonly port?: number;
  readonly properties?: Readonly<Record<string, string | number>>;
}): Promise<OurBroker> {
  const { id, zookeeper, folder, properties = {} } = options;
  const port = options.port ?? (await freePort());
  const logDirectory = path.join(folder, `broker-${id}`, 'logs');
  const file = path.join(folder, `broker-${id}`, 'server.properties');
  writeProperties(file, {
    'broker.id': id,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': logDirectory,
    'zookeeper.connect': zookeeper,
    'zookeeper.session.timeout.ms': 2000,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    ...properties,
  });
  const server = run('kafka-server-start', [file]);
  await printed(server, /started \(kafka\.server\.KafkaServer\)|\[KafkaServer id=\d+\] started/);
  return { ...server, id, port, logDirectory };
}

export interface ToolRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of our command-line tools, or any other command, to its end. */
export function runCommand(command: string, args: readonly string[], options: { readonly input?: string | Buffer; readonly timeoutMs?: number; readonly env?: NodeJS.ProcessEnv } = {}): Promise<ToolRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...(options.env === undefined ? {} : { env: options.env }) });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 120_000);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ status: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
    child.stdin.on('error', () => undefined); // the command may end before it has read everything
    child.stdin.end(options.input ?? '');
  });
}

export const runTool = (tool: string, args: readonly string[], options?: { readonly input?: string | Buffer; readonly timeoutMs?: number }): Promise<ToolRun> =>
  runCommand(process.execPath, [path.join(root, 'dist/tools', `${tool}.cjs`), ...args], options);

/** Systems take the ports of outgoing connections from above: there a port that was free a moment ago may be somebody's. */
const ports = { first: 15_000, last: 32_000 } as const;

/** A port that is free at this moment, and that no outgoing connection will take. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ports.first, ports.last);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
