import type { Consumer } from '../../client/consumer-types.ts';
import { ConfigException, readPropertiesFile } from '../client-properties.ts';
import { consumerOptions } from '../consumer-properties.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import { metricsTable } from '../metrics-table.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit, terminalLogger } from '../terminal.ts';
import { answerHelpOrVersion, requireOptions, usageError } from '../usage.ts';
import { formatDate } from './date-format.ts';
import { consumerPerfTestOptions } from './options.ts';

const purpose = 'This tool is used to verify the consumer performance.';

/** kafka-consumer-perf-test. */
export async function consumerPerfTestTool(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parse(args, terminal);
  try {
    const properties = propertiesOf(options, terminal);
    const settings = consumerOptions(properties);
    if (!options.has('hide-header')) terminal.out(header(options.has('show-detailed-stats')));
    const { createConsumer } = await import('../../client/index.ts');
    await measure(createConsumer(settings, { logger: terminalLogger(terminal) }), options, properties['client.id'] ?? '', terminal);
    return 0;
  } catch (error) {
    if (isKafkaError(error) || error instanceof ConfigException || error instanceof OptionError) throw new ToolExit(1, `${error.message}\n`);
    throw error;
  }
}

function parse(args: readonly string[], terminal: Terminal): ParsedOptions {
  const table = consumerPerfTestOptions;
  try {
    const options = parseOptions(table, args);
    // jopt-simple itself asks for this one, before the tool looks at the rest.
    if (!options.has('bootstrap-server') && !options.has('broker-list') && !options.has('help')) throw usageError(table, 'Missing required option(s) [bootstrap-server]');
    answerHelpOrVersion(table, options, purpose, terminal.out);
    requireOptions(table, options, 'topic', 'messages');
    return options;
  } catch (error) {
    if (error instanceof OptionError) throw usageError(table, error.message);
    throw error;
  }
}

function propertiesOf(options: ParsedOptions, terminal: Terminal): Record<string, string> {
  const file = options.value('consumer.config');
  const properties = file === undefined ? {} : readPropertiesFile(terminal, file);
  return {
    'client.id': 'perf-consumer-client',
    ...properties,
    'bootstrap.servers': options.value('bootstrap-server') ?? options.value('broker-list') ?? '',
    'group.id': options.value('group') ?? '',
    'max.partition.fetch.bytes': options.value('fetch-size') ?? '',
    'auto.offset.reset': options.has('from-latest') ? 'latest' : 'earliest',
    'check.crcs': 'false',
  };
}

const more = 'rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n';
const header = (isDetailed: boolean): string =>
  isDetailed ? `time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, ${more}` : `start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, ${more}`;

const megabytes = (bytes: number): number => bytes / (1024 * 1024);
const pollMs = 100;

interface Reading {
  readonly records: number;
  readonly bytes: number;
}

async function measure(consumer: Consumer, options: ParsedOptions, clientId: string, terminal: Terminal): Promise<void> {
  const joining = { startedMs: Date.now(), totalMs: 0, sinceReportMs: 0 };
  const startMs = Date.now();
  consumer.subscribe([options.value('topic') ?? ''], {
    revoked: () => {
      joining.startedMs = Date.now();
    },
    assigned: () => {
      const elapsedMs = Date.now() - joining.startedMs;
      joining.totalMs += elapsedMs;
      joining.sinceReportMs += elapsedMs;
    },
  });
  let read: Reading;
  try {
    read = await readAll(consumer, options, joining, terminal);
  } finally {
    await consumer.close();
  }
  const endMs = Date.now();
  if (!options.has('show-detailed-stats')) terminal.out(total(options.value('date-format') ?? '', startMs, endMs, read, joining.totalMs));
  if (options.has('print-metrics')) terminal.out(metricsOf(clientId, options.value('topic') ?? '', read));
}

function metricsOf(clientId: string, topic: string, { records }: Reading): string {
  const name = 'consumer-fetch-manager-metrics:records-consumed-total';
  return metricsTable({ [`${name}:{client-id=${clientId}}`]: records, [`${name}:{client-id=${clientId}, topic=${topic}}`]: records });
}

async function readAll(consumer: Consumer, options: ParsedOptions, joining: { sinceReportMs: number }, terminal: Terminal): Promise<Reading> {
  const [wanted = 0, timeoutMs = 0, intervalMs = 0] = [options.number('messages'), options.number('timeout'), options.number('reporting-interval')];
  const dateFormat = options.value('date-format') ?? '';
  let nowMs = Date.now();
  let [reportedMs, consumedMs] = [nowMs, nowMs];
  let read: Reading = { records: 0, bytes: 0 };
  let reported = read;
  while (read.records < wanted && nowMs - consumedMs <= timeoutMs) {
    const records = await consumer.poll(pollMs);
    nowMs = Date.now();
    if (records.length > 0) consumedMs = nowMs;
    for (const { key, value } of records) {
      read = { records: read.records + 1, bytes: read.bytes + (key?.length ?? 0) + (value?.length ?? 0) };
      if (nowMs - reportedMs < intervalMs) continue;
      if (options.has('show-detailed-stats')) terminal.out(progress(dateFormat, reportedMs, nowMs, reported, read, joining.sinceReportMs));
      joining.sinceReportMs = 0;
      reportedMs = nowMs;
      reported = read;
    }
  }
  if (read.records < wanted) {
    terminal.out(`WARNING: Exiting before consuming the expected number of messages: timeout (${timeoutMs} ms) exceeded. You can use the --timeout option to increase the timeout.\n`);
  }
  return read;
}

function progress(dateFormat: string, startMs: number, endMs: number, before: Reading, now: Reading, joinMs: number): string {
  const elapsedMs = endMs - startMs;
  const fetchMs = elapsedMs - joinMs;
  const [records, size] = [now.records - before.records, megabytes(now.bytes - before.bytes)];
  const perSecond = (amount: number, ms: number): string => decimal(ms <= 0 ? 0 : (1000 * amount) / ms);
  return `${[
    formatDate(dateFormat, new Date(endMs)),
    0,
    decimal(megabytes(now.bytes)),
    decimal((1000 * size) / elapsedMs),
    now.records,
    decimal((1000 * records) / elapsedMs),
    joinMs,
    fetchMs,
    perSecond(size, fetchMs),
    perSecond(records, fetchMs),
  ].join(', ')}\n`;
}

function total(dateFormat: string, startMs: number, endMs: number, { records, bytes }: Reading, joinMs: number): string {
  const seconds = (endMs - startMs) / 1000;
  const fetchMs = endMs - startMs - joinMs;
  const size = megabytes(bytes);
  return `${[
    formatDate(dateFormat, new Date(startMs)),
    formatDate(dateFormat, new Date(endMs)),
    decimal(size),
    decimal(size / seconds),
    records,
    decimal(records / seconds),
    joinMs,
    fetchMs,
    decimal(size / (fetchMs / 1000)),
    decimal(records / (fetchMs / 1000)),
  ].join(', ')}\n`;
}

/** Java's %.4f, which has words for what is no number. */
const decimal = (value: number): string => (Number.isFinite(value) ? value.toFixed(4) : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity');
