import type { OptionTable, ParsedOptions } from '../options.ts';
import { helpOptions, requireOptions, usageError } from '../usage.ts';

export const reassignOptions: OptionTable = [
  { name: 'additional', description: 'With --execute: go on although other reassignments are under way. Also the way to change the throttle of one that is.' },
  { name: 'bootstrap-server', argument: { type: 'String', label: 'Server(s) to use for bootstrapping' }, description: 'REQUIRED: One or more brokers to learn the cluster from.' },
  { name: 'broker-list', argument: { type: 'String', label: 'brokerlist' }, description: 'With --generate: ids of the brokers to spread the partitions over, such as "0,1,2".' },
  { name: 'cancel', description: 'Take back the reassignments of a plan that are still under way.' },
  { name: 'command-config', argument: { type: 'String', label: 'Admin client property file' }, description: 'A properties file for the admin client.' },
  { name: 'disable-rack-aware', description: 'With --generate: place replicas without regard to racks.' },
  { name: 'execute', description: 'Start the reassignments of a plan.' },
  { name: 'generate', description: 'Propose a plan that spreads topics over brokers. Nothing is changed.' },
  { name: 'list', description: 'Show all reassignments that are under way.' },
  { name: 'preserve-throttles', description: 'With --verify or --cancel: leave the throttles as they are.' },
  {
    name: 'reassignment-json-file',
    argument: { type: 'String', label: 'manual assignment json file path' },
    description:
      'The plan: partitions with the brokers that are to hold them, the preferred leader first, such as {"version": 1, "partitions": [{"topic": "orders", "partition": 0, "replicas": [1, 2], "log_dirs": ["any", "/disk2"]}]}. log_dirs may be left out.',
  },
  {
    name: 'replica-alter-log-dirs-throttle',
    argument: { type: 'Long', label: 'replicaAlterLogDirsThrottle', default: '-1' },
    description: 'With --execute: bytes per second that a broker copies between its log directories at most; -1 for no limit.',
  },
  {
    name: 'throttle',
    argument: { type: 'Long', label: 'throttle', default: '-1' },
    description: 'With --execute: bytes per second that brokers copy from each other at most; -1 for no limit. Below 1 KB/s a move may never end.',
  },
  { name: 'timeout', argument: { type: 'Long', label: 'timeout', default: '10000' }, description: 'Milliseconds to wait for moves between log directories to start.' },
  {
    name: 'topics-to-move-json-file',
    argument: { type: 'String', label: 'topics to reassign json file path' },
    description: 'With --generate: the topics, such as {"version": 1, "topics": [{"topic": "orders"}]}.',
  },
  { name: 'verify', description: 'Show how far the reassignments of a plan are, and remove the throttles when none is under way.' },
  { name: 'zookeeper', argument: { type: 'String', label: 'urls' }, description: 'As in Kafka 2.4: find the brokers in ZooKeeper (host:port, with a path behind if need be), and print what 2.4 prints.' },
  ...helpOptions,
];

export const reassignActions = ['generate', 'execute', 'verify', 'cancel', 'list'] as const;
export type ReassignAction = (typeof reassignActions)[number];

const required: Readonly<Record<ReassignAction, readonly string[]>> = {
  generate: ['topics-to-move-json-file', 'broker-list'],
  execute: ['reassignment-json-file'],
  verify: ['reassignment-json-file'],
  cancel: ['reassignment-json-file'],
  list: [],
};

const permitted: Readonly<Record<ReassignAction, readonly string[]>> = {
  generate: ['disable-rack-aware', 'zookeeper'],
  execute: ['additional', 'throttle', 'replica-alter-log-dirs-throttle', 'timeout', 'zookeeper'],
  verify: ['preserve-throttles', 'zookeeper'],
  cancel: ['preserve-throttles', 'timeout'],
  list: [],
};

/** @throws ToolExit */
export function checkedAction(options: ParsedOptions): ReassignAction {
  const given = reassignActions.filter((name) => options.has(name));
  const [action] = given;
  if (action === undefined || given.length > 1) {
    throw usageError(reassignOptions, `Command must include exactly one action: ${reassignActions.map((name) => `--${name}`).join(', ')}`);
  }
  if (!options.has('bootstrap-server') && !options.has('zookeeper')) throw usageError(reassignOptions, 'Please specify --bootstrap-server');
  requireOptions(reassignOptions, options, ...required[action]);
  const fitting = new Set([action, 'bootstrap-server', 'command-config', ...required[action], ...permitted[action]]);
  for (const { name } of reassignOptions) {
    if (options.has(name) && !fitting.has(name)) throw usageError(reassignOptions, `Option "[${name}]" can't be used with action "[${action}]"`);
  }
  return action;
}
