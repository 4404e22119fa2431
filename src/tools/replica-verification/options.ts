import type { OptionTable } from '../options.ts';
import { helpOptions } from '../usage.ts';

export const replicaVerificationOptions: OptionTable = [
  { name: 'broker-list', argument: { type: 'String', label: 'hostname:port,...,hostname:port' }, description: 'REQUIRED: One or more brokers to learn the cluster from.' },
  { name: 'fetch-size', argument: { type: 'Integer', label: 'bytes', default: '1048576' }, description: 'Bytes of a partition to read at a time.' },
  { name: 'max-wait-ms', argument: { type: 'Integer', label: 'ms', default: '1000' }, description: 'How long a broker may wait for new records before it answers.' },
  { name: 'report-interval-ms', argument: { type: 'Long', label: 'ms', default: '30000' }, description: 'Time between two report lines.' },
  { name: 'time', argument: { type: 'Long', label: 'timestamp/-1(latest)/-2(earliest)', default: '-1' }, description: 'Where to begin: at the records of that time in milliseconds and later.' },
  { name: 'topic-white-list', argument: { type: 'String', label: 'Java regex (String)', default: '.*' }, description: 'The old name of --topics-include.' },
  { name: 'topics-include', argument: { type: 'String', label: 'Java regex (String)', default: '.*' }, description: 'The topics to compare; a regular expression.' },
  ...helpOptions,
];
