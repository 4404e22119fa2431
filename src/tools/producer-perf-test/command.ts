import { randomFillSync, randomInt } from 'node:crypto';
import path from 'node:path';
import type { Producer } from '../../client/producer.ts';
import type { ParsedArguments } from '../argparse.ts';
import { argumentError, parseArguments } from '../argparse.ts';
import { readPropertiesFile } from '../client-properties.ts';
import { javaException } from '../java-exceptions.ts';
import { isKafkaError } from '../kafka-errors.ts';
import { producerOptions } from '../producer-properties.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit, terminalLogger } from '../terminal.ts';
import { throttle } from '../throttle.ts';
import { producerPerfTestArguments } from './options.ts';
import type { Statistics } from './statistics.ts';
import { createStatistics } from './statistics.ts';

/** kafka-producer-perf-test. */
export async function producerPerfTestTool(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseArguments(producerPerfTestArguments, args, terminal);
  const properties = propertiesOf(options, terminal);
  if (options.number('--transaction-duration-ms') > 0) throw argumentError(producerPerfTestArguments, 'transactions are not in this release of the client');
  const payloads = payloadSource(options, terminal);
  const { createProducer } = await import('../../client/index.ts');
  const producer = createProducer(producerOptions(properties), { logger: terminalLogger(terminal) });
  const recordCount = options.number('--num-records');
  const startMs = Date.now();
  const statistics = createStatistics(recordCount, startMs);
  const failures = new Set<string>();
  await sendAll(producer, options, payloads, statistics, failures, terminal);
  await producer.close();
  for (const failure of failures) terminal.err(`${failure}\n`);
  terminal.out(statistics.total(Date.now()));
  return 0;
}

function propertiesOf(options: ParsedArguments, terminal: Terminal): Record<string, string> {
  const file = options.value('--producer.config');
  const given = options.values('--producer-props');
  if (given.length === 0 && file === undefined) throw argumentError(producerPerfTestArguments, 'Either --producer-props or --producer.config\nmust be specified.');
  const pairs = given.map((text) => {
    const [name, value, more] = text.split('=');
    if (name === undefined || value === undefined || more !== undefined) throw new ToolExit(1, `Exception in thread "main" java.lang.IllegalArgumentException: Invalid property: ${text}\n`);
    return [name, value] as const;
  });
  return { 'client.id': 'perf-producer-client', ...(file === undefined ? {} : readPropertiesFile(terminal, file)), ...Object.fromEntries(pairs) };
}

const firstLetter = 65;
const letterCount = 26;

/** Gives the payload of record number n. @throws ToolExit */
function payloadSource(options: ParsedArguments, terminal: Terminal): (number: number) => Buffer {
  const file = options.value('--payload-file');
  if (file !== undefined) {
    const payloads = readPayloads(file, (options.value('--payload-delimiter') ?? '').replaceAll('\\n', '\n').replaceAll('\\t', '\t'), terminal);
    return () => payloads[randomInt(payloads.length)]!;
  }
  if (options.has('--payload-monotonic')) return (number) => Buffer.from(String(number));
  const size = options.number('--record-size');
  return () => {
    const bytes = randomFillSync(Buffer.allocUnsafe(size));
    for (let index = 0; index < size; index++) bytes[index] = (bytes[index]! % letterCount) + firstLetter;
    return bytes;
  };
}

function readPayloads(file: string, delimiter: string, terminal: Terminal): Buffer[] {
  const full = path.resolve(file);
  terminal.out(`Reading payloads from: ${full}\n`);
  let text: string;
  try {
    text = terminal.readFile(full).toString();
  } catch {
    throw new ToolExit(1, 'Exception in thread "main" java.lang.IllegalArgumentException: File does not exist or empty file provided.\n');
  }
  if (text === '') throw new ToolExit(1, 'Exception in thread "main" java.lang.IllegalArgumentException: File does not exist or empty file provided.\n');
  const parts = text.split(delimiter);
  // Java's split leaves empty strings at the end out.
  while (parts.at(-1) === '') parts.pop();
  terminal.out(`Number of messages read: ${parts.length}\n`);
  return parts.map((part) => Buffer.from(part));
}

/** Records under way at once; beyond it the loop waits, as Java's send does when its buffer is full. */
const underWayMax = 10_000;

async function sendAll(producer: Producer, options: ParsedArguments, payloadOf: (number: number) => Buffer, statistics: Statistics, failures: Set<string>, terminal: Terminal): Promise<void> {
  const topic = options.value('--topic') ?? '';
  const perSecond = options.number('--throughput');
  const startMs = Date.now();
  let last: Promise<void> = Promise.resolve();
  for (let number = 0; number < options.number('--num-records'); number++) {
    last = sendOne(producer, topic, payloadOf(number), statistics, failures, terminal);
    if (number % underWayMax === underWayMax - 1) await last;
    await throttle(perSecond, number + 1, startMs);
  }
  await last;
}

async function sendOne(producer: Producer, topic: string, value: Buffer, statistics: Statistics, failures: Set<string>, terminal: Terminal): Promise<void> {
  const sentMs = Date.now();
  try {
    await producer.send({ topic, value });
    const nowMs = Date.now();
    const line = statistics.record(nowMs - sentMs, value.length, nowMs);
    if (line !== undefined) terminal.out(line);
  } catch (error) {
    if (!isKafkaError(error)) throw error;
    failures.add(javaException(error));
  }
}
