import type { ConsumerRecord } from '../../client/records.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { ClientProperties } from '../client-properties.ts';
import type { Deserializer } from './deserializers.ts';
import { deserializerOf } from './deserializers.ts';

/** Adds what is printed of a record to `pieces`. @throws SerializationError */
export type Formatter = (record: ConsumerRecord, pieces: Uint8Array[]) => void;

const consumerPackage = 'org.apache.kafka.tools.consumer.';

/** Names that 3.9 takes with a warning, and what they are called now. */
const oldNames: Readonly<Record<string, string>> = {
  'kafka.tools.DefaultMessageFormatter': `${consumerPackage}DefaultMessageFormatter`,
  'kafka.tools.LoggingMessageFormatter': `${consumerPackage}LoggingMessageFormatter`,
  'kafka.tools.NoOpMessageFormatter': `${consumerPackage}NoOpMessageFormatter`,
  'kafka.coordinator.transaction.TransactionLog$TransactionLogMessageFormatter': `${consumerPackage}TransactionLogMessageFormatter`,
  'kafka.coordinator.group.GroupMetadataManager$OffsetsMessageFormatter': `${consumerPackage}OffsetsMessageFormatter`,
  'kafka.coordinator.group.GroupMetadataManager$GroupMetadataMessageFormatter': `${consumerPackage}GroupMetadataMessageFormatter`,
};

/** @returns the present name of a formatter class, and a warning when another was used */
export function formatterClass(name: string): { readonly className: string; readonly warning: string | undefined } {
  const className = Object.hasOwn(oldNames, name) ? oldNames[name] : undefined;
  if (className === undefined) return { className: name, warning: undefined };
  return { className, warning: `WARNING: ${name} is deprecated and will be removed in the next major release. Please use ${className} instead\n` };
}

/** Undefined for a class that does not exist. */
export async function createFormatter(className: string, properties: ClientProperties, logger: Logger): Promise<Formatter | undefined> {
  switch (className) {
    case `${consumerPackage}DefaultMessageFormatter`:
      return defaultFormatter(properties, logger);
    case `${consumerPackage}LoggingMessageFormatter`:
      return defaultFormatter({}, logger);
    case `${consumerPackage}NoOpMessageFormatter`:
      return () => undefined;
    case `${consumerPackage}OffsetsMessageFormatter`:
      return (await import('./coordinator-formatters.ts')).offsetsFormatter;
    case `${consumerPackage}GroupMetadataMessageFormatter`:
      return (await import('./coordinator-formatters.ts')).groupMetadataFormatter;
    case `${consumerPackage}TransactionLogMessageFormatter`:
      return (await import('./coordinator-formatters.ts')).transactionLogFormatter;
    default:
      return undefined;
  }
}

/** Columns in Kafka's order: timestamp, partition, offset, headers, key, value; each is followed by key.separator but the last. */
export function defaultFormatter(properties: ClientProperties, logger: Logger): Formatter {
  const isOn = (name: string, fallback: boolean): boolean => (properties[name] === undefined ? fallback : properties[name].trim().toLowerCase() === 'true');
  const bytes = (name: string, fallback: string): Buffer => Buffer.from(properties[name] ?? fallback);
  const deserializer = (name: string): Deserializer | undefined => {
    const className = properties[name];
    const found = className === undefined ? undefined : deserializerOf(className);
    if (className !== undefined && found === undefined) logger.error(`Unable to instantiate a deserializer from ${className}`);
    return found;
  };
  const nullLiteral = bytes('null.literal', 'null');
  const lineSeparator = bytes('line.separator', '\n');
  const headersSeparator = bytes('headers.separator', ',');
  const columns = [
    isOn('print.timestamp', false) && timestampColumn,
    isOn('print.partition', false) && partitionColumn,
    isOn('print.offset', false) && offsetColumn,
    isOn('print.headers', false) && headersColumn(headersSeparator, nullLiteral, deserializer('headers.deserializer')),
    isOn('print.key', false) && contentColumn(({ key }) => key, nullLiteral, deserializer('key.deserializer')),
    isOn('print.value', true) && contentColumn(({ value }) => value, nullLiteral, deserializer('value.deserializer')),
  ].filter((column) => column !== false);
  const separator = bytes('key.separator', '\t');
  return (record, pieces) => {
    for (let index = 0; index < columns.length; index++) {
      columns[index]!(record, pieces);
      pieces.push(index < columns.length - 1 ? separator : lineSeparator);
    }
  };
}

const timestampColumn: Formatter = ({ timestampType, timestamp }, pieces) => {
  pieces.push(Buffer.from(timestampType === 'NoTimestampType' ? 'NO_TIMESTAMP' : `${timestampType}:${timestamp}`));
};
const partitionColumn: Formatter = ({ partition }, pieces) => {
  pieces.push(Buffer.from(`Partition:${partition}`));
};
const offsetColumn: Formatter = ({ offset }, pieces) => {
  pieces.push(Buffer.from(`Offset:${offset}`));
};

function textOf(content: Buffer | null, nullLiteral: Buffer, deserializer: Deserializer | undefined): Buffer {
  const bytes = content ?? nullLiteral;
  return deserializer === undefined ? bytes : Buffer.from(deserializer(bytes));
}

function contentColumn(of: (record: ConsumerRecord) => Buffer | null, nullLiteral: Buffer, deserializer: Deserializer | undefined): Formatter {
  return (record, pieces) => {
    pieces.push(textOf(of(record), nullLiteral, deserializer));
  };
}

function headersColumn(separator: Buffer, nullLiteral: Buffer, deserializer: Deserializer | undefined): Formatter {
  return ({ headers }, pieces) => {
    if (headers.length === 0) pieces.push(Buffer.from('NO_HEADERS'));
    for (const [index, { key, value }] of headers.entries()) {
      if (index > 0) pieces.push(separator);
      pieces.push(Buffer.from(`${key}:`), textOf(value, nullLiteral, deserializer));
    }
  };
}
