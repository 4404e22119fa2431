import type { Consumer } from '../../client/consumer.ts';
import type { ConsumerRecord, TopicPartition } from '../../client/records.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ConfigException } from '../client-properties.ts';
import { consumerOptions } from '../consumer-properties.ts';
import { isKafkaError } from '../kafka-errors.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { terminalLogger } from '../terminal.ts';
import { answerHelpOrVersion, usageError } from '../usage.ts';
import type { Formatter } from './formatters.ts';
import { createFormatter, formatterClass } from './formatters.ts';
import type { ConsoleConsumerRequest } from './options.ts';
import { consoleConsumerOptions, consoleConsumerRequest, formatterProperties } from './options.ts';

/** kafka-console-consumer. */
export async function consoleConsumerTool(args: readonly string[], terminal: Terminal): Promise<number> {
  const purpose = 'This tool helps to read data from Kafka topics and outputs it to standard output.';
  const options = parse(args);
  if (args.length === 0) throw usageError(consoleConsumerOptions, purpose);
  answerHelpOrVersion(consoleConsumerOptions, options, purpose, terminal.out);
  const request = requestOf(options, terminal);
  const logger = terminalLogger(terminal);
  const formatter = await chosenFormatter(options, terminal, logger);
  let consumer: Consumer;
  try {
    const settings = consumerOptions(request.properties);
    const { createConsumer } = await import('../../client/index.ts');
    consumer = createConsumer(settings, { logger });
  } catch (error) {
    if (!(error instanceof ConfigException || isKafkaError(error))) throw error;
    logger.error('Unknown error when running consumer: ', { error });
    return 1;
  }
  return consume(consumer, request, formatter, options, terminal, logger);
}

function parse(args: readonly string[]): ParsedOptions {
  try {
    return parseOptions(consoleConsumerOptions, args);
  } catch (error) {
    if (error instanceof OptionError) throw usageError(consoleConsumerOptions, error.message);
    throw error;
  }
}

function requestOf(options: ParsedOptions, terminal: Terminal): ConsoleConsumerRequest {
  try {
    return consoleConsumerRequest(options, terminal);
  } catch (error) {
    if (error instanceof OptionError) throw usageError(consoleConsumerOptions, error.message);
    throw error;
  }
}

async function chosenFormatter(options: ParsedOptions, terminal: Terminal, logger: Logger): Promise<Formatter> {
  const { className, warning } = formatterClass(options.value('formatter') ?? '');
  if (warning !== undefined) terminal.err(warning);
  const formatter = await createFormatter(className, formatterProperties(options, terminal), logger);
  if (formatter === undefined) throw usageError(consoleConsumerOptions, className);
  return formatter;
}

async function consume(consumer: Consumer, request: ConsoleConsumerRequest, formatter: Formatter, options: ParsedOptions, terminal: Terminal, logger: Logger): Promise<number> {
  const printer = createPrinter(formatter, options.has('skip-message-on-error'), terminal, logger);
  const stop = { isOn: false, exitCode: 0 };
  const removeListener = terminal.onSignal((exitCode) => {
    stop.isOn = true;
    stop.exitCode = exitCode;
    consumer.wakeup();
  });
  begin(consumer, request);
  try {
    await readRecords(consumer, request, printer, stop, logger);
  } catch (error) {
    logger.error('Unknown error when running consumer: ', { error: error as Error });
    stop.exitCode = 1;
  } finally {
    removeListener();
    await consumer.close();
    terminal.err(`Processed a total of ${printer.count} messages\n`);
  }
  if (options.has('enable-systest-events')) terminal.out('shutdown_complete\n');
  return stop.exitCode;
}

/** One partition by itself, or all of the topics as a member of a group. */
function begin(consumer: Consumer, { topic = '', include, partition, start }: ConsoleConsumerRequest): void {
  if (partition === undefined) {
    consumer.subscribe(include === undefined ? [topic] : new RegExp(include, 'u'));
    return;
  }
  const place: TopicPartition = { topic, partition };
  consumer.assign([place]);
  if (start === 'earliest') consumer.seekToBeginning([place]);
  else if (start === 'latest') consumer.seekToEnd([place]);
  else consumer.seek(place, start);
}

async function readRecords(consumer: Consumer, request: ConsoleConsumerRequest, printer: Printer, stop: { readonly isOn: boolean }, logger: Logger): Promise<void> {
  const { maxMessages = Infinity, timeoutMs = Infinity } = request;
  while (!stop.isOn && printer.count < maxMessages) {
    let records: ConsumerRecord[];
    try {
      records = await consumer.poll(timeoutMs);
    } catch (error) {
      if (!isKafkaError(error)) throw error;
      logger.error('Error processing message, terminating consumer process: ', { error });
      return;
    }
    if (stop.isOn) return;
    if (records.length === 0 && timeoutMs !== Infinity) {
      logger.error('Error processing message, terminating consumer process: TimeoutException');
      return;
    }
    const before = printer.count;
    try {
      printer.print(records, maxMessages);
    } finally {
      giveBack(consumer, records.slice(printer.count - before));
    }
  }
}

/** What was not printed is not committed either. */
function giveBack(consumer: Consumer, records: readonly ConsumerRecord[]): void {
  for (const record of records.toReversed()) consumer.seek(record, record.offset);
}

interface Printer {
  /** Records taken, those that could not be printed too. */
  readonly count: number;
  /** @throws what the formatter throws, after what came before it is printed */
  print(records: readonly ConsumerRecord[], countMax: number): void;
}

function createPrinter(formatter: Formatter, isSkipping: boolean, terminal: Terminal, logger: Logger): Printer {
  let count = 0;
  return {
    get count() {
      return count;
    },
    print(records, countMax) {
      const pieces: Uint8Array[] = [];
      try {
        for (const record of records) {
          if (count >= countMax) break;
          count++;
          try {
            formatter(record, pieces);
          } catch (error) {
            if (!isSkipping) throw error;
            logger.error('Error processing message, skipping this message: ', { error: error as Error });
          }
        }
      } finally {
        if (pieces.length > 0) terminal.out(Buffer.concat(pieces));
      }
    },
  };
}
