import type { Producer } from '../../client/producer.ts';
import type { RecordMetadata } from '../../client/records.ts';
import type { ParsedArguments } from '../argparse.ts';
import { parseArguments } from '../argparse.ts';
import { readPropertiesFile } from '../client-properties.ts';
import { javaExceptionClass } from '../java-exceptions.ts';
import { printEvent } from '../json-events.ts';
import { isKafkaError } from '../kafka-errors.ts';
import { openProducer } from '../open-producer.ts';
import type { Terminal } from '../terminal.ts';
import { throttle } from '../throttle.ts';
import { verifiableProducerArguments } from './options.ts';

/** kafka-verifiable-producer. */
export async function verifiableProducerTool(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseArguments(verifiableProducerArguments, args, terminal);
  const file = options.value('--producer.config');
  const properties = {
    'bootstrap.servers': options.value('--bootstrap-server') ?? options.value('--broker-list') ?? '',
    acks: options.value('--acks') ?? '-1',
    // So that retries do not mix the numbers up.
    retries: '0',
    // Here the file has the last word.
    ...(file === undefined ? {} : readPropertiesFile(terminal, file)),
  };
  return produce(await openProducer(properties, terminal), options, terminal);
}

async function produce(producer: Producer, options: ParsedArguments, terminal: Terminal): Promise<number> {
  const stop = { isOn: false, exitCode: 0 };
  const removeListener = terminal.onSignal((exitCode) => {
    stop.isOn = true;
    stop.exitCode = exitCode;
  });
  const startMs = Date.now();
  printEvent(terminal, 'startup_complete');
  const [countMax, perSecond] = [options.number('--max-messages'), options.number('--throughput')];
  const counts = { sent: 0, acked: 0 };
  while (!stop.isOn && (countMax < 0 || counts.sent < countMax)) {
    const pending = sendOne(producer, options, counts, startMs, terminal);
    // Without a limit of its own the loop must let answers in.
    if (counts.sent % 1000 === 0 || perSecond === 0) await pending;
    await throttle(perSecond, counts.sent, startMs);
  }
  await producer.close();
  removeListener();
  printEvent(terminal, 'shutdown_complete');
  const average = (1000 * counts.acked) / (Date.now() - startMs);
  printEvent(terminal, 'tool_data', { sent: counts.sent, acked: counts.acked, target_throughput: perSecond, avg_throughput: javaDouble(average) });
  return stop.exitCode;
}

async function sendOne(producer: Producer, options: ParsedArguments, counts: { sent: number; acked: number }, startMs: number, terminal: Terminal): Promise<void> {
  const topic = options.value('--topic') ?? '';
  const number = counts.sent++;
  const [prefix, keys] = [options.value('--value-prefix'), options.value('--repeating-keys')];
  const value = prefix === undefined ? String(number) : `${Number(prefix)}.${number}`;
  const key = keys === undefined ? null : String(number % Number(keys));
  const createTime = options.number('--message-create-time');
  try {
    const { partition, offset }: RecordMetadata = await producer.send({ topic, key, value, timestamp: createTime < 0 ? undefined : createTime + (Date.now() - startMs) });
    counts.acked++;
    printEvent(terminal, 'producer_send_success', { key, value, offset, partition, topic });
  } catch (error) {
    if (!isKafkaError(error)) throw error;
    printEvent(terminal, 'producer_send_error', { topic, key, value, exception: `class ${javaExceptionClass(error.name)}`, message: error.message });
  }
}

/** Java writes whole numbers of type double with `.0`, which JSON.stringify cannot. */
function javaDouble(value: number): { readonly rawJson: string } {
  return { rawJson: Number.isInteger(value) ? `${value}.0` : String(value) };
}
