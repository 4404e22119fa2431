import { offsetSpecs } from '../../client/offset-specs.ts';
import type { OptionTable } from '../options.ts';
import { helpOptions } from '../usage.ts';
import { GetOffsetsError } from './filter.ts';

export const getOffsetsOptions: OptionTable = [
  { name: 'bootstrap-server', argument: { type: 'String', label: 'HOST1:PORT1,...,HOST3:PORT3' }, description: 'REQUIRED: One or more brokers to learn the cluster from.' },
  { name: 'broker-list', argument: { type: 'String', label: 'HOST1:PORT1,...,HOST3:PORT3' }, description: 'The old name of --bootstrap-server, which wins when both are given.' },
  { name: 'command-config', argument: { type: 'String', label: 'config file' }, description: 'A properties file for the admin client.' },
  { name: 'exclude-internal-topics', description: 'Leave out the topics that Kafka keeps for itself.' },
  { name: 'partitions', argument: { type: 'String', label: 'partition ids' }, description: 'Partition numbers, separated by commas; all when left out.' },
  {
    name: 'time',
    argument: {
      type: 'String',
      label: '<timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered',
      default: 'latest',
    },
    description: 'Which offset: of the first record at or after a time in milliseconds, or one with a name. A partition without such a record is left out.',
  },
  { name: 'topic', argument: { type: 'String', label: 'topic' }, description: 'The topic; a regular expression. All topics when left out.' },
  {
    name: 'topic-partitions',
    argument: { type: 'String', label: 'topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3' },
    description: 'Topics (regular expressions) with partitions: a number, or a range from-until whose end is left out. Instead of --topic and --partitions.',
  },
  ...helpOptions,
];

const namedTimes: Readonly<Record<string, number>> = {
  latest: offsetSpecs.latest,
  earliest: offsetSpecs.earliest,
  'max-timestamp': offsetSpecs.maxTimestamp,
  'earliest-local': offsetSpecs.earliestLocal,
  'latest-tiered': offsetSpecs.latestTiered,
};

/** @throws GetOffsetsError */
export function timestampOf(text: string): number {
  if (Object.hasOwn(namedTimes, text)) return namedTimes[text]!;
  const time = Number(text);
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(time)) return time;
  throw new GetOffsetsError(
    `Malformed time argument ${text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered, or a specified long format timestamp`,
  );
}
