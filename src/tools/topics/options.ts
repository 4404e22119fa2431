import type { OptionTable, ParsedOptions } from '../options.ts';
import { ToolExit } from '../terminal.ts';
import { helpOptions, refuseTogether, requireOptions, usageError } from '../usage.ts';

/** Flags of kafka-topics: those of 3.9 and, for --zookeeper, those of 2.4. */
export const topicsOptions: OptionTable = [
  { name: 'alter', description: 'Change the number of partitions, the placement of new ones and, through --zookeeper, the configs of a topic.' },
  { name: 'at-min-isr-partitions', description: 'With --describe: only partitions with just as many in-sync replicas as min.insync.replicas asks for.' },
  { name: 'bootstrap-server', argument: { type: 'String', label: 'server to connect to' }, description: 'REQUIRED: One or more brokers, host:port, to learn the cluster from. Not needed with --zookeeper.' },
  { name: 'command-config', argument: { type: 'String', label: 'command config property file' }, description: 'A properties file for the admin client.' },
  { name: 'config', argument: { type: 'String', label: 'name=value' }, description: 'A config of the topic that is created, such as retention.ms=1000; may be repeated. To change one later use kafka-configs.' },
  { name: 'create', description: 'Create a topic.' },
  { name: 'delete', description: 'Delete topics.' },
  { name: 'delete-config', argument: { type: 'String', label: 'name' }, description: 'A config to take away from a topic, with --alter and --zookeeper; may be repeated.' },
  { name: 'describe', description: 'Show partitions, replicas and configs of topics.' },
  { name: 'disable-rack-aware', description: 'Place replicas without regard to racks (--zookeeper).' },
  { name: 'exclude-internal', description: 'With --list or --describe: leave out the topics that Kafka keeps for itself.' },
  { name: 'force', description: 'Ask no questions.' },
  { name: 'if-exists', description: 'With --alter, --delete or --describe: do nothing, successfully, where the topic does not exist.' },
  { name: 'if-not-exists', description: 'With --create: do nothing, successfully, where the topic exists.' },
  { name: 'list', description: 'List the names of all topics.' },
  {
    name: 'partition-size-limit-per-response',
    argument: { type: 'Integer', label: 'maximum number of partitions in one response.' },
    description: 'How many partitions a broker may describe in one answer.',
  },
  { name: 'partitions', argument: { type: 'Integer', label: '# of partitions' }, description: 'How many partitions the topic gets, or has after --alter. More partitions change which one a key goes to.' },
  {
    name: 'replica-assignment',
    argument: {
      type: 'String',
      label: 'broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , broker_id_for_part2_replica1 : broker_id_for_part2_replica2 , ...',
    },
    description: 'Which brokers hold which partition, chosen by hand.',
  },
  { name: 'replication-factor', argument: { type: 'Integer', label: 'replication factor' }, description: 'How many copies of each partition there are.' },
  { name: 'topic', argument: { type: 'String', label: 'topic' }, description: 'The topic; a regular expression except with --create.' },
  { name: 'topic-id', argument: { type: 'String', label: 'topic-id' }, description: 'With --describe: the topic with this id.' },
  { name: 'topics-with-overrides', description: 'With --describe: only topics that have configs of their own.' },
  { name: 'unavailable-partitions', description: 'With --describe: only partitions without a live leader.' },
  { name: 'under-min-isr-partitions', description: 'With --describe: only partitions with fewer in-sync replicas than min.insync.replicas.' },
  { name: 'under-replicated-partitions', description: 'With --describe: only partitions that lack an in-sync replica.' },
  { name: 'zookeeper', argument: { type: 'String', label: 'hosts' }, description: 'ZooKeeper servers, host:port/chroot, to read and write directly, as Kafka before 3.0 did. Instead of --bootstrap-server.' },
  ...helpOptions,
];

const actions = ['create', 'list', 'alter', 'describe', 'delete'] as const;
export type TopicAction = (typeof actions)[number];

/**
 * The one thing to do, after all rules about flags that do not go together.
 * @throws ToolExit
 */
export function checkedAction(options: ParsedOptions): TopicAction {
  const given = actions.filter((action) => options.has(action));
  const [action] = given;
  if (action === undefined || given.length > 1) throw usageError(topicsOptions, 'Command must include exactly one action: --list, --describe, --create, --alter or --delete');
  if (options.has('zookeeper') && options.has('bootstrap-server')) {
    throw new ToolExit(1, 'Exception in thread "main" java.lang.IllegalArgumentException: Only one of --bootstrap-server or --zookeeper must be specified\n');
  }
  if (!options.has('zookeeper') && !options.has('bootstrap-server')) throw new ToolExit(1, '--bootstrap-server must be specified\n');
  checkRequired(options);
  checkRefused(options);
  return action;
}

function checkRequired(options: ParsedOptions): void {
  const isDirect = options.has('zookeeper');
  if (!isDirect && options.has('describe') && options.has('if-exists') && !options.has('topic') && !options.has('topic-id')) {
    throw usageError(topicsOptions, '--topic or --topic-id is required to describe a topic');
  }
  if (!options.has('list') && !options.has('describe')) requireOptions(topicsOptions, options, 'topic');
  if (isDirect && options.has('create') && !options.has('replica-assignment')) requireOptions(topicsOptions, options, 'partitions', 'replication-factor');
  if (isDirect || !options.has('alter')) return;
  if (options.has('config')) {
    throw usageError(
      topicsOptions,
      'Option combination "[[bootstrap-server], [config]]" can\'t be used with option "[alter]" (the kafka-configs CLI supports altering topic configs with a --bootstrap-server option)',
    );
  }
  requireOptions(topicsOptions, options, 'partitions');
}

/** Actions with which a flag makes no sense. */
const othersThan = (...allowed: readonly TopicAction[]): string[] => actions.filter((action) => !allowed.includes(action));
const reports = ['under-replicated-partitions', 'under-min-isr-partitions', 'at-min-isr-partitions', 'unavailable-partitions'] as const;

function checkRefused(options: ParsedOptions): void {
  const refuse = (used: string, others: readonly string[]): void => refuseTogether(topicsOptions, options, used, ...others);
  refuse('config', othersThan('alter', 'create'));
  refuse('delete-config', [...othersThan('alter'), 'bootstrap-server']);
  refuse('partitions', othersThan('alter', 'create'));
  refuse('replication-factor', othersThan('create'));
  refuse('replica-assignment', othersThan('alter', 'create'));
  if (options.has('create')) refuse('replica-assignment', ['partitions', 'replication-factor']);
  for (const report of reports) refuse(report, [...othersThan('describe'), 'topics-with-overrides']);
  refuse('under-min-isr-partitions', ['zookeeper']);
  refuse('at-min-isr-partitions', ['zookeeper']);
  refuse('topics-with-overrides', [...othersThan('describe'), ...reports]);
  refuse('if-exists', othersThan('alter', 'delete', 'describe'));
  refuse('if-not-exists', othersThan('create'));
  refuse('exclude-internal', othersThan('list', 'describe'));
}
