import type { DecodedRecord } from '../../record/read.ts';
import { UnknownRecordType, decodeKey, decodeValue, transactionText } from '../coordinator-records.ts';
import type { ParsedOptions } from '../options.ts';
import { JavaException } from './log-file.ts';

/** Text of a record's key and value; undefined where nothing is printed of it. */
export type RecordText = (record: DecodedRecord) => { readonly key: string | undefined; readonly payload: string | undefined };

/**
 * The decoder that the options name.
 * @param out takes the warning about old class names
 * @throws JavaException for a class that does not exist
 */
export function recordText(options: ParsedOptions, out: (text: string) => void): RecordText {
  if (options.has('offsets-decoder')) return offsetsText;
  if (options.has('transaction-log-decoder')) return transactionRecordText;
  const value = contentDecoder(options.value('value-decoder-class') ?? '', out);
  const key = contentDecoder(options.value('key-decoder-class') ?? '', out);
  return (record) => ({ key: record.key === null ? undefined : key(record.key), payload: record.value === null ? undefined : value(record.value) });
}

const decoders: Readonly<Record<string, (bytes: Buffer) => string>> = {
  StringDecoder: (bytes) => bytes.toString(),
  DefaultDecoder: (bytes) => `[B@${bytes.length.toString(16)}`,
  LongDecoder: (bytes) => String(bytes.readBigInt64BE()),
  IntegerDecoder: (bytes) => String(bytes.readInt32BE()),
};
const currentPackage = 'org.apache.kafka.tools.api.';
const formerPackage = 'kafka.serializer.';

function contentDecoder(className: string, out: (text: string) => void): (bytes: Buffer) => string {
  const isFormer = className.startsWith(formerPackage);
  const name = className.startsWith(currentPackage) ? className.slice(currentPackage.length) : isFormer ? className.slice(formerPackage.length) : '';
  const decoder = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (decoder === undefined) throw new JavaException('java.lang.ClassNotFoundException', className);
  if (isFormer) out(`${className} is deprecated. Please use ${currentPackage}${name} instead\n`);
  return decoder;
}

const offsetsText: RecordText = ({ key, value, offset }) => {
  if (key === null) throw new JavaException('java.lang.RuntimeException', `Failed to decode message at offset ${offset} using offset topic decoder (message had a missing key)`);
  return guarded(offset, () => {
    const { kind, version, data } = decodeKey(key);
    const text = JSON.stringify({ type: String(version), data });
    if (value === null) return { key: text, payload: '<DELETE>' };
    const decoded = decodeValue(kind, value, true);
    return { key: text, payload: JSON.stringify({ version: String(decoded.version), data: decoded.data }) };
  });
};

const transactionRecordText: RecordText = ({ key, value, offset }) => {
  if (key === null) throw new JavaException('java.lang.RuntimeException', `Failed to decode message at offset ${offset} using transaction log decoder (message had a missing key)`);
  return guarded(offset, () => transactionText(key, value));
};

function guarded(offset: number, decode: () => { key: string; payload: string }): { key: string; payload: string | undefined } {
  try {
    return decode();
  } catch (error) {
    if (error instanceof UnknownRecordType) return { key: `Unknown record type ${error.version} at offset ${offset}, skipping.`, payload: undefined };
    return { key: `Error at offset ${offset}, skipping. ${(error as Error).message}`, payload: undefined };
  }
}
