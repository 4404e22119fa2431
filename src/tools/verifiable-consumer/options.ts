import type { ArgumentTable } from '../argparse.ts';

export const verifiableConsumerArguments: ArgumentTable = {
  program: 'verifiable-consumer',
  usage: `usage: verifiable-consumer [-h] --topic TOPIC
                           [--group-protocol GROUP_PROTOCOL]
                           [--group-remote-assignor GROUP_REMOTE_ASSIGNOR]
                           --group-id GROUP_ID
                           [--group-instance-id GROUP_INSTANCE_ID]
                           [--max-messages MAX-MESSAGES]
                           [--session-timeout TIMEOUT_MS] [--verbose]
                           [--enable-autocommit]
                           [--reset-policy RESETPOLICY]
                           [--assignment-strategy ASSIGNMENTSTRATEGY]
                           [--consumer.config CONFIG_FILE]
                           (--bootstrap-server HOST1:PORT1[,HOST2:PORT2[...]]
                           | --broker-list HOST1:PORT1[,HOST2:PORT2[...]])`,
  description: 'This tool reads a topic as a member of a group, and tells on standard output, as JSON, of partitions, records and commits.',
  arguments: [
    { flag: '--topic', value: 'TOPIC', isRequired: true, description: 'The topic to read.' },
    { flag: '--group-protocol', value: 'GROUP_PROTOCOL', default: 'classic', description: 'classic; consumer needs brokers without ZooKeeper.' },
    { flag: '--group-remote-assignor', value: 'GROUP_REMOTE_ASSIGNOR', description: 'Of the group protocol consumer alone.' },
    { flag: '--group-id', value: 'GROUP_ID', isRequired: true, description: 'The group to be a member of.' },
    { flag: '--group-instance-id', value: 'GROUP_INSTANCE_ID', description: 'A name of this member that lasts.' },
    { flag: '--max-messages', value: 'MAX-MESSAGES', type: 'Integer', default: '-1', description: 'Read so many; without end where negative.' },
    { flag: '--session-timeout', value: 'TIMEOUT_MS', type: 'Integer', default: '30000', description: 'session.timeout.ms of the member.' },
    { flag: '--verbose', description: 'Tell of each record.' },
    { flag: '--enable-autocommit', description: 'Commit now and then instead of after each poll.' },
    { flag: '--reset-policy', value: 'RESETPOLICY', default: 'earliest', description: 'Where to begin without a committed offset: earliest, latest or none.' },
    { flag: '--assignment-strategy', value: 'ASSIGNMENTSTRATEGY', default: 'org.apache.kafka.clients.consumer.RangeAssignor', description: 'Class name of the assignor.' },
    { flag: '--consumer.config', value: 'CONFIG_FILE', description: 'A file of consumer properties; the arguments go before it.' },
    { flag: '--bootstrap-server', value: 'HOST1:PORT1[,HOST2:PORT2[...]]', group: 'brokers', description: 'REQUIRED unless --broker-list is given: one or more brokers to learn the cluster from.' },
    { flag: '--broker-list', value: 'HOST1:PORT1[,HOST2:PORT2[...]]', group: 'brokers', description: 'The old name of --bootstrap-server.' },
  ],
};
