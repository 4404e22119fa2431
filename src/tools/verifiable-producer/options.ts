import type { ArgumentTable } from '../argparse.ts';

export const verifiableProducerArguments: ArgumentTable = {
  program: 'verifiable-producer',
  usage: `usage: verifiable-producer [-h] --topic TOPIC [--max-messages MAX-MESSAGES]
                           [--throughput THROUGHPUT] [--acks ACKS]
                           [--producer.config CONFIG_FILE]
                           [--message-create-time CREATETIME]
                           [--value-prefix VALUE-PREFIX]
                           [--repeating-keys REPEATING-KEYS]
                           (--bootstrap-server HOST1:PORT1[,HOST2:PORT2[...]]
                           | --broker-list HOST1:PORT1[,HOST2:PORT2[...]])`,
  description: 'This tool sends growing numbers to a topic, and tells on standard output, as JSON, what became of each.',
  arguments: [
    { flag: '--topic', value: 'TOPIC', isRequired: true, description: 'The topic to send to.' },
    { flag: '--max-messages', value: 'MAX-MESSAGES', type: 'Integer', default: '-1', description: 'Send so many; without end where negative.' },
    { flag: '--throughput', value: 'THROUGHPUT', type: 'Integer', default: '-1', description: 'About so many per second; as fast as it goes where negative.' },
    { flag: '--acks', value: 'ACKS', type: 'Integer', default: '-1', description: 'Acks wanted for each: 0, 1, or -1 for all in-sync replicas.' },
    { flag: '--producer.config', value: 'CONFIG_FILE', description: 'A file of producer properties.' },
    { flag: '--message-create-time', value: 'CREATETIME', type: 'Long', default: '-1', description: 'Timestamp of the first, in milliseconds; time goes on from there.' },
    { flag: '--value-prefix', value: 'VALUE-PREFIX', type: 'Integer', description: 'Values are this number, a dot, and the number.' },
    { flag: '--repeating-keys', value: 'REPEATING-KEYS', type: 'Integer', description: 'Keys are numbers below this one, again and again.' },
    { flag: '--bootstrap-server', value: 'HOST1:PORT1[,HOST2:PORT2[...]]', group: 'brokers', description: 'REQUIRED unless --broker-list is given: one or more brokers to learn the cluster from.' },
    { flag: '--broker-list', value: 'HOST1:PORT1[,HOST2:PORT2[...]]', group: 'brokers', description: 'The old name of --bootstrap-server.' },
  ],
};
