import { nodeRandom } from '../../runtime/node-random.ts';
import type { OptionTable } from '../options.ts';
import { helpOptions } from '../usage.ts';

/** A group of its own for each run, unless one is named. */
const ownGroup = `perf-consumer-${nodeRandom.integer(100_000)}`;

export const consumerPerfTestOptions: OptionTable = [
  { name: 'bootstrap-server', argument: { type: 'String', label: 'server to connect to' }, description: 'REQUIRED unless --broker-list is given: one or more brokers to learn the cluster from.' },
  { name: 'broker-list', argument: { type: 'String', label: 'broker-list' }, description: 'The old name of --bootstrap-server, which wins when both are given.' },
  { name: 'consumer.config', argument: { type: 'String', label: 'config file' }, description: 'A file of consumer properties.' },
  { name: 'date-format', argument: { type: 'String', label: 'date format', default: 'yyyy-MM-dd HH:mm:ss:SSS' }, description: "How times are printed, in the letters of Java's SimpleDateFormat." },
  { name: 'fetch-size', argument: { type: 'Integer', label: 'size', default: '1048576' }, description: 'Bytes to fetch per partition and request.' },
  { name: 'from-latest', description: 'Without a committed offset begin with new records, not with the oldest.' },
  { name: 'group', argument: { type: 'String', label: 'gid', default: ownGroup }, description: 'The group to read as.' },
  { name: 'hide-header', description: 'Leave the header line out.' },
  { name: 'messages', argument: { type: 'Long', label: 'count' }, description: 'REQUIRED: How many records to read.' },
  { name: 'num-fetch-threads', argument: { type: 'Integer', label: 'count', default: '1' }, description: 'Of no effect.' },
  { name: 'print-metrics', description: "Print the client's figures at the end." },
  { name: 'reporting-interval', argument: { type: 'Long', label: 'interval_ms', default: '5000' }, description: 'Milliseconds between lines of --show-detailed-stats.' },
  { name: 'show-detailed-stats', description: 'Print a line per interval.' },
  { name: 'socket-buffer-size', argument: { type: 'Integer', label: 'size', default: '2097152' }, description: 'receive.buffer.bytes; of no effect here.' },
  { name: 'threads', argument: { type: 'Integer', label: 'count', default: '10' }, description: 'Of no effect.' },
  { name: 'timeout', argument: { type: 'Long', label: 'milliseconds', isOptional: true, default: '10000' }, description: 'End when no record came for this long.' },
  { name: 'topic', argument: { type: 'String', label: 'topic' }, description: 'REQUIRED: The topic to read.' },
  ...helpOptions,
];
