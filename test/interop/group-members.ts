import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { nodeClientsFolder, python } from './requirements.ts';

export type Library = 'kafka-python' | 'confluent-kafka' | 'kafkajs';

/** A member of a group: a process of a client that nobody here wrote, which commits each record that it reads. */
export interface GroupMember {
  readonly process: ChildProcess;
  readonly library: Library;
  /** Partitions as it was last told; empty while it has none. */
  assigned(): readonly number[];
  /** What it read, as `partition:offset`, in order. */
  readonly read: readonly string[];
  /** What it read last of each partition is committed. */
  readonly hasCommitted: boolean;
  readonly hasLeft: boolean;
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

export function startMember(library: Library, bootstrap: string, group: string, topic: string, ledger: Ledger = { committed: new Set(), readAgain: [] }): GroupMember {
  const [command, args] = library === 'kafkajs' ? [process.execPath, [path.join(scripts, 'group_member.cjs'), nodeClientsFolder()]] : [python(), [path.join(scripts, 'group_member.py'), library]];
  const child = spawn(command, [...args, bootstrap, group, topic], { stdio: ['ignore', 'pipe', 'pipe'] });
  const read: string[] = [];
  let assigned: number[] = [];
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
      if (told !== undefined) assigned = told === '' ? [] : told.split(',').map(Number);
      else if (/^\d+:\d+$/.test(line)) {
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
    read,
    get hasCommitted() {
      return [...lastRead.values()].every((record) => ledger.committed.has(record));
    },
    get hasLeft() {
      return hasLeft;
    },
    output: () => output,
  };
}
