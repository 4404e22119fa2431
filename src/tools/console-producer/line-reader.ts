import type { ProducerRecord } from '../../client/records.ts';
import type { ClientProperties } from '../client-properties.ts';

/** A line that is not what the properties say; Kafka: KafkaException. */
export class LineError extends Error {
  override readonly name = 'LineError';
}

export interface LineFormat {
  readonly topic: string;
  readonly parseKey: boolean;
  readonly parseHeaders: boolean;
  readonly ignoreError: boolean;
  readonly keySeparator: string;
  readonly headersDelimiter: string;
  readonly headersSeparator: string;
  readonly headersKeySeparator: string;
  readonly nullMarker: string | undefined;
}

/** @throws LineError when separators are the same */
export function lineFormat(topic: string, properties: ClientProperties): LineFormat {
  const isTrue = (name: string): boolean => properties[name]?.trim().toLowerCase() === 'true';
  const format: LineFormat = {
    topic,
    parseKey: isTrue('parse.key'),
    parseHeaders: isTrue('parse.headers'),
    ignoreError: isTrue('ignore.error'),
    keySeparator: properties['key.separator'] ?? '\t',
    headersDelimiter: properties['headers.delimiter'] ?? '\t',
    headersSeparator: properties['headers.separator'] ?? ',',
    headersKeySeparator: properties['headers.key.separator'] ?? ':',
    nullMarker: properties['null.marker'],
  };
  const separators = { 'headers.delimiter': format.headersDelimiter, 'headers.separator': format.headersSeparator, 'headers.key.separator': format.headersKeySeparator };
  refuseSame(separators);
  if (format.nullMarker !== undefined) refuseSame({ 'null.marker': format.nullMarker, 'key.separator': format.keySeparator });
  return format;
}

function refuseSame(separators: Readonly<Record<string, string>>): void {
  const entries = Object.entries(separators);
  for (const [index, [name, text]] of entries.entries()) {
    const same = entries.slice(index + 1).find(([, other]) => other === text);
    if (same !== undefined) throw new LineError(`${name} and ${same[0]} may not be equal`);
  }
}

/** The record of a line: headers, key and value in this order. @throws LineError where a separator is missing */
export function recordOfLine(format: LineFormat, line: string, lineNumber: number): ProducerRecord {
  const part = (isParsed: boolean, start: number, separator: string, what: string): string | undefined => {
    if (!isParsed) return undefined;
    const end = line.indexOf(separator, start);
    if (end >= 0) return line.slice(start, end);
    if (format.ignoreError) return undefined;
    throw new LineError(`No ${what} found on line number ${lineNumber}: '${line}'`);
  };
  const headers = part(format.parseHeaders, 0, format.headersDelimiter, 'headers delimiter');
  const keyStart = headers === undefined ? 0 : headers.length + format.headersDelimiter.length;
  const key = part(format.parseKey, keyStart, format.keySeparator, 'key separator');
  const value = line.slice(key === undefined ? keyStart : keyStart + key.length + format.keySeparator.length);
  const nullable = (text: string): string | null => (text === format.nullMarker ? null : text);
  return {
    topic: format.topic,
    key: key === undefined ? null : nullable(key),
    value: nullable(value),
    headers: headers === undefined || headers === format.nullMarker ? [] : headersOfText(format, headers, lineNumber, nullable),
  };
}

function headersOfText(format: LineFormat, text: string, lineNumber: number, nullable: (text: string) => string | null): { key: string; value: string | null }[] {
  return text.split(format.headersSeparator).map((pair) => {
    const end = pair.indexOf(format.headersKeySeparator);
    if (end < 0) {
      if (format.ignoreError) return { key: pair, value: null };
      throw new LineError(`No header key separator found in pair '${pair}' on line number ${lineNumber}`);
    }
    const key = pair.slice(0, end);
    if (key === format.nullMarker) throw new LineError(`Header keys should not be equal to the null marker '${key}' as they can't be null`);
    return { key, value: nullable(pair.slice(end + format.headersKeySeparator.length)) };
  });
}

/** Lines of UTF-8 text, ended by \n, \r or \r\n; the last may go without. */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string[], void> {
  const decoder = new TextDecoder();
  let open = '';
  for await (const bytes of input) {
    const text = open + decoder.decode(bytes, { stream: true });
    // A \r at the very end may be the first half of \r\n.
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\r|\n/);
    open = (lines.pop() ?? '') + text.slice(end);
    yield lines;
  }
  open += decoder.decode();
  if (open !== '') yield [open.replace(/\r$/, '')];
}
