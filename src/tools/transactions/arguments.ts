import type { Argument, Program } from '../subcommands.ts';

const topic: Argument = { name: '--topic', isRequired: true, help: 'topic name' };
const partition: Argument = { name: '--partition', type: 'Integer', isRequired: true, help: 'partition number' };

/** The command line of kafka-transactions. */
export const transactionsProgram: Program = {
  name: 'kafka-transactions.sh',
  description: 'This tool is used to analyze the transactional state of producers in the cluster. It can be used to detect and recover from hanging transactions.',
  version: '3.9.1 (Commit:f745dfdcee2b9851)',
  arguments: [
    { name: '--command-config', metavar: 'FILE', help: 'property file containing configs to be passed to admin client' },
    { name: '--bootstrap-server', metavar: 'host:port', isRequired: true, help: 'hostname and port for the broker to connect to, in the form `host:port`  (multiple comma-separated entries can be given)' },
  ],
  commands: [
    {
      name: 'list',
      help: 'list transactions',
      arguments: [
        {
          name: '--duration-filter',
          type: 'Long',
          help: 'Duration (in millis) to filter by: if < 0, all transactions will be returned; otherwise, only transactions running longer than this duration will be returned',
        },
      ],
    },
    {
      name: 'describe',
      help: 'describe the state of an active transactional-id',
      description: 'Describe the state of an active transactional-id.',
      arguments: [{ name: '--transactional-id', isRequired: true, help: 'transactional id' }],
    },
    {
      name: 'describe-producers',
      help: 'describe the states of active producers for a topic partition',
      arguments: [{ name: '--broker-id', type: 'Integer', help: 'optional broker id to describe the producer state on a specific replica' }, topic, partition],
    },
    {
      name: 'abort',
      help: 'abort a hanging transaction (requires administrative privileges)',
      arguments: [topic, partition],
      groups: [
        {
          title: 'Brokers on versions 3.0 and above',
          description: 'For newer brokers, only the start offset of the transaction to be aborted is required',
          arguments: [{ name: '--start-offset', type: 'Long', help: 'start offset of the transaction to abort' }],
        },
        {
          title: 'Brokers on versions older than 3.0',
          description: 'For older brokers, you must provide all of these arguments',
          arguments: [
            { name: '--producer-id', type: 'Long', help: 'producer id' },
            { name: '--producer-epoch', type: 'Short', help: 'producer epoch' },
            { name: '--coordinator-epoch', type: 'Integer', help: 'coordinator epoch' },
          ],
        },
      ],
    },
    {
      name: 'find-hanging',
      help: 'find hanging transactions',
      arguments: [
        { name: '--broker-id', type: 'Integer', help: 'broker id to search for hanging transactions' },
        { name: '--max-transaction-timeout', type: 'Integer', help: 'maximum transaction timeout in minutes to limit the scope of the search (15 minutes by default)' },
        { name: '--topic', help: 'topic name to limit search to (required if --partition is specified)' },
        { name: '--partition', type: 'Integer', help: 'partition number' },
      ],
    },
  ],
};
