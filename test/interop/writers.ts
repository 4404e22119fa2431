import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect } from 'chai';
import { runCommand } from '../support/processes.ts';
import type { SteadyWriter } from '../support/steady-writer.ts';
import { kcat, python } from './requirements.ts';

/** What a writer of three partitions was told. */
export interface PythonResult {
  readonly sent: number;
  readonly acknowledged: readonly (readonly [value: string, partition: number, offset: number])[];
  readonly failures: readonly string[];
}

/** An idempotent producer that nobody here wrote; `stop` resolves with what was acknowledged. */
export function startConfluentWriter(bootstrap: string, topic: string): { stop(): Promise<PythonResult> } {
  const child = spawn(python(), [path.join(import.meta.dirname, 'scripts/confluent_kafka_steady_writer.py'), bootstrap, topic], { stdio: ['pipe', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    async stop() {
      child.stdin.end();
      await ended;
      return JSON.parse(Buffer.concat(chunks).toString()) as PythonResult;
    },
  };
}

/** By offset, the value of every record of a partition. */
export async function readPartition(bootstrap: string, topic: string, partition: number): Promise<ReadonlyMap<number, string>> {
  const { status, stdout, stderr } = await runCommand(kcat(), ['-C', '-b', bootstrap, '-t', topic, '-p', String(partition), '-o', 'beginning', '-e', '-q', '-f', '%o %s\n']);
  expect(status, stderr).to.equal(0);
  return new Map(stdout.split('\n').slice(0, -1).map((line) => [Number(line.slice(0, line.indexOf(' '))), line.slice(line.indexOf(' ') + 1)]));
}

/** Nothing was given up, and every acknowledged record is where it was acknowledged, in order. */
export async function expectAllKept(bootstrap: string, topic: string, writer: SteadyWriter): Promise<void> {
  expect(writer.failures).to.deep.equal([]);
  const stored = await readPartition(bootstrap, topic, 0);
  expect(writer.acknowledged.filter(({ number, offset }) => stored.get(offset) !== `steady-${number}`), 'acknowledged, yet not where it was acknowledged').to.deep.equal([]);
  const offsets = writer.acknowledged.toSorted((a, b) => a.number - b.number).map(({ offset }) => offset);
  expect(offsets, 'in order').to.deep.equal(offsets.toSorted((a, b) => a - b));
}

/** The idempotent writer's records are all there, once each and in order. */
export async function expectAllOnce(bootstrap: string, topic: string, written: PythonResult): Promise<void> {
  expect(written.failures).to.deep.equal([]);
  expect(written.acknowledged).to.have.lengthOf(written.sent);
  const all = await Promise.all([0, 1, 2].map((partition) => readPartition(bootstrap, topic, partition)));
  expect(written.acknowledged.filter(([value, partition, offset]) => all[partition]!.get(offset) !== value)).to.deep.equal([]);
  for (const partition of all) {
    const numbers = Array.from(partition.values(), (value) => Number(value.slice('confluent-'.length)));
    expect(numbers, 'once each, in order').to.deep.equal(Array.from(new Set(numbers)).toSorted((a, b) => a - b));
  }
}
