import { MalformedMessage } from '../protocol/malformed-message.ts';
import type { MessageSchema } from '../protocol/schema.ts';
import { Writer } from '../protocol/writer.ts';

/** A key or value of an internal topic: its version, int16, comes first. */
export interface Versioned<T> {
  readonly version: number;
  readonly message: T;
}

/** @throws MalformedMessage when there is no version */
export function versionOf(bytes: Buffer): number {
  if (bytes.length < 2) throw new MalformedMessage('a coordinator record begins with its version');
  return bytes.readInt16BE(0);
}

/**
 * Bytes fields are views of `bytes`.
 * @throws MalformedMessage; KafkaError UNSUPPORTED_VERSION for a version that the message does not have
 */
export function decodeVersioned<T>(bytes: Buffer, schema: MessageSchema<T, never>): Versioned<T> {
  const version = versionOf(bytes);
  return { version, message: schema.decode(bytes, 2, bytes.length, version) };
}

export function encodeVersioned<I>(schema: MessageSchema<unknown, I>, version: number, message: I): Buffer {
  const writer = new Writer();
  writer.int16(version);
  schema.encode(writer, message, version);
  return Buffer.concat(writer.finish());
}
