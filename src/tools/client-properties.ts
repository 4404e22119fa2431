import type { ConnectionOptions } from '../client/connection-options.ts';
import { parseProperties } from '../runtime/config/properties-file.ts';
import type { Terminal } from './terminal.ts';
import { ToolExit } from './terminal.ts';

/** Client properties as users spell them, by Kafka's names. */
export type ClientProperties = Readonly<Record<string, string>>;

/** @throws ToolExit that names the file when it cannot be read */
export function readPropertiesFile(terminal: Terminal, path: string): Record<string, string> {
  try {
    return parseProperties(terminal.readFile(path).toString());
  } catch {
    throw new ToolExit(1, `${path}\n`);
  }
}

/** `key=value` words; one without `=` is an empty value. */
export function keyValues(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.filter((word) => word !== '').map((word) => {
      const equals = word.indexOf('=');
      return equals < 0 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}

/** Bad values of a property, in the words of Kafka's ConfigException. */
export class ConfigException extends Error {
  override readonly name = 'ConfigException';
}

/** @throws ConfigException when it is set and is no whole number */
export function numberProperty(properties: ClientProperties, name: string): number | undefined {
  const text = properties[name]?.trim();
  if (text === undefined) return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw new ConfigException(`Invalid value ${text} for configuration ${name}: Not a number of type INT`);
  return Number(text);
}

/** @throws ConfigException when it is set and is not one of `values` */
export function choiceProperty<T extends string>(properties: ClientProperties, name: string, values: readonly T[]): T | undefined {
  const text = properties[name]?.trim();
  if (text === undefined) return undefined;
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) throw new ConfigException(`Invalid value ${text} for configuration ${name}: String must be one of: ${values.join(', ')}`);
  return value;
}

/** @throws ConfigException when it is set and is neither true nor false */
export function booleanProperty(properties: ClientProperties, name: string): boolean | undefined {
  const text = properties[name]?.trim().toLowerCase();
  if (text === undefined) return undefined;
  if (text !== 'true' && text !== 'false') throw new ConfigException(`Invalid value ${properties[name]} for configuration ${name}: Expected value to be either true or false`);
  return text === 'true';
}

/** What all clients take from their properties. @throws ConfigException */
export function connectionOptions(properties: ClientProperties): ConnectionOptions {
  const { 'client.id': clientId, 'bootstrap.servers': bootstrapServers = '' } = properties;
  return {
    bootstrapServers,
    ...defined({
      clientId,
      requestTimeoutMs: numberProperty(properties, 'request.timeout.ms'),
      defaultApiTimeoutMs: numberProperty(properties, 'default.api.timeout.ms'),
      retryBackoffMs: numberProperty(properties, 'retry.backoff.ms'),
      retryBackoffMaxMs: numberProperty(properties, 'retry.backoff.max.ms'),
      reconnectBackoffMs: numberProperty(properties, 'reconnect.backoff.ms'),
      reconnectBackoffMaxMs: numberProperty(properties, 'reconnect.backoff.max.ms'),
      socketConnectionSetupTimeoutMs: numberProperty(properties, 'socket.connection.setup.timeout.ms'),
      metadataMaxAgeMs: numberProperty(properties, 'metadata.max.age.ms'),
    }),
  };
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the keys that have no value. */
export function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
