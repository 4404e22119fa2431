import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { KafkaError } from '../../src/client/index.ts';
import type { Admin } from '../../src/client/index.ts';
import { javaProgram } from './real-kafka.ts';
import { goClients, python } from './requirements.ts';

export const copierClients = ['librdkafka', 'java', 'franz-go', 'ottla'] as const;
export type CopierClient = (typeof copierClients)[number];

/** An application that reads, works and writes in transactions until it is stopped; one that ends by itself is started again. */
export interface Application {
  readonly name: string;
  /** Group of consumers with which it commits what it has read; also its transactional id, but for Kafka Streams. */
  readonly group: string;
  readonly output: string;
  /** Transactions that it told of. */
  readonly committed: number;
  readonly aborted: number;
  /** What it said last before each time that it ended by itself. */
  readonly lastWords: readonly string[];
  /** Kills it and starts it again. */
  restart(): Promise<void>;
  /** Kills it for good. */
  stop(): Promise<void>;
  /** The end of what it printed, for the reader of a failed test. */
  tail(): string;
}

/** As a supervisor would: some clients end again and again while their coordinator is away. */
const restartPauseMs = 500;
const endsAtMost = 100;
const tailLength = 1500;
const scripts = path.join(import.meta.dirname, 'scripts');

function commandOf(client: CopierClient, args: readonly string[]): [command: string, args: readonly string[]] {
  switch (client) {
    case 'librdkafka':
      return [python(), [path.join(scripts, 'transactional_copier.py'), ...args]];
    case 'java':
      return ['java', javaProgram('TransactionalCopier', args)];
    case 'franz-go':
      return [goClients(), ['copier', ...args]];
    case 'ottla':
      return [process.execPath, [path.join(scripts, 'transactional_copier.mjs'), ...args]];
  }
}

/** Records of the topic that an application is done with: its group's committed offsets. 0 also while nobody coordinates the group. */
export async function recordsDone(admin: Admin, { group }: Application, input: string): Promise<number> {
  try {
    const offsets = await admin.listConsumerGroupOffsets(group);
    return offsets.filter(({ topic }) => topic === input).reduce((sum, { offset }) => sum + Math.max(0, offset), 0);
  } catch (error) {
    if (error instanceof KafkaError) return 0;
    throw error;
  }
}

/** Copies a topic to another, partition by partition, in transactions of 1 to `most` records; one in ten is aborted and done again. */
export const startCopier = (client: CopierClient, bootstrap: string, input: string, output: string, most = 2000): Application =>
  startApplication(client, `${client}-${output}`, output, ...commandOf(client, [bootstrap, input, output, String(most)]));

/** Kafka Streams' word count, with exactly_once_v2. */
export const startWordCount = (bootstrap: string, input: string, output: string, stateFolder: string): Application =>
  startApplication('streams', `streams-${output}`, output, 'java', javaProgram('WordCount', [bootstrap, input, output, stateFolder]));

function startApplication(name: string, group: string, output: string, command: string, args: readonly string[]): Application {
  const outcomes = { committed: 0, aborted: 0 };
  let tail = '';
  const lastWords: string[] = [];
  let isWanted = true;
  let running: ChildProcess;
  let ended: Promise<void>;

  function start(): void {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const print = (text: string): void => {
      tail = (tail + text).slice(-tailLength);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      for (const [, outcome] of chunk.toString().matchAll(/^(committed|aborted) \d+$/gm)) outcomes[outcome as 'committed' | 'aborted']++;
      print(chunk.toString());
    });
    child.stderr.on('data', (chunk: Buffer) => print(chunk.toString()));
    running = child;
    ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve();
        if (child.killed || !isWanted || running !== child) return;
        lastWords.push(`${signal ?? `status ${code}`}: ${tail.trimEnd().split('\n').at(-1)}`);
        print(`ended with ${signal ?? code}\n`);
        if (lastWords.length > endsAtMost) return;
        setTimeout(() => {
          if (isWanted && running === child) start();
        }, restartPauseMs);
      });
    });
  }

  async function kill(): Promise<void> {
    running.kill('SIGKILL');
    await ended;
  }

  start();
  return {
    name,
    group,
    output,
    get committed() {
      return outcomes.committed;
    },
    get aborted() {
      return outcomes.aborted;
    },
    lastWords,
    async restart() {
      await kill();
      start();
    },
    async stop() {
      isWanted = false;
      await kill();
    },
    tail: () => tail,
  };
}
