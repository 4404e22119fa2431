import type { Producer } from '../../client/producer.ts';
import type { ProducerRecord } from '../../client/records.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ConfigException } from '../client-properties.ts';
import { isKafkaError } from '../kafka-errors.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { ParsedOptions } from '../options.ts';
import { producerOptions } from '../producer-properties.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit, terminalLogger } from '../terminal.ts';
import { answerHelpOrVersion, usageError } from '../usage.ts';
import type { LineFormat } from './line-reader.ts';
import { LineError, lineFormat, linesOf, recordOfLine } from './line-reader.ts';
import { checkConsoleProducer, consoleProducerOptions, defaultLineReader, producerProperties, readerProperties } from './options.ts';

/** Records on their way at most: standard input waits for the cluster. */
const unsentBytesMax = 16 * 1024 * 1024;

/** kafka-console-producer. */
export async function consoleProducerTool(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parse(args);
  answerHelpOrVersion(consoleProducerOptions, options, 'This tool helps to read data from standard input and publish it to Kafka.', terminal.out);
  checkConsoleProducer(options);
  const reader = options.value('line-reader');
  if (reader !== defaultLineReader) throw new ToolExit(1, `java.lang.ClassNotFoundException: ${reader}\n`);
  const logger = terminalLogger(terminal);
  let format: LineFormat;
  let producer: Producer;
  try {
    format = lineFormat(options.value('topic') ?? '', readerProperties(options, terminal));
    producer = await openProducer(options, terminal, logger);
  } catch (error) {
    throw asExit(error);
  }
  return sendLines(producer, format, options.has('sync'), terminal, logger);
}

function parse(args: readonly string[]): ParsedOptions {
  try {
    return parseOptions(consoleProducerOptions, args);
  } catch (error) {
    if (error instanceof OptionError) throw usageError(consoleProducerOptions, error.message);
    throw error;
  }
}

async function openProducer(options: ParsedOptions, terminal: Terminal, logger: Logger): Promise<Producer> {
  const properties = producerProperties(options, terminal);
  const producerSettings = producerOptions(properties);
  const { createProducer } = await import('../../client/index.ts');
  const producer = createProducer(producerSettings, { logger });
  if (properties['transactional.id'] === undefined) return producer;
  await producer.close();
  throw new ToolExit(1, 'java.lang.IllegalStateException: Cannot add partition to transaction before completing a call to initTransactions\n');
}

function asExit(error: unknown): unknown {
  if (error instanceof ConfigException) return new ToolExit(1, `org.apache.kafka.common.config.ConfigException: ${error.message}\n`);
  if (isKafkaError(error) && error.name === 'INVALID_CONFIG') return new ToolExit(1, `org.apache.kafka.common.config.ConfigException: ${error.message}\n`);
  if (error instanceof LineError) return new ToolExit(1, `org.apache.kafka.common.KafkaException: ${error.message}\n`);
  if (error instanceof OptionError) return new ToolExit(1, `joptsimple.${error.name}: ${error.message}\n`);
  return error;
}

async function sendLines(producer: Producer, format: LineFormat, isSync: boolean, terminal: Terminal, logger: Logger): Promise<number> {
  const sender = boundedSender(producer, logger);
  let exitCode = 0;
  let interrupted: () => void = () => undefined;
  const interruption = new Promise<'interrupted'>((resolve) => {
    interrupted = () => resolve('interrupted');
  });
  const removeListener = terminal.onSignal((code) => {
    exitCode = code;
    interrupted();
  });
  const prompt = (): void => {
    if (terminal.isInteractive) terminal.out('>');
  };
  const readAll = async (): Promise<void> => {
    let lineNumber = 0;
    prompt();
    for await (const lines of linesOf(terminal.input)) {
      for (const line of lines) {
        lineNumber++;
        const sent = sender.send(recordOfLine(format, line, lineNumber));
        if (isSync) await sent;
        prompt();
      }
      await sender.room();
    }
  };
  try {
    await Promise.race([readAll(), interruption]);
  } catch (error) {
    throw asExit(error);
  } finally {
    removeListener();
    await producer.close();
    await sender.idle();
  }
  return exitCode;
}

/** Sends, logs what failed, and tells when there is room for more. */
function boundedSender(producer: Producer, logger: Logger): { send(record: ProducerRecord): Promise<void>; room(): Promise<void>; idle(): Promise<void> } {
  let unsentBytes = 0;
  let onLess: (() => void) | undefined;
  const sizeOf = (content: ProducerRecord['value']): number => (typeof content === 'string' ? Buffer.byteLength(content) : (content?.length ?? 0));
  const below = async (bytes: number): Promise<void> => {
    while (unsentBytes > bytes) await new Promise<void>((resolve) => (onLess = resolve));
  };
  return {
    async send(record) {
      const bytes = sizeOf(record.key) + sizeOf(record.value) + 64;
      unsentBytes += bytes;
      try {
        await producer.send(record);
      } catch (error) {
        const key = record.key === null || record.key === undefined ? 'null' : `${sizeOf(record.key)} bytes`;
        const value = record.value === null || record.value === undefined ? 'null' : `${sizeOf(record.value)} bytes`;
        logger.error(`Error when sending message to topic ${record.topic} with key: ${key}, value: ${value} with error`, { error });
      } finally {
        unsentBytes -= bytes;
        onLess?.();
      }
    },
    room: () => below(unsentBytesMax),
    idle: () => below(0),
  };
}
