import type { Admin } from '../../client/admin-types.ts';
import { openAdmin } from '../admin-client.ts';
import { parseArguments } from '../subcommands.ts';
import { ConfigException, readPropertiesFile } from '../client-properties.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit } from '../terminal.ts';
import { transactionsProgram } from './arguments.ts';
import { hangingAmong, openTooLong, partitionsToSearch } from './find-hanging.ts';
import type { OpenTransaction, Search } from './find-hanging.ts';
import { table } from './table.ts';

type Values = ReadonlyMap<string, string>;
type Command = (admin: Admin, values: Values, terminal: Terminal) => Promise<string>;

const commands: Readonly<Record<string, Command>> = { list, describe, 'describe-producers': describeProducers, abort, 'find-hanging': findHanging };
const minuteMs = 60_000;
const timeoutMaxMinutes = 15;

/** kafka-transactions (KIP-664): looks at transactions and their producers, and ends those that hang. */
export async function transactionsTool(args: readonly string[], terminal: Terminal): Promise<number> {
  const { command, values } = parseArguments(transactionsProgram, args, terminal.out);
  const file = values.get('--command-config');
  try {
    const admin = await openAdmin(terminal, values.get('--bootstrap-server')!, file === undefined ? {} : readPropertiesFile(terminal, file));
    try {
      terminal.out(await commands[command]!(admin, values, terminal));
      return 0;
    } finally {
      await admin.close();
    }
  } catch (error) {
    if (error instanceof ConfigException) throw new ToolExit(1, `${error.message}\n`);
    throw error;
  }
}

/** Ends the tool, in the words of Kafka's. */
async function orExit<T>(what: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (isKafkaError(error)) throw new ToolExit(1, `${what}: ${error.message}. Enable debug logging for additional detail.\n`);
    throw error;
  }
}

const number = (values: Values, name: string): number | undefined => (values.has(name) ? Number(values.get(name)) : undefined);
const partitionOf = (values: Values): { readonly topic: string; readonly partition: number } => ({ topic: values.get('--topic')!, partition: number(values, '--partition')! });

async function list(admin: Admin, values: Values): Promise<string> {
  const durationMs = number(values, '--duration-filter');
  const listings = await orExit('Failed to list transactions', admin.listTransactions(durationMs === undefined ? {} : { durationMs }));
  return table(
    ['TransactionalId', 'Coordinator', 'ProducerId', 'TransactionState'],
    listings.map(({ transactionalId, coordinatorId, producerId, state }) => [transactionalId, String(coordinatorId), String(producerId), state]),
  );
}

async function describe(admin: Admin, values: Values, terminal: Terminal): Promise<string> {
  const transactionalId = values.get('--transactional-id')!;
  const found = await orExit(`Failed to describe transaction state of transactional-id \`${transactionalId}\``, admin.describeTransaction(transactionalId));
  const { startMs } = found;
  return table(
    ['CoordinatorId', 'TransactionalId', 'ProducerId', 'ProducerEpoch', 'TransactionState', 'TransactionTimeoutMs', 'CurrentTransactionStartTimeMs', 'TransactionDurationMs', 'TopicPartitions'],
    [
      [
        String(found.coordinatorId),
        transactionalId,
        String(found.producerId),
        String(found.producerEpoch),
        found.state,
        String(found.timeoutMs),
        startMs === undefined ? 'None' : String(startMs),
        startMs === undefined ? 'None' : String(terminal.now().getTime() - startMs),
        found.partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(','),
      ],
    ],
  );
}

async function describeProducers(admin: Admin, values: Values): Promise<string> {
  const { topic, partition } = partitionOf(values);
  const brokerId = number(values, '--broker-id');
  const place = brokerId === undefined ? 'leader' : `broker ${brokerId}`;
  const producers = await orExit(`Failed to describe producers for partition ${topic}-${partition} on ${place}`, admin.describeProducers({ topic, partition }, brokerId));
  return table(
    ['ProducerId', 'ProducerEpoch', 'LatestCoordinatorEpoch', 'LastSequence', 'LastTimestamp', 'CurrentTransactionStartOffset'],
    producers.map((producer) => [
      String(producer.producerId),
      String(producer.producerEpoch),
      String(producer.coordinatorEpoch),
      String(producer.lastSequence),
      String(producer.lastTimestamp),
      String(producer.transactionStartOffset ?? 'None'),
    ]),
  );
}

async function abort(admin: Admin, values: Values): Promise<string> {
  const { topic, partition } = partitionOf(values);
  const { producerId, producerEpoch, coordinatorEpoch } = await transactionToAbort(admin, values);
  // A producer that hangs in its first transaction has seen no coordinator yet; 0 is not above the epoch of any.
  const transaction = { topic, partition, producerId, producerEpoch, coordinatorEpoch: Math.max(0, coordinatorEpoch) };
  const told = `AbortTransactionSpec(topicPartition=${topic}-${partition}, producerId=${producerId}, producerEpoch=${producerEpoch}, coordinatorEpoch=${transaction.coordinatorEpoch})`;
  await orExit(`Failed to abort transaction ${told}`, admin.abortTransaction(transaction));
  return '';
}

async function transactionToAbort(admin: Admin, values: Values): Promise<{ readonly producerId: number; readonly producerEpoch: number; readonly coordinatorEpoch: number }> {
  const startOffset = number(values, '--start-offset');
  const producerId = number(values, '--producer-id');
  if (startOffset !== undefined) {
    const { topic, partition } = partitionOf(values);
    const producers = await orExit(`Failed to validate producer state for partition ${topic}-${partition}`, admin.describeProducers({ topic, partition }));
    const found = producers.find(({ transactionStartOffset }) => transactionStartOffset === startOffset);
    if (found === undefined) throw new ToolExit(1, `Could not find any open transactions starting at offset ${startOffset} on partition ${topic}-${partition}\n`);
    return found;
  }
  if (producerId === undefined) {
    const ways = '--start-offset (for brokers on 3.0 or above) or with --producer-id, --producer-epoch, and --coordinator-epoch (for older brokers)';
    throw new ToolExit(1, `The transaction to abort must be identified either with ${ways}\n`);
  }
  const producerEpoch = number(values, '--producer-epoch');
  const coordinatorEpoch = number(values, '--coordinator-epoch');
  if (producerEpoch === undefined) throw new ToolExit(1, 'Missing required argument --producer-epoch\n');
  if (coordinatorEpoch === undefined) throw new ToolExit(1, 'Missing required argument --coordinator-epoch\n');
  return { producerId, producerEpoch, coordinatorEpoch };
}

async function findHanging(admin: Admin, values: Values, terminal: Terminal): Promise<string> {
  const search: Search = {
    topic: values.get('--topic'),
    partition: number(values, '--partition'),
    brokerId: number(values, '--broker-id'),
    timeoutMaxMs: (number(values, '--max-transaction-timeout') ?? timeoutMaxMinutes) * minuteMs,
    nowMs: terminal.now().getTime(),
  };
  if (search.topic === undefined && search.brokerId === undefined) throw new ToolExit(1, 'The `find-hanging` command requires either --topic or --broker-id to limit the scope of the search\n');
  if (search.partition !== undefined && search.topic === undefined) throw new ToolExit(1, 'The --partition argument requires --topic to be provided\n');
  const partitions = await orExit('Failed to list topics', partitionsToSearch(admin, search));
  const place = search.brokerId === undefined ? 'Optional.empty' : `Optional[${search.brokerId}]`;
  const open = await orExit(`Failed to describe producers for ${partitions.length} partitions on broker ${place}`, openTooLong(admin, partitions, search));
  const hanging = open.length === 0 ? [] : await orExit(`Failed to list transactions for ${open.length} producers`, hangingAmong(admin, open));
  return hangingTable(hanging, search.nowMs);
}

function hangingTable(hanging: readonly OpenTransaction[], nowMs: number): string {
  return table(
    ['Topic', 'Partition', 'ProducerId', 'ProducerEpoch', 'CoordinatorEpoch', 'StartOffset', 'LastTimestamp', 'Duration(min)'],
    hanging.map(({ topic, partition, producer }) => [
      topic,
      String(partition),
      String(producer.producerId),
      String(producer.producerEpoch),
      String(producer.coordinatorEpoch),
      String(producer.transactionStartOffset ?? -1),
      String(producer.lastTimestamp),
      String(Math.trunc((nowMs - producer.lastTimestamp) / minuteMs)),
    ]),
  );
}
