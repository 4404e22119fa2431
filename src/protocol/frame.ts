import { textAt } from './interned.ts';
import { MalformedMessage } from './malformed-message.ts';
import type { MessageSchema } from './schema.ts';
import { Writer } from './writer.ts';
import type { Chunk } from './writer.ts';
import { flexibleSinceOf } from './flexible-since.ts';

/** The header of a request, and where its body begins. */
export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly bodyStart: number;
}

const apiVersionsKey = 18;
const controlledShutdownKey = 7;

/**
 * Reads a request's header (v0, v1 or v2, by API and version); `start` is behind the size.
 * @throws MalformedMessage when the API is unknown or the bytes end too early
 */
export function decodeRequestHeader(buffer: Buffer, start: number, end: number): RequestHeader {
  if (end - start < 8) throw new MalformedMessage('a request header has at least 8 bytes');
  const apiKey = int16At(buffer, start);
  const apiVersion = int16At(buffer, start + 2);
  const correlationId = (int16At(buffer, start + 4) << 16) | (int16At(buffer, start + 6) & 0xffff);
  const flexibleSince = flexibleSinceOf(apiKey);
  let bodyStart = start + 8;
  if (apiKey === controlledShutdownKey && apiVersion === 0) return { apiKey, apiVersion, correlationId, clientId: null, bodyStart };
  if (end - bodyStart < 2) throw new MalformedMessage('a request header ends before the client id');
  const length = int16At(buffer, bodyStart);
  bodyStart += 2;
  let clientId: string | null = null;
  if (length >= 0) {
    if (length > end - bodyStart) throw new MalformedMessage('a client id is longer than what is left');
    clientId = textAt(buffer, bodyStart, bodyStart + length);
    bodyStart += length;
  }
  if (apiVersion >= flexibleSince) bodyStart = skipTags(buffer, bodyStart, end);
  return { apiKey, apiVersion, correlationId, clientId, bodyStart };
}

function int16At(buffer: Buffer, at: number): number {
  return ((buffer[at]! << 24) | (buffer[at + 1]! << 16)) >> 16;
}

export interface ResponseHeader {
  readonly correlationId: number;
  readonly bodyStart: number;
}

/** @throws MalformedMessage */
export function decodeResponseHeader(apiKey: number, version: number, buffer: Buffer, start: number, end: number): ResponseHeader {
  if (end - start < 4) throw new MalformedMessage('a response header has at least 4 bytes');
  const correlationId = buffer.readInt32BE(start);
  const at = start + 4;
  return { correlationId, bodyStart: hasTaggedResponseHeader(apiKey, version) ? skipTags(buffer, at, end) : at };
}

/** ApiVersions is always answered with header v0, so that a client can read an answer to a version the broker lacks. */
function hasTaggedResponseHeader(apiKey: number, version: number): boolean {
  return apiKey !== apiVersionsKey && version >= flexibleSinceOf(apiKey);
}

/** Nearly always there are none: a zero byte. */
function skipTags(buffer: Buffer, start: number, end: number): number {
  return start < end && buffer[start] === 0 ? start + 1 : skipSomeTags(buffer, start, end);
}

function skipSomeTags(buffer: Buffer, start: number, end: number): number {
  let at = start;
  const uvarint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= end) throw new MalformedMessage('a header ends inside its tagged fields');
      const byte = buffer[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80 && (shift < 28 || byte < 0x10)) return value >>> 0;
    }
    throw new MalformedMessage('a variable-length number is longer than 32 bits');
  };
  for (let count = uvarint(); count > 0; count--) {
    uvarint();
    const size = uvarint();
    if (size > end - at) throw new MalformedMessage('a tagged field of a header is longer than what is left');
    at += size;
  }
  return at;
}

/** A whole request frame, size first. */
export function encodeRequest<I>(schema: MessageSchema<unknown, I>, version: number, correlationId: number, clientId: string | null, value: I): Uint8Array[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int16(schema.apiKey);
  writer.int16(version);
  writer.int32(correlationId);
  if (!(schema.apiKey === controlledShutdownKey && version === 0)) {
    if (clientId === null) writer.int16(-1);
    else writer.string(clientId);
  }
  if (version >= schema.flexibleSince) writer.int8(0);
  schema.encode(writer, value, version);
  const { length } = writer;
  const chunks = writer.finish();
  fillSize(chunks[0]!, length);
  return chunks;
}

/** A whole response frame, size first; of records that are in a file, their range. */
export function encodeResponse<I>(schema: MessageSchema<unknown, I>, version: number, correlationId: number, value: I): Chunk[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  if (hasTaggedResponseHeader(schema.apiKey, version)) writer.int8(0);
  schema.encode(writer, value, version);
  const { length } = writer;
  const chunks = writer.finishChunks();
  fillSize(chunks[0] as Uint8Array, length);
  return chunks;
}

/** The size counts the bytes behind it. */
function fillSize(first: Uint8Array, frameBytes: number): void {
  const size = frameBytes - 4;
  first[0] = size >>> 24;
  first[1] = size >>> 16;
  first[2] = size >>> 8;
  first[3] = size;
}
