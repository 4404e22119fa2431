import { randomFillSync, randomInt } from 'node:crypto';
import path from 'node:path';
import type { Producer } from '../../client/producer.ts';
import type { ParsedArguments } from '../argparse.ts';
import { argumentError, parseArguments } from '../argparse.ts';
import { readPropertiesFile } from '../client-properties.ts';
import { javaException } from '../java-exceptions.ts';
import { isKafkaError } from '../kafka-errors.ts';
import { metricsTable } from '../metrics-table.ts';
import { openProducer } from '../open-producer.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit } from '../terminal.ts';
import { throttle } from '../throttle.ts';
import { producerPerfTestArguments } from './options.ts';
import type { Statistics } from './statistics.ts';
import { createStatistics } from './statistics.ts';

/** kafka-producer-perf-test. */
export async function producerPerfTestTool(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseArguments(producerPerfTestArguments, args, terminal);
  const properties = propertiesOf(options, terminal);
  const payloadOf = payloadSource(options, terminal);
  const producer = await openProducer(properties, terminal);
  const transactionMs = options.number('--transaction-duration-ms');
  try {
    // The id and epoch are got with the first transaction: they are no part of what is measured.
    if (transactionMs > 0) await producer.transaction(async () => undefined);
    const run: Run = { topic: options.value('--topic') ?? '', count: options.number('--num-records'), perSecond: options.number('--throughput'), startMs: Date.now(), payloadOf };
    const statistics = createStatistics(run.count, run.startMs);
    const outcome: Outcome = { errors: 0, failures: new Set(), underWay: new Set(), statistics };
    if (transactionMs > 0) await sendInTransactions(producer, run, transactionMs, outcome, terminal);
    else await sendRecords(producer, run, { sent: 0 }, () => false, outcome, terminal);
    await producer.flush();
    await Promise.all(outcome.underWay);
    for (const failure of outcome.failures) terminal.err(`${failure}\n`);
    terminal.out(statistics.total(Date.now()));
    if (options.has('--print-metrics')) terminal.out(metricsOf(properties['client.id'] ?? '', run, outcome));
    return 0;
  } catch (error) {
    if (isKafkaError(error)) throw new ToolExit(1, `Exception in thread "main" ${javaException(error)}\n`);
    throw error;
  } finally {
    await producer.close();
  }
}

function metricsOf(clientId: string, { topic, count }: Run, { errors }: Outcome): string {
  const tags = [['producer-metrics', `{client-id=${clientId}}`], ['producer-topic-metrics', `{client-id=${clientId}, topic=${topic}}`]] as const;
  return metricsTable(Object.fromEntries(tags.flatMap(([group, tag]) => [[`${group}:record-error-total:${tag}`, errors], [`${group}:record-send-total:${tag}`, count - errors]])));
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
  const transactional = options.number('--transaction-duration-ms') > 0 ? { 'transactional.id': options.value('--transactional-id') ?? '' } : {};
  return { 'client.id': 'perf-producer-client', ...(file === undefined ? {} : readPropertiesFile(terminal, file)), ...Object.fromEntries(pairs), ...transactional };
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

interface Run {
  readonly topic: string;
  readonly count: number;
  /** About so many records; negative for as many as go. */
  readonly perSecond: number;
  readonly startMs: number;
  readonly payloadOf: (number: number) => Buffer;
}

interface Outcome {
  readonly statistics: Statistics;
  readonly failures: Set<string>;
  readonly underWay: Set<Promise<void>>;
  errors: number;
}

/** What sends: the producer, or a transaction of it. */
type Sending = Pick<Producer, 'send'>;

/** A transaction is committed with the first record that is sent so long after its beginning. */
async function sendInTransactions(producer: Producer, run: Run, durationMs: number, outcome: Outcome, terminal: Terminal): Promise<void> {
  const progress = { sent: 0 };
  while (progress.sent < run.count) {
    await producer.transaction(async (transaction) => {
      const beganMs = Date.now();
      await sendRecords(transaction, run, progress, (sentMs) => sentMs - beganMs >= durationMs, outcome, terminal);
    });
  }
}

/** @param isEnough asked after each record, with the time when it was sent */
async function sendRecords(sending: Sending, run: Run, progress: { sent: number }, isEnough: (sentMs: number) => boolean, outcome: Outcome, terminal: Terminal): Promise<void> {
  for (let isOver = false; !isOver && progress.sent < run.count; ) {
    const sentMs = Date.now();
    const sent = sendOne(sending, run.topic, run.payloadOf(progress.sent), sentMs, outcome, terminal).finally(() => outcome.underWay.delete(sent));
    outcome.underWay.add(sent);
    progress.sent++;
    isOver = isEnough(sentMs);
    if (outcome.underWay.size >= underWayMax) await sent;
    await throttle(run.perSecond, progress.sent, run.startMs);
  }
}

async function sendOne(sending: Sending, topic: string, value: Buffer, sentMs: number, outcome: Outcome, terminal: Terminal): Promise<void> {
  try {
    await sending.send({ topic, value });
    const nowMs = Date.now();
    const line = outcome.statistics.record(nowMs - sentMs, value.length, nowMs);
    if (line !== undefined) terminal.out(line);
  } catch (error) {
    if (!isKafkaError(error)) throw error;
    outcome.errors++;
    outcome.failures.add(javaException(error));
  }
}
