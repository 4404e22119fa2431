import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { kcat } from '../../interop/requirements.ts';
import { runCommand } from '../../support/processes.ts';
import { Unavailable } from '../bench.ts';
import type { Consumed, Received } from './consume-bench.ts';
import type { Produced } from './java-tools.ts';
import type { ProducerRun } from './perf-lines.ts';

/** A loop in C around the librdkafka that kcat brings along. */
const source = path.join(import.meta.dirname, '../scripts/librdkafka_load.c');
const timeoutMs = 300_000;

/** @returns the compiled program. @throws {Unavailable} naming what is missing */
function librdkafkaLoad(): string {
  const name = `ottla-librdkafka-load-${createHash('sha256').update(fs.readFileSync(source)).digest('hex').slice(0, 16)}`;
  const executable = path.join(os.tmpdir(), name);
  if (fs.existsSync(executable)) return executable;
  try {
    kcat();
    execFileSync('gcc', ['-O2', '-o', `${executable}-${process.pid}`, source, '-l:librdkafka.so.1'], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw new Unavailable(`kcat's librdkafka and gcc are needed: ${(error as Error).message.split('\n')[0]}`);
  }
  fs.renameSync(`${executable}-${process.pid}`, executable);
  return executable;
}

/** @throws {Error} when a record was not acknowledged */
export async function librdkafkaProduce({ bootstrap, topic, records, payloads, properties }: Produced): Promise<ProducerRun> {
  const [acknowledged, seconds, p50Ms, p95Ms, p99Ms, p999Ms] = await numbers(['produce', topic, String(records), payloads], bootstrap, properties);
  return { records: acknowledged!, recordsPerSecond: acknowledged! / seconds!, p50Ms: p50Ms!, p95Ms: p95Ms!, p99Ms: p99Ms!, p999Ms: p999Ms! };
}

/** Reads from the first offset on, as the only member of a new group; counts the time from the first records on. */
export async function librdkafkaConsume({ bootstrap, topic, records, group }: Consumed): Promise<Received> {
  const properties = { 'group.id': group, 'auto.offset.reset': 'earliest', 'enable.auto.commit': 'false' };
  const [received, seconds] = await numbers(['consume', topic, String(records)], bootstrap, properties);
  return { records: received!, recordsPerSecond: received! / seconds! };
}

async function numbers(args: readonly string[], bootstrap: string, properties: Readonly<Record<string, string | number>>): Promise<readonly number[]> {
  const pairs = Object.entries({ 'bootstrap.servers': bootstrap, ...properties }).map(([name, value]) => `${name}=${value}`);
  const { status, stdout, stderr } = await runCommand(librdkafkaLoad(), [...args, ...pairs], { timeoutMs });
  if (status !== 0) throw new Error(`librdkafka's loop ended with ${status}: ${stderr}`);
  return stdout.trim().split(' ').map(Number);
}
