import { nodeRandom } from '../../runtime/node-random.ts';
import type { ClientProperties } from '../client-properties.ts';
import { keyValues, readPropertiesFile } from '../client-properties.ts';
import type { OptionTable, ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit } from '../terminal.ts';
import { helpOptions, requireOptions, usageError } from '../usage.ts';

export const consoleConsumerOptions: OptionTable = [
  { name: 'bootstrap-server', argument: { type: 'String', label: 'server to connect to' }, description: 'REQUIRED: One or more brokers, host:port, to learn the cluster from.' },
  { name: 'consumer-property', argument: { type: 'String', label: 'consumer_prop' }, description: 'A consumer property, key=value; may be repeated.' },
  { name: 'consumer.config', argument: { type: 'String', label: 'config file' }, description: 'A file of consumer properties; --consumer-property goes before it.' },
  { name: 'enable-systest-events', description: 'Print shutdown_complete at the end.' },
  { name: 'formatter', argument: { type: 'String', label: 'class', default: 'org.apache.kafka.tools.consumer.DefaultMessageFormatter' }, description: 'What prints the records.' },
  { name: 'formatter-config', argument: { type: 'String', label: 'config file' }, description: 'A file of formatter properties; --property goes before it.' },
  { name: 'from-beginning', description: 'Start with the oldest record where there is no committed offset, instead of with new ones.' },
  { name: 'group', argument: { type: 'String', label: 'consumer group id' }, description: 'The consumer group to read as.' },
  { name: 'include', argument: { type: 'String', label: 'Java regex (String)' }, description: 'Read all topics whose names match this regular expression.' },
  { name: 'isolation-level', argument: { type: 'String', default: 'read_uncommitted' }, description: 'read_committed leaves out transactions that are open or aborted; read_uncommitted gives all records.' },
  { name: 'key-deserializer', argument: { type: 'String', label: 'deserializer for key' }, description: 'Class name of the deserializer for keys.' },
  { name: 'max-messages', argument: { type: 'Integer', label: 'num_messages' }, description: 'End after this many records.' },
  { name: 'offset', argument: { type: 'String', label: 'consume offset', default: 'latest' }, description: 'Where to start in the partition: a number, earliest or latest.' },
  { name: 'partition', argument: { type: 'Integer', label: 'partition' }, description: 'Read this partition alone, from its end unless --offset says otherwise.' },
  {
    name: 'property',
    argument: { type: 'String', label: 'prop' },
    description:
      'A formatter property, key=value; may be repeated: print.timestamp=false print.key=false print.offset=false print.partition=false print.headers=false print.value=true key.separator=<tab> line.separator=<newline> headers.separator=, null.literal=null key.deserializer= value.deserializer= headers.deserializer=',
  },
  { name: 'skip-message-on-error', description: 'Log a record that cannot be printed, and go on.' },
  { name: 'timeout-ms', argument: { type: 'Long', label: 'timeout_ms' }, description: 'End when no record came for this long.' },
  { name: 'topic', argument: { type: 'String', label: 'topic' }, description: 'The topic to read.' },
  { name: 'value-deserializer', argument: { type: 'String', label: 'deserializer for values' }, description: 'Class name of the deserializer for values.' },
  { name: 'whitelist', argument: { type: 'String', label: 'Java regex (String)' }, description: 'The old name of --include.' },
  ...helpOptions,
];

/** Where to start in --partition. */
export type StartOffset = 'earliest' | 'latest' | number;

export interface ConsoleConsumerRequest {
  readonly topic: string | undefined;
  /** Regular expression for topics, in place of one topic. */
  readonly include: string | undefined;
  readonly partition: number | undefined;
  readonly start: StartOffset;
  /** Undefined: no end. */
  readonly maxMessages: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly properties: ClientProperties;
}

/** @throws ToolExit, OptionError */
export function consoleConsumerRequest(options: ParsedOptions, terminal: Terminal): ConsoleConsumerRequest {
  checkFlags(options);
  const file = options.value('consumer.config');
  const fromFile = file === undefined ? {} : readPropertiesFile(terminal, file);
  const given = keyValues(options.values('consumer-property'));
  const groupId = checkedGroup(options, fromFile, given);
  const timeoutMs = options.number('timeout-ms');
  const maxMessages = options.number('max-messages');
  return {
    topic: options.value('topic'),
    include: options.value('include') ?? options.value('whitelist'),
    partition: options.number('partition'),
    properties: consumerProperties(options, { ...fromFile, ...given }, groupId),
    start: startOffset(options),
    maxMessages: maxMessages === -1 ? undefined : maxMessages,
    timeoutMs: timeoutMs === undefined || timeoutMs < 0 ? undefined : timeoutMs,
  };
}

function checkFlags(options: ParsedOptions): void {
  const isInclude = options.has('include') || options.has('whitelist');
  if (options.has('topic') === isInclude) {
    if (isInclude && options.has('partition')) throw usageError(consoleConsumerOptions, 'The topic is required when partition is specified.');
    throw usageError(consoleConsumerOptions, 'Exactly one of --include/--topic is required. ');
  }
  if (options.has('partition')) {
    if (!options.has('topic')) throw usageError(consoleConsumerOptions, 'The topic is required when partition is specified.');
    if (options.has('from-beginning') && options.has('offset')) throw usageError(consoleConsumerOptions, 'Options from-beginning and offset cannot be specified together.');
  } else if (options.has('offset')) {
    throw usageError(consoleConsumerOptions, 'The partition is required when offset is specified.');
  }
  requireOptions(consoleConsumerOptions, options, 'bootstrap-server');
}

/** @returns undefined when none was given @throws ToolExit */
function checkedGroup(options: ParsedOptions, fromFile: ClientProperties, given: ClientProperties): string | undefined {
  const groups = [options.value('group'), fromFile['group.id'], given['group.id']].filter((group) => group !== undefined);
  const distinct = [...new Set(groups)];
  if (distinct.length > 1) {
    const names = distinct.map((group) => `'${group}'`).join(', ');
    throw usageError(
      consoleConsumerOptions,
      `The group ids provided in different places (directly using '--group', via '--consumer-property', or via '--consumer.config') do not match. Detected group ids: ${names}`,
    );
  }
  if (distinct.length > 0 && options.has('partition')) throw usageError(consoleConsumerOptions, 'Options group and partition cannot be specified together.');
  return distinct[0];
}

/** A group of its own, that commits nothing, where none was given. */
function groupProperties(groupId: string | undefined, properties: ClientProperties): ClientProperties {
  if (groupId !== undefined) return { 'group.id': groupId };
  const own = `console-consumer-${nodeRandom.integer(100_000)}`;
  return { 'group.id': own, 'enable.auto.commit': properties['enable.auto.commit'] ?? 'false' };
}

function consumerProperties(options: ParsedOptions, properties: ClientProperties, groupId: string | undefined): ClientProperties {
  const { 'auto.offset.reset': reset } = properties;
  const isFromBeginning = options.has('from-beginning');
  if (isFromBeginning && reset !== undefined && reset !== 'earliest') {
    throw new ToolExit(1, `Can't simultaneously specify --from-beginning and 'auto.offset.reset=${reset}', please remove one option\n`);
  }
  const isolation = options.value('isolation-level') ?? '';
  return {
    'client.id': 'console-consumer',
    ...properties,
    ...groupProperties(groupId, properties),
    'auto.offset.reset': reset ?? (isFromBeginning ? 'earliest' : 'latest'),
    'isolation.level': options.has('isolation-level') ? isolation : (properties['isolation.level'] ?? isolation),
    'bootstrap.servers': options.value('bootstrap-server') ?? '',
  };
}

function startOffset(options: ParsedOptions): StartOffset {
  if (!options.has('offset')) return options.has('from-beginning') ? 'earliest' : 'latest';
  const text = options.value('offset') ?? '';
  const lower = text.toLowerCase();
  if (lower === 'earliest' || lower === 'latest') return lower;
  const offset = Number(text);
  if (!/^\+?\d+$/.test(text) || !Number.isSafeInteger(offset)) {
    throw usageError(consoleConsumerOptions, `The provided offset value '${text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.`);
  }
  return offset;
}

/** @throws ToolExit */
export function formatterProperties(options: ParsedOptions, terminal: Terminal): ClientProperties {
  const file = options.value('formatter-config');
  const [key, value] = [options.value('key-deserializer'), options.value('value-deserializer')];
  return {
    ...(file === undefined ? {} : readPropertiesFile(terminal, file)),
    ...(key === undefined || key === '' ? {} : { 'key.deserializer': key }),
    ...(value === undefined || value === '' ? {} : { 'value.deserializer': value }),
    ...keyValues(options.values('property')),
  };
}
