import type { Consumer } from '../../client/consumer-types.ts';
import type { PartitionOffset } from '../../client/group/offset-requests.ts';
import type { ConsumerRecord } from '../../client/records.ts';
import type { ParsedArguments } from '../argparse.ts';
import { parseArguments } from '../argparse.ts';
import { ConfigException, readPropertiesFile } from '../client-properties.ts';
import { consumerOptions } from '../consumer-properties.ts';
import { printEvent } from '../json-events.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit, terminalLogger } from '../terminal.ts';
import { verifiableConsumerArguments } from './options.ts';

/** kafka-verifiable-consumer. */
export async function verifiableConsumerTool(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseArguments(verifiableConsumerArguments, args, terminal);
  try {
    const settings = consumerOptions(propertiesOf(options, terminal));
    const { createConsumer } = await import('../../client/index.ts');
    return await consume(createConsumer(settings, { logger: terminalLogger(terminal) }), options, terminal);
  } catch (error) {
    if (error instanceof ConfigException) throw new ToolExit(1, `Exception in thread "main" org.apache.kafka.common.config.ConfigException: ${error.message}\n`);
    throw error;
  }
}

/** @throws ConfigException for the group protocol that a cluster with ZooKeeper does not have */
function propertiesOf(options: ParsedArguments, terminal: Terminal): Record<string, string> {
  const file = options.value('--consumer.config');
  const instanceId = options.value('--group-instance-id');
  const protocol = options.value('--group-protocol') ?? '';
  if (protocol.toLowerCase() !== 'classic') throw new ConfigException(`Invalid value ${protocol} for configuration group.protocol: String must be one of (case insensitive): CLASSIC`);
  return {
    ...(file === undefined ? {} : readPropertiesFile(terminal, file)),
    'partition.assignment.strategy': options.value('--assignment-strategy') ?? '',
    'group.id': options.value('--group-id') ?? '',
    ...(instanceId === undefined ? {} : { 'group.instance.id': instanceId }),
    'bootstrap.servers': options.value('--bootstrap-server') ?? options.value('--broker-list') ?? '',
    'enable.auto.commit': String(options.has('--enable-autocommit')),
    'auto.offset.reset': options.value('--reset-policy') ?? '',
    'session.timeout.ms': options.value('--session-timeout') ?? '',
  };
}

/** Polls wait without end, until there is something or a signal comes. */
const pollMs = 0x7fffffff;

async function consume(consumer: Consumer, options: ParsedArguments, terminal: Terminal): Promise<number> {
  const stop = { isOn: false, exitCode: 0 };
  const removeListener = terminal.onSignal((exitCode) => {
    stop.isOn = true;
    stop.exitCode = exitCode;
    consumer.wakeup();
  });
  const countMax = options.number('--max-messages');
  printEvent(terminal, 'startup_complete');
  try {
    consumer.subscribe([options.value('--topic') ?? ''], {
      assigned: (partitions) => printEvent(terminal, 'partitions_assigned', { partitions }),
      revoked: (partitions) => printEvent(terminal, 'partitions_revoked', { partitions }),
    });
    for (let count = 0; countMax < 0 || count < countMax; ) {
      const records = await consumer.poll(pollMs);
      if (stop.isOn) break;
      const taken = countMax < 0 ? records : records.slice(0, countMax - count);
      count += taken.length;
      const offsets = tellRecords(records.length, taken, options.has('--verbose'), terminal);
      if (!options.has('--enable-autocommit')) await commit(consumer, offsets, terminal);
    }
  } catch (error) {
    terminalLogger(terminal).error('Error during processing, terminating consumer process: ', { error: error as Error });
  } finally {
    await consumer.close();
    removeListener();
    printEvent(terminal, 'shutdown_complete');
  }
  return stop.exitCode;
}

/** @param pollCount of the whole poll, more than are taken where a limit cut it */
function tellRecords(pollCount: number, records: readonly ConsumerRecord[], isVerbose: boolean, terminal: Terminal): PartitionOffset[] {
  const byPartition = new Map<string, ConsumerRecord[]>();
  for (const record of records) {
    const key = `${record.partition} ${record.topic}`;
    byPartition.set(key, [...(byPartition.get(key) ?? []), record]);
  }
  const groups = [...byPartition.values()];
  if (isVerbose) {
    for (const { key, value, topic, partition, offset } of groups.flat()) {
      printEvent(terminal, 'record_data', { key: key?.toString() ?? null, value: value?.toString() ?? null, topic, partition, offset });
    }
  }
  const summary = groups.map((its) => ({ topic: its[0]!.topic, partition: its[0]!.partition, count: its.length, minOffset: its[0]!.offset, maxOffset: its.at(-1)!.offset }));
  printEvent(terminal, 'records_consumed', { count: pollCount, partitions: summary });
  return summary.map(({ topic, partition, maxOffset }) => ({ topic, partition, offset: maxOffset + 1 }));
}

/** @throws KafkaError FENCED_INSTANCE_ID, which ends the tool */
async function commit(consumer: Consumer, offsets: readonly PartitionOffset[], terminal: Terminal): Promise<void> {
  try {
    await consumer.commitSync(offsets);
    printEvent(terminal, 'offsets_committed', { offsets, success: true });
  } catch (error) {
    if (!isKafkaError(error) || error.name === 'FENCED_INSTANCE_ID') throw error;
    printEvent(terminal, 'offsets_committed', { offsets, error: error.message, success: false });
  }
}
