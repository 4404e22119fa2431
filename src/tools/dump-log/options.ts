import type { OptionTable } from '../options.ts';
import { helpOptions } from '../usage.ts';

const stringDecoder = 'org.apache.kafka.tools.api.StringDecoder';

export const dumpLogOptions: OptionTable = [
  { name: 'cluster-metadata-decoder', description: 'For the metadata log of a KRaft cluster; a cluster with ZooKeeper has none.' },
  { name: 'deep-iteration', description: 'Print each record too, not only the batches.' },
  { name: 'files', argument: { type: 'String', label: 'file1, file2, ...' }, description: 'REQUIRED: The files to read, separated by commas: .log, .index, .timeindex, .txnindex, .snapshot.' },
  { name: 'index-sanity-check', description: 'Only check of an index what is checked at start-up.' },
  { name: 'key-decoder-class', argument: { type: 'String', isOptional: true, default: stringDecoder }, description: 'What makes text of keys.' },
  { name: 'max-bytes', argument: { type: 'Integer', label: 'size', default: '2147483647' }, description: 'Read no more than this many bytes of a log.' },
  { name: 'max-message-size', argument: { type: 'Integer', label: 'size', default: '5242880' }, description: 'Size of the largest batch, for checking an index.' },
  { name: 'offsets-decoder', description: 'Read the log as __consumer_offsets.' },
  { name: 'print-data-log', description: 'Print keys and values too; implies --deep-iteration.' },
  { name: 'remote-log-metadata-decoder', description: 'For the metadata topic of tiered storage.' },
  { name: 'skip-record-metadata', description: 'Of records print keys and values alone.' },
  { name: 'transaction-log-decoder', description: 'Read the log as __transaction_state.' },
  { name: 'value-decoder-class', argument: { type: 'String', isOptional: true, default: stringDecoder }, description: 'What makes text of values.' },
  { name: 'verify-index-only', description: 'Check an index against its log and print nothing else of it.' },
  ...helpOptions,
];
