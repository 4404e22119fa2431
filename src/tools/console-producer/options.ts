import type { ClientProperties } from '../client-properties.ts';
import { keyValues, readPropertiesFile } from '../client-properties.ts';
import type { OptionTable, ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { helpOptions, requireOptions, usageError } from '../usage.ts';

export const defaultLineReader = 'kafka.tools.ConsoleProducer$LineMessageReader';

export const consoleProducerOptions: OptionTable = [
  { name: 'batch-size', argument: { type: 'Integer', label: 'size', default: '16384' }, description: 'Bytes of a batch: batch.size.' },
  { name: 'bootstrap-server', argument: { type: 'String', label: 'server to connect to' }, description: 'REQUIRED unless --broker-list is given: one or more brokers, HOST1:PORT1,HOST2:PORT2, to learn the cluster from.' },
  { name: 'broker-list', argument: { type: 'String', label: 'broker-list' }, description: 'The old name of --bootstrap-server, which wins when both are given.' },
  { name: 'compression-codec', argument: { type: 'String', label: 'compression-codec', isOptional: true }, description: 'none, gzip, snappy, lz4 or zstd; gzip when no codec is named.' },
  { name: 'line-reader', argument: { type: 'String', label: 'reader_class', default: defaultLineReader }, description: 'What makes records of the lines; one a line unless told otherwise.' },
  { name: 'max-block-ms', argument: { type: 'Long', label: 'max block on send', default: '60000' }, description: 'How long a record may wait for metadata or memory.' },
  { name: 'max-memory-bytes', argument: { type: 'Long', label: 'total memory in bytes', default: '33554432' }, description: 'Memory for records that wait to be sent.' },
  { name: 'max-partition-memory-bytes', argument: { type: 'Integer', label: 'memory in bytes per partition', default: '16384' }, description: 'Bytes of a batch, as --batch-size.' },
  { name: 'message-send-max-retries', argument: { type: 'Integer', default: '3' }, description: 'How often a batch is sent again before it is given up.' },
  { name: 'metadata-expiry-ms', argument: { type: 'Long', label: 'metadata expiration interval', default: '300000' }, description: 'How old metadata may become.' },
  { name: 'producer-property', argument: { type: 'String', label: 'producer_prop' }, description: 'A producer property, key=value; may be repeated.' },
  { name: 'producer.config', argument: { type: 'String', label: 'config file' }, description: 'A file of producer properties; --producer-property goes before it.' },
  {
    name: 'property',
    argument: { type: 'String', label: 'prop' },
    description:
      'A property of the line reader, key=value; may be repeated: parse.key=false parse.headers=false ignore.error=false key.separator=<tab> headers.delimiter=<tab> headers.separator=, headers.key.separator=: null.marker=<none>. A line holds headers, key and value in this order, as far as they are parsed: "h1:v1,h2:v2<tab>key<tab>value".',
  },
  { name: 'reader-config', argument: { type: 'String', label: 'config file' }, description: 'A file of line reader properties; --property goes before it.' },
  { name: 'request-required-acks', argument: { type: 'String', label: 'request required acks', default: '-1' }, description: 'Which replicas must have a record: all or -1, 1 (the leader), 0 (nobody).' },
  { name: 'request-timeout-ms', argument: { type: 'Integer', label: 'request timeout ms', default: '1500' }, description: 'How long to wait for the answer to one request.' },
  { name: 'retry-backoff-ms', argument: { type: 'Long', default: '100' }, description: 'Pause before another try.' },
  { name: 'socket-buffer-size', argument: { type: 'Integer', label: 'size', default: '102400' }, description: 'Size of the TCP send buffer.' },
  { name: 'sync', description: 'Send each record by itself and wait until the cluster has it.' },
  { name: 'timeout', argument: { type: 'Long', label: 'timeout_ms', default: '1000' }, description: 'How long a record may wait for others to fill its batch.' },
  { name: 'topic', argument: { type: 'String', label: 'topic' }, description: 'REQUIRED: The topic to write to.' },
  ...helpOptions,
];

/** @throws ToolExit for missing flags */
export function checkConsoleProducer(options: ParsedOptions): void {
  if (!options.has('bootstrap-server') && !options.has('broker-list')) throw usageError(consoleProducerOptions, 'Missing required option(s) [bootstrap-server]');
  requireOptions(consoleProducerOptions, options, 'topic');
  const addresses = (options.value('bootstrap-server') ?? options.value('broker-list') ?? '').split(',');
  if (!addresses.every((address) => /:\d+$/.test(address.trim()))) {
    throw usageError(consoleProducerOptions, 'Please provide valid host:port like host1:9091,host2:9092\n ');
  }
}

/** Properties that a flag sets, in the order of their weight: a flag given wins, a flag's default fills in. */
const flagsByProperty: readonly (readonly [property: string, flag: string])[] = [
  ['linger.ms', 'timeout'],
  ['acks', 'request-required-acks'],
  ['request.timeout.ms', 'request-timeout-ms'],
  ['retries', 'message-send-max-retries'],
  ['retry.backoff.ms', 'retry-backoff-ms'],
  ['buffer.memory', 'max-memory-bytes'],
  ['batch.size', 'batch-size'],
  ['batch.size', 'max-partition-memory-bytes'],
  ['metadata.max.age.ms', 'metadata-expiry-ms'],
  ['max.block.ms', 'max-block-ms'],
];

/** @throws ToolExit, OptionError */
export function producerProperties(options: ParsedOptions, terminal: Terminal): ClientProperties {
  const file = options.value('producer.config');
  const properties: Record<string, string> = {
    ...(file === undefined ? {} : readPropertiesFile(terminal, file)),
    ...keyValues(options.values('producer-property')),
    'bootstrap.servers': options.value('bootstrap-server') ?? options.value('broker-list') ?? '',
  };
  if (options.has('compression-codec')) properties['compression.type'] = options.value('compression-codec') ?? 'gzip';
  properties['client.id'] ??= 'console-producer';
  for (const [property, flag] of flagsByProperty) {
    const text = flag === 'request-required-acks' ? options.value(flag) : String(options.number(flag));
    if (text !== undefined && (options.has(flag) || properties[property] === undefined)) properties[property] = text;
  }
  return properties;
}

/** @throws ToolExit */
export function readerProperties(options: ParsedOptions, terminal: Terminal): ClientProperties {
  const file = options.value('reader-config');
  return { ...(file === undefined ? {} : readPropertiesFile(terminal, file)), ...keyValues(options.values('property')) };
}
