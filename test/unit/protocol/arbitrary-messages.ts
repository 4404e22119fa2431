import fc from 'fast-check';
import { apis } from '../../../src/protocol/apis.ts';
import { zeroUuid } from '../../../src/protocol/fields.ts';
import type { Field, Fields, FieldType } from '../../../src/protocol/fields.ts';
import { isNullable, isPresent } from '../../../src/protocol/layout.ts';
import type { Layout } from '../../../src/protocol/layout.ts';
import { consumerProtocolAssignment, consumerProtocolSubscription } from '../../../src/protocol/messages/consumer-protocol.ts';
import { defaultPrincipalData } from '../../../src/protocol/messages/default-principal-data.ts';
import { groupMetadataKey, groupMetadataValue } from '../../../src/protocol/messages/group-metadata.ts';
import { offsetCommitKey, offsetCommitValue } from '../../../src/protocol/messages/offset-commit.ts';
import { transactionLogKey, transactionLogValue } from '../../../src/protocol/messages/transaction-log.ts';
import type { MessageSchema } from '../../../src/protocol/schema.ts';
import { Writer } from '../../../src/protocol/writer.ts';

/** Every message that there is. */
export const messages: readonly MessageSchema<unknown>[] = [
  ...apis.flatMap(({ request, response }) => [request, response]),
  offsetCommitKey,
  offsetCommitValue,
  groupMetadataKey,
  groupMetadataValue,
  transactionLogKey,
  transactionLogValue,
  consumerProtocolAssignment,
  consumerProtocolSubscription,
  defaultPrincipalData,
];

export type Values = Readonly<Record<string, unknown>>;

const layoutOf = (schema: MessageSchema<unknown>, version: number): Layout => ({ version, isFlexible: version >= schema.flexibleSince });

/** Any value that a version can carry, made from the same table as the codec. */
export function anyMessage(schema: MessageSchema<unknown>, version: number): fc.Arbitrary<Values> {
  return anyStruct(schema.fields, layoutOf(schema, version));
}

function anyStruct(fields: Fields, layout: Layout): fc.Arbitrary<Values> {
  const present = Object.entries(fields).filter(([, { options }]) => isPresent(options, layout));
  return fc.record(Object.fromEntries(present.map(([name, field]) => [name, anyOf(field, layout)])));
}

function anyOf({ type, options }: Field<unknown, unknown>, layout: Layout): fc.Arbitrary<unknown> {
  const value = anyOfType(type, layout);
  return isNullable(options, layout) ? fc.option(value, { nil: null, freq: 4 }) : value;
}

function anyOfType(type: FieldType, layout: Layout): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'bool':
      return fc.boolean();
    case 'int8':
      return fc.integer({ min: -128, max: 127 });
    case 'int16':
      return fc.integer({ min: -32768, max: 32767 });
    case 'uint16':
      return fc.integer({ min: 0, max: 65535 });
    case 'int32':
      return fc.integer();
    case 'uint32':
      return fc.integer({ min: 0, max: 0xffffffff });
    case 'int64':
      return fc.maxSafeInteger();
    case 'float64':
      return fc.double({ noNaN: true });
    case 'string':
      return fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: 'binary', maxLength: 20 }));
    case 'uuid':
      return fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
    case 'bytes':
    case 'records':
      return fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes));
    case 'array':
      return fc.array(anyOfType(type.of, layout), { maxLength: 3 });
    case 'struct':
      return anyStruct(type.fields, layout);
  }
}

/** The value as decoding gives it: with the defaults of the fields that the version lacks. */
export function withDefaults(schema: MessageSchema<unknown>, version: number, value: Values): unknown {
  return structWithDefaults(schema.fields, layoutOf(schema, version), value);
}

function structWithDefaults(fields: Fields, layout: Layout, value: Values): unknown {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, isPresent(field.options, layout) ? filled(field.type, layout, value[name]) : absent(field)]),
  );
}

function filled(type: FieldType, layout: Layout, value: unknown): unknown {
  if (type.kind === 'array') return (value as readonly unknown[] | null)?.map((element) => filled(type.of, layout, element)) ?? null;
  return type.kind === 'struct' && value !== null ? structWithDefaults(type.fields, layout, value as Values) : value;
}

function absent({ type, options }: Field<unknown, unknown>): unknown {
  if (options.default !== undefined) return options.default;
  switch (type.kind) {
    case 'bool':
      return false;
    case 'string':
      return '';
    case 'uuid':
      return zeroUuid;
    case 'bytes':
    case 'records':
      return Buffer.alloc(0);
    case 'array':
      return [];
    case 'struct':
      return Object.fromEntries(Object.entries(type.fields).map(([name, field]) => [name, absent(field)]));
    default:
      return 0;
  }
}

export function encoded<I>(schema: MessageSchema<unknown, I>, value: I, version: number): Buffer {
  const writer = new Writer();
  schema.encode(writer, value, version);
  return Buffer.concat(writer.finish());
}

export function versionsOf({ minVersion, maxVersion }: MessageSchema<unknown>): number[] {
  return Array.from({ length: maxVersion - minVersion + 1 }, (_, index) => minVersion + index);
}
