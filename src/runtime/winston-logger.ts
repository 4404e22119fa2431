import { Writable } from 'node:stream';
import winston from 'winston';
import type { LogFields, Logger } from './logger.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Where lines go: one line each, ended by \n. */
  readonly write: (line: string) => void;
  /** `text` for people (Kafka's layout), `json` for collectors. */
  readonly format: 'text' | 'json';
}

/** The broker's logger. A line that the level leaves out costs one comparison. */
export function createLogger(options: LoggerOptions): Logger {
  const logger = winston.createLogger({
    level: options.level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: options.format === 'json' ? jsonLine : textLine,
    transports: [new winston.transports.Stream({ stream: lineStream(options.write) })],
  });
  return wrap(logger, {});
}

const messageSymbol = Symbol.for('message');
/** What winston hands to a formatter of ours. */
interface LogRecord {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
  [messageSymbol]?: string;
}

const textLine = { transform: (info: unknown) => withLine(info as LogRecord, toText) } as unknown as winston.Logform.Format;
const jsonLine = { transform: (info: unknown) => withLine(info as LogRecord, toJson) } as unknown as winston.Logform.Format;

function withLine(record: LogRecord, line: (record: LogRecord) => string): LogRecord {
  record[messageSymbol] = line(record);
  return record;
}

/** `[2026-11-21 10:00:00,123] INFO isr shrunk topic=a partition=0`: Kafka's layout, with fields in the place of prose. */
function toText(record: LogRecord): string {
  const { error, ...fields } = record.fields;
  const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${fieldText(value)}`);
  const cause = error === undefined ? '' : `\n${errorText(error)}`;
  return `[${timestamp(new Date())}] ${record.level.toUpperCase()} ${record.message}${pairs.join('')}${cause}`;
}

function toJson(record: LogRecord): string {
  const { error, ...fields } = record.fields;
  const failure = error === undefined ? {} : { error: errorText(error) };
  return JSON.stringify({ time: new Date().toISOString(), level: record.level, event: record.message, ...fields, ...failure });
}

function fieldText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value) ?? String(value);
  return typeof value === 'string' && /[\s="]/.test(text) ? JSON.stringify(text) : text;
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by: ${errorText(error.cause)}`;
}

function timestamp(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${day} ${clock},${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** Hands lines on at once and in order, so that none is lost when the process ends right after. */
function lineStream(write: (line: string) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      write(line);
      done();
    },
  });
}

function wrap(logger: winston.Logger, common: LogFields): Logger {
  const log = (level: LogLevel) => (event: string, fields?: LogFields): void => {
    if (!logger.isLevelEnabled(level)) return;
    logger.log({ level, message: event, fields: fields === undefined ? common : { ...common, ...fields } });
  };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error'), with: (fields) => wrap(logger, { ...common, ...fields }) };
}
