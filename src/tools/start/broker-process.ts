import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** A broker as a process of its own; what it logs goes to a file in its folder. */
export interface BrokerProcess {
  readonly id: number;
  readonly logFile: string;
  /** Resolves when it serves; rejects with its last words when it ends before. */
  readonly ready: Promise<void>;
  readonly ended: Promise<BrokerEnd>;
  stop(): Promise<void>;
}

export interface BrokerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export function startBrokerProcess(id: number, folder: string, propertiesText: string): BrokerProcess {
  fs.mkdirSync(folder, { recursive: true });
  const propertiesFile = path.join(folder, 'server.properties');
  const logFile = path.join(folder, 'server.log');
  fs.writeFileSync(propertiesFile, propertiesText);
  const log = fs.openSync(logFile, 'a');
  const logStart = fs.fstatSync(log).size;
  const child = spawn(process.execPath, [path.join(__dirname, 'kafka-server-start.cjs'), propertiesFile], {
    // A process group of its own: Ctrl-C reaches the launcher alone, which stops the brokers before ZooKeeper.
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  fs.closeSync(log);
  const ended = new Promise<BrokerEnd>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  return {
    id,
    logFile,
    ended,
    ready: Promise.race([readyMessage(child), ended.then((end) => Promise.reject(new Error(lastWords(logFile, logStart, end))))]),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

function readyMessage(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('message', () => resolve()));
}

/** Why a broker ended, from the last error in its log. */
function lastWords(logFile: string, logStart: number, end: BrokerEnd): string {
  const lines = fs.readFileSync(logFile).subarray(logStart).toString().split('\n');
  const found = lines.findLast((line) => / (ERROR|FATAL) /.test(line)) ?? lines.findLast((line) => line.trim() !== '');
  return found?.replace(/^\[[^\]]*\] /, '') ?? describeEnd(end);
}

export function describeEnd(end: BrokerEnd): string {
  return end.signal === null ? `ended with exit code ${end.code}` : `was killed by ${end.signal}`;
}
