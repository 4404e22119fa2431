import type { OptionTable } from '../options.ts';
import { helpOptions } from '../usage.ts';

export const logDirsOptions: OptionTable = [
  { name: 'bootstrap-server', argument: { type: 'String', label: 'The server(s) to use for bootstrapping' }, description: 'REQUIRED: One or more brokers to learn the cluster from.' },
  { name: 'broker-list', argument: { type: 'String', label: 'Broker list', default: '' }, description: 'Ids of the brokers to ask, such as "0,1,2"; all when left out.' },
  { name: 'command-config', argument: { type: 'String', label: 'Admin client property file' }, description: 'A properties file for the admin client.' },
  { name: 'describe', description: 'Show what lies in the log directories of the brokers.' },
  { name: 'topic-list', argument: { type: 'String', label: 'Topic list', default: '' }, description: 'Topics to show, such as "orders,payments"; all when left out.' },
  ...helpOptions,
];
