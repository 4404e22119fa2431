import { expect } from 'chai';
import fc from 'fast-check';
import { apis } from '../../../src/protocol/apis.ts';
import type { Field, FieldType, Fields } from '../../../src/protocol/fields.ts';
import { consumerProtocolAssignment, consumerProtocolSubscription } from '../../../src/protocol/messages/consumer-protocol.ts';
import { defaultPrincipalData } from '../../../src/protocol/messages/default-principal-data.ts';
import { groupMetadataKey, groupMetadataValue } from '../../../src/protocol/messages/group-metadata.ts';
import { offsetCommitKey, offsetCommitValue } from '../../../src/protocol/messages/offset-commit.ts';
import { transactionLogKey, transactionLogValue } from '../../../src/protocol/messages/transaction-log.ts';
import type { MessageSchema } from '../../../src/protocol/schema.ts';
import { Writer } from '../../../src/protocol/writer.ts';

/** Any value that a field of some version can carry, made from the same table as the codec. */
function anyOf(field: Field<unknown, unknown>, version: number): fc.Arbitrary<unknown> {
  const { options } = field;
  const [firstNull, lastNull] = typeof options.nullable === 'object' ? options.nullable : [options.nullable ?? Infinity, Infinity];
  const value = anyOfType(field.type, version);
  return version >= firstNull && version <= lastNull ? fc.option(value, { nil: null, freq: 4 }) : value;
}

function anyOfType(type: FieldType, version: number): fc.Arbitrary<unknown> {
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
      return fc.string({ unit: 'binary', maxLength: 20 });
    case 'uuid':
      return fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
    case 'bytes':
    case 'records':
      return fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes));
    case 'array':
      return fc.array(anyOfType(type.of, version), { maxLength: 3 });
    case 'struct':
      return anyStruct(type.fields, version);
  }
}

/** Fields that a version does not have keep their defaults, as decoding gives them. */
function anyStruct(fields: Fields, version: number): fc.Arbitrary<Record<string, unknown>> {
  const present = Object.entries(fields).filter(([, { options }]) => version >= (options.since ?? 0) && version <= (options.until ?? Infinity));
  return fc.record(Object.fromEntries(present.map(([name, field]) => [name, anyOf(field, version)])));
}

function encoded(schema: MessageSchema<unknown>, value: unknown, version: number): Buffer {
  const writer = new Writer();
  schema.encode(writer, value, version);
  return Buffer.concat(writer.finish());
}

const ofTopics = [offsetCommitKey, offsetCommitValue, groupMetadataKey, groupMetadataValue, transactionLogKey, transactionLogValue];
const ofClients = [consumerProtocolAssignment, consumerProtocolSubscription, defaultPrincipalData];
const messages = [...apis.flatMap(({ request, response }) => [request, response]), ...ofTopics, ...ofClients];

describe('every message in every version', () => {
  for (const schema of messages) {
    it(`${schema.name} gives back what was written`, () => {
      for (let version = schema.minVersion; version <= schema.maxVersion; version++) {
        fc.assert(
          fc.property(anyStruct(schema.fields, version), (value) => {
            const bytes = encoded(schema, value, version);
            const decoded = schema.decode(bytes, 0, bytes.length, version);
            expect(decoded).to.deep.include(scalarsOf(schema.fields, value));
            expect(schema.decodedEnd()).to.equal(bytes.length);
            expect(encoded(schema, decoded, version).equals(bytes)).to.equal(true);
          }),
          { numRuns: 5 },
        );
      }
    });
  }

  it('refuses random bytes as malformed, with no other error', () => {
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.uint8Array({ maxLength: 60 }), fc.nat(), (schema, bytes, pick) => {
        const version = schema.minVersion + (pick % (schema.maxVersion - schema.minVersion + 1));
        const buffer = Buffer.from(bytes);
        try {
          schema.decode(buffer, 0, buffer.length, version);
        } catch (error) {
          expect((error as Error).name).to.equal('MalformedMessage');
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses counts and lengths beyond the bytes that are there before anything is made', () => {
    for (const schema of messages) {
      for (let version = schema.minVersion; version <= schema.maxVersion; version++) {
        const huge = Buffer.from(version >= schema.flexibleSince ? 'ffffffff07'.repeat(8) : '7fffffff'.repeat(8), 'hex');
        const before = process.memoryUsage().arrayBuffers;
        try {
          schema.decode(huge, 0, huge.length, version);
        } catch (error) {
          expect((error as Error).name, `${schema.name} v${version}`).to.equal('MalformedMessage');
        }
        expect(process.memoryUsage().arrayBuffers - before).to.be.below(1 << 20);
      }
    }
  });

  it('refuses a field set in a version that cannot carry it', () => {
    const produce = messages.find(({ name }) => name === 'ProduceRequest')!;
    expect(() => encoded(produce, { transactionalId: 't' }, 2)).to.throw('cannot carry transactionalId');
    expect(() => encoded(produce, {}, 99)).to.throw('has versions 0 to 11');
  });
});

/** Structs hold defaults for what their version lacks, so only the rest compares by what was given. */
function scalarsOf(fields: Fields, value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !holdsStruct(fields[name]!.type)));
}

function holdsStruct(type: FieldType): boolean {
  return type.kind === 'struct' || (type.kind === 'array' && holdsStruct(type.of));
}
