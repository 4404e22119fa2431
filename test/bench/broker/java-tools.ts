import { asShipped, javaArguments, javaClasses, kafkaHome } from '../../interop/real-kafka.ts';
import { runCommand } from '../../support/processes.ts';
import { Unavailable } from '../bench.ts';
import type { Consumed, Received } from './consume-bench.ts';
import { parseConsumerRun, parseProducerRun } from './perf-lines.ts';
import type { ProducerRun } from './perf-lines.ts';

/** Kafka's own tools for performance, from release 3.9.1, as unmodified clients of either side. */
const heap = '512m';
const timeoutMs = 300_000;

export interface Produced {
  readonly bootstrap: string;
  readonly topic: string;
  readonly records: number;
  /** A file of lines, each one record's value. */
  readonly payloads: string;
  /** Of the producer. */
  readonly properties: Readonly<Record<string, string | number>>;
  /** More of the tool's options. */
  readonly options?: readonly string[];
}

/** @throws {Error} when a record was not acknowledged */
export async function producerPerformance({ bootstrap, topic, records, payloads, properties, options = [] }: Produced): Promise<ProducerRun> {
  const producer = Object.entries({ 'bootstrap.servers': bootstrap, ...properties }).map(([name, value]) => `${name}=${value}`);
  const args = ['--topic', topic, '--num-records', String(records), '--throughput', '-1', '--payload-file', payloads, ...options, '--producer-props', ...producer];
  const { stdout, stderr } = await java('org.apache.kafka.tools.ProducerPerformance', args);
  const run = parseProducerRun(stdout);
  if (run.records !== records) throw new Error(`${run.records} of ${records} records were acknowledged:\n${stderr.slice(0, 4000)}`);
  return run;
}

/** Reads from the first offset on; counts from the first assignment on. @throws {Error} when less came than was asked for */
export async function consumerPerformance({ bootstrap, topic, records, group }: Consumed): Promise<Received> {
  const args = ['--bootstrap-server', bootstrap, '--topic', topic, '--messages', String(records), '--group', group, '--hide-header', '--timeout', '20000'];
  const { stdout, stderr } = await java('org.apache.kafka.tools.ConsumerPerformance', args);
  const run = parseConsumerRun(stdout);
  if (run.records < records) throw new Error(`${run.records} of ${records} records came:\n${stderr.slice(0, 4000)}`);
  return run;
}

/** Runs one of our own small programs for Kafka's Java clients (`test/interop/scripts/java`). @returns what it printed */
export async function javaProgram(main: string, args: readonly string[]): Promise<string> {
  return (await java(main, args)).stdout;
}

async function java(main: string, args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  requireKafka();
  const machine = [`-Xms${heap}`, `-Xmx${heap}`, ...asShipped];
  const { status, stdout, stderr } = await runCommand('java', javaArguments('3.9.1', machine, [main, ...args], [javaClasses()]), { timeoutMs });
  if (status !== 0) throw new Error(`${main} ended with ${status}:\n${stdout.slice(-1000)}\n${stderr.slice(0, 4000)}`);
  return { stdout, stderr };
}

function requireKafka(): void {
  try {
    kafkaHome('3.9.1');
  } catch (error) {
    throw new Unavailable(`Kafka's tools could not be had: ${(error as Error).message.split('\n')[0]}`);
  }
}
