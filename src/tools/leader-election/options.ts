import type { ElectionType } from '../../client/admin-partition-types.ts';
import type { OptionTable, ParsedOptions } from '../options.ts';
import { OptionError } from '../options.ts';
import { helpOptions } from '../usage.ts';

export const leaderElectionOptions: OptionTable = [
  { name: 'admin.config', argument: { type: 'String', label: 'config file' }, description: 'A properties file for the admin client.' },
  { name: 'all-topic-partitions', description: 'Elect for every partition that needs it. Instead of --topic and --path-to-json-file.' },
  { name: 'bootstrap-server', argument: { type: 'String', label: 'host:port' }, description: 'REQUIRED: One or more brokers to learn the cluster from.' },
  {
    name: 'election-type',
    argument: { type: '[PREFERRED,UNCLEAN]', label: 'election type' },
    description:
      'REQUIRED: preferred makes the first replica of the assignment leader again where another one leads; unclean takes any live replica where there is no leader, and may lose records.',
  },
  { name: 'partition', argument: { type: 'Integer', label: 'partition id' }, description: 'REQUIRED with --topic: the partition of it.' },
  {
    name: 'path-to-json-file',
    argument: { type: 'String', label: 'Path to JSON file' },
    description: 'A JSON file that names the partitions, such as {"partitions": [{"topic": "orders", "partition": 0}]}. Instead of --topic and --all-topic-partitions.',
  },
  { name: 'topic', argument: { type: 'String', label: 'topic name' }, description: 'The topic of one partition. Instead of --path-to-json-file and --all-topic-partitions.' },
  ...helpOptions,
];

/** What does not fit together in the arguments, or went wrong with the election; the message is shown. */
export class LeaderElectionError extends Error {
  override readonly name = 'LeaderElectionError';
}

/** Case is ignored. @throws OptionError */
export function electionType(options: ParsedOptions): ElectionType | undefined {
  const text = options.value('election-type');
  switch (text?.toLowerCase()) {
    case undefined:
      return undefined;
    case 'preferred':
      return 'preferred';
    case 'unclean':
      return 'unclean';
    default:
      throw new OptionError('OptionArgumentConversionException', `Cannot parse argument '${text}' of option election-type`);
  }
}

const selectors = ['topic', 'all-topic-partitions', 'path-to-json-file'];

/** @throws LeaderElectionError */
export function checkOptions(options: ParsedOptions): void {
  const missing = ['bootstrap-server', 'election-type'].filter((name) => !options.has(name));
  if (missing.length > 0) throw new LeaderElectionError(`Missing required option(s): ${missing.join(', ')}`);
  if (selectors.filter((name) => options.has(name)).length !== 1) throw new LeaderElectionError(`One and only one of the following options is required: ${selectors.join(', ')}`);
  if (options.has('topic') && !options.has('partition')) throw new LeaderElectionError('Missing required option(s): partition');
  if (!options.has('topic') && options.has('partition')) throw new LeaderElectionError('Option partition is only allowed if topic is used');
}
