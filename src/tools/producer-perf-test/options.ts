import type { ArgumentTable } from '../argparse.ts';

export const producerPerfTestArguments: ArgumentTable = {
  program: 'producer-performance',
  usage: `usage: producer-performance [-h] --topic TOPIC --num-records NUM-RECORDS
                            [--payload-delimiter PAYLOAD-DELIMITER]
                            --throughput THROUGHPUT
                            [--producer-props PROP-NAME=PROP-VALUE [PROP-NAME=PROP-VALUE ...]]
                            [--producer.config CONFIG-FILE]
                            [--print-metrics]
                            [--transactional-id TRANSACTIONAL-ID]
                            [--transaction-duration-ms TRANSACTION-DURATION]
                            (--record-size RECORD-SIZE |
                            --payload-file PAYLOAD-FILE |
                            --payload-monotonic)`,
  description: 'This tool measures how fast records can be sent, and how long each takes.',
  arguments: [
    { flag: '--topic', value: 'TOPIC', isRequired: true, description: 'The topic to send to.' },
    { flag: '--num-records', value: 'NUM-RECORDS', type: 'Long', isRequired: true, description: 'How many records to send.' },
    { flag: '--payload-delimiter', value: 'PAYLOAD-DELIMITER', default: '\\n', description: 'What stands between the payloads of --payload-file.' },
    { flag: '--throughput', value: 'THROUGHPUT', type: 'Integer', isRequired: true, description: 'About so many records per second; -1 for as fast as it goes.' },
    { flag: '--producer-props', value: 'PROP-NAME=PROP-VALUE', isMany: true, description: 'Producer properties, which go before those of --producer.config.' },
    { flag: '--producer.config', value: 'CONFIG-FILE', description: 'A file of producer properties.' },
    { flag: '--print-metrics', description: "Print the client's figures at the end." },
    { flag: '--transactional-id', value: 'TRANSACTIONAL-ID', default: 'performance-producer-default-transactional-id', description: 'Used when --transaction-duration-ms is more than 0.' },
    { flag: '--transaction-duration-ms', value: 'TRANSACTION-DURATION', type: 'Long', default: '0', description: 'Commit after so long; 0 for no transactions.' },
    { flag: '--record-size', value: 'RECORD-SIZE', type: 'Integer', group: 'payload', description: 'Bytes of each record, letters by chance.' },
    { flag: '--payload-file', value: 'PAYLOAD-FILE', group: 'payload', description: 'A file of payloads, one of which is sent each time, by chance.' },
    { flag: '--payload-monotonic', group: 'payload', description: 'Records are growing numbers.' },
  ],
};
