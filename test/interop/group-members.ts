import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { javaProgram } from './real-kafka.ts';
import { goClients, nodeClientsFolder, python } from './requirements.ts';

export const libraries = ['kafka-python', 'confluent-kafka', 'kafkajs', 'franz-go', 'sarama', 'java'] as const;
export type Library = (typeof libraries)[number];

/** A member of a group: a process of a client that nobody here wrote, which commits each record that it reads. */
export interface GroupMember {
  readonly process: ChildProcess;
  readonly library: Library;
  /** Partitions as it was last told; empty while it has none. */
  assigned(): readonly number[];
  /** How often it was told. */
  readonly assignments: number;
  /** What it read, as `partition:offset`, in order. */
  readonly read: readonly string[];
  /** What it read last of each partition is committed. */
  readonly hasCommitted: boolean;
  readonly hasLeft: boolean;
  /** Ends it at once, and waits for the end. */
  kill(): Promise<void>;
  /** All that it printed, for the reader of a failed test. */
  output(): string;
}

/** What a group has done so far, whoever of it did it. */
export interface Ledger {
  /** `partition:offset` of records up to which the group has committed. */
  readonly committed: Set<string>;
  /** Records that were read again although the group had committed them. */
  readonly readAgain: string[];
}

const scripts = path.join(import.meta.dirname, 'scripts');

function commandOf(library: Library, args: readonly string[]): [command: string, args: readonly string[]] {
  switch (library) {
    case 'kafkajs':
      return [process.execPath, [path.join(scripts, 'group_member.cjs'), nodeClientsFolder(), ...args]];
    case 'franz-go':
    case 'sarama':
      return [goClients(), ['member', library, ...args]];
    case 'java':
      return ['java', javaProgram('GroupMember', args)];
    default:
      return [python(), [path.join(scripts, 'group_member.py'), library, ...args]];
  }
}

/** @param instance makes it a static member; kafkajs has none. */
export function startMember(library: Library, bootstrap: string, group: string, topic: string, options: { readonly ledger?: Ledger; readonly instance?: string | undefined } = {}): GroupMember {
  const { ledger = { committed: new Set(), readAgain: [] }, instance } = options;
  const [command, args] = commandOf(library, [bootstrap, group, topic, ...(instance === undefined ? [] : [instance])]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const read: string[] = [];
  let assigned: number[] = [];
  let assignments = 0;
  const lastRead = new Map<string, string>();
  let hasLeft = false;
  let output = '';
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const told = /^assigned ?(.*)$/.exec(line)?.[1];
      if (told !== undefined) {
        assigned = told === '' ? [] : told.split(',').map(Number);
        assignments++;
      } else if (/^\d+:\d+$/.test(line)) {
        read.push(line);
        lastRead.set(line.split(':')[0]!, line);
        if (ledger.committed.has(line)) ledger.readAgain.push(line);
      } else if (line.startsWith('committed ')) ledger.committed.add(line.slice('committed '.length));
      else if (line === 'left') hasLeft = true;
    }
  });
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    process: child,
    library,
    assigned: () => assigned,
    get assignments() {
      return assignments;
    },
    read,
    get hasCommitted() {
      return [...lastRead.values()].every((record) => ledger.committed.has(record));
    },
    get hasLeft() {
      return hasLeft;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    output: () => output,
  };
}
