import type { OptionTable } from '../options.ts';
import { helpOptions } from '../usage.ts';

export const deleteRecordsOptions: OptionTable = [
  { name: 'bootstrap-server', argument: { type: 'String', label: 'server(s) to use for bootstrapping' }, description: 'REQUIRED: One or more brokers to learn the cluster from.' },
  { name: 'command-config', argument: { type: 'String', label: 'command config property file path' }, description: 'A properties file for the admin client.' },
  {
    name: 'offset-json-file',
    argument: { type: 'String', label: 'Offset json file path' },
    description:
      'REQUIRED: A JSON file that names partitions, and for each the offset of the first record to keep (-1: the high watermark), such as {"version": 1, "partitions": [{"topic": "orders", "partition": 0, "offset": 1000}]}.',
  },
  ...helpOptions,
];
