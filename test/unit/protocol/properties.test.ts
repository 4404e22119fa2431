import { expect } from 'chai';
import fc from 'fast-check';
import { fetchRequest, fetchResponse } from '../../../src/protocol/messages/fetch.ts';
import { heartbeatRequest } from '../../../src/protocol/messages/heartbeat.ts';
import { listOffsetsRequest } from '../../../src/protocol/messages/list-offsets.ts';
import { metadataResponse } from '../../../src/protocol/messages/metadata.ts';
import { produceRequest } from '../../../src/protocol/messages/produce.ts';
import type { MessageSchema } from '../../../src/protocol/schema.ts';
import { unknownTags } from '../../../src/protocol/unknown-tags.ts';
import { Writer } from '../../../src/protocol/writer.ts';
import { anyMessage, encoded, messages, versionsOf, withDefaults } from './arbitrary-messages.ts';

/** Decodes what may be no message; any failure but MalformedMessage fails the test. */
function attempt(schema: MessageSchema<unknown>, bytes: Buffer, version: number): 'a message' | 'malformed' {
  try {
    schema.decode(bytes, 0, bytes.length, version);
    return 'a message';
  } catch (error) {
    if ((error as Error).name !== 'MalformedMessage') throw error;
    return 'malformed';
  }
}

const eachVersion = (check: (schema: MessageSchema<unknown>, version: number) => void): void => {
  for (const schema of messages) for (const version of versionsOf(schema)) check(schema, version);
};

describe('every message in every version', () => {
  for (const schema of messages) {
    it(`${schema.name} gives back what was written, and no more bytes than its own are read`, () => {
      for (const version of versionsOf(schema)) {
        const property = fc.property(anyMessage(schema, version), fc.nat(9), (value, behind) => {
          const bytes = encoded(schema, value, version);
          const decoded = schema.decode(Buffer.concat([bytes, Buffer.alloc(behind, 0xff)]), 0, bytes.length + behind, version);
          expect(decoded).to.deep.equal(withDefaults(schema, version, value));
          expect(schema.decodedEnd()).to.equal(bytes.length);
          expect(encoded(schema, decoded, version).equals(bytes)).to.equal(true);
        });
        fc.assert(property, { numRuns: 5 });
      }
    });
  }

  it('is malformed when cut short anywhere', () => {
    eachVersion((schema, version) => {
      const property = fc.property(anyMessage(schema, version), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (value, share) => {
        const bytes = encoded(schema, value, version);
        if (bytes.length === 0) return;
        expect(attempt(schema, Buffer.from(bytes.subarray(0, Math.floor(bytes.length * share))), version)).to.equal('malformed');
      });
      fc.assert(property, { numRuns: 4 });
    });
  });

  it('with any bytes changed is a message or malformed, never another failure', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff) });
    eachVersion((schema, version) => {
      const property = fc.property(anyMessage(schema, version), fc.array(change, { minLength: 1, maxLength: 4 }), (value, changes) => {
        const bytes = encoded(schema, value, version);
        for (const { at, byte } of changes) bytes[at % Math.max(1, bytes.length)] = byte;
        attempt(schema, bytes, version);
      });
      fc.assert(property, { numRuns: 4 });
    });
  });

  it('refuses counts and lengths beyond the bytes that are there, wherever they stand', () => {
    eachVersion((schema, version) => {
      const huge = Buffer.from(version >= schema.flexibleSince ? 'ffffffff07' : '7fffffff', 'hex');
      for (const value of fc.sample(anyMessage(schema, version), { numRuns: 1, seed: version })) {
        const bytes = encoded(schema, value, version);
        for (let at = 0; at < Math.min(bytes.length, 60); at++) {
          attempt(schema, Buffer.concat([bytes.subarray(0, at), huge, bytes.subarray(at + huge.length)]), version);
        }
      }
    });
  });

  it('made of random bytes is a message or malformed', () => {
    const property = fc.property(fc.constantFrom(...messages), fc.uint8Array({ maxLength: 60 }), fc.nat(), (schema, bytes, pick) => {
      const versions = versionsOf(schema);
      attempt(schema, Buffer.from(bytes), versions[pick % versions.length]!);
    });
    fc.assert(property, { numRuns: 3000 });
  });
});

describe('a hostile count', () => {
  it('is checked against the least that its elements take, before any element is made', () => {
    const megabyte = 1 << 20;
    const claims = Buffer.alloc(megabyte);
    claims.writeInt32BE(-1, 0);
    // ListOffsets v1: replica id, then an array whose elements take six bytes at least: 1,000,000 do not fit into a megabyte
    claims.writeInt32BE(1_000_000, 4);
    const before = process.memoryUsage().heapUsed;
    expect(() => listOffsetsRequest.decode(claims, 0, megabyte, 1)).to.throw('more elements than fit');
    expect(process.memoryUsage().heapUsed - before).to.be.below(1 << 20);
  });

  it('of tagged fields ends with the bytes', () => {
    const bytes = Buffer.concat([encoded(heartbeatRequest, { groupId: 'g' }, 4).subarray(0, -1), Buffer.from('ffffffff0f', 'hex')]);
    expect(() => heartbeatRequest.decode(bytes, 0, bytes.length, 4)).to.throw('ends too early');
  });
});

describe('fields', () => {
  it('left out have their defaults', () => {
    const bytes = encoded(fetchRequest, {}, 17);
    expect(fetchRequest.decode(bytes, 0, bytes.length, 17)).to.deep.include({ replicaId: -1, replicaState: { replicaId: -1, replicaEpoch: -1 }, maxBytes: 0x7fffffff, topics: [] });
  });

  it('set in a version that cannot carry them are refused, unless the protocol marks them ignorable', () => {
    expect(() => encoded(produceRequest, { transactionalId: 't' }, 2)).to.throw('ProduceRequest v2 cannot carry transactionalId').with.property('name', 'UNSUPPORTED_VERSION');
    expect(encoded(produceRequest, { transactionalId: null }, 2).equals(encoded(produceRequest, {}, 2))).to.equal(true);
    expect(encoded(fetchRequest, { rackId: 'r' }, 4).equals(encoded(fetchRequest, {}, 4))).to.equal(true);
  });

  it('that must not be null are refused when null', () => {
    expect(() => encoded(heartbeatRequest, { groupId: null as unknown as string }, 0)).to.throw('groupId must not be null');
    const bytes = Buffer.from('ffff00000000ffff', 'hex');
    expect(() => heartbeatRequest.decode(bytes, 0, bytes.length, 0)).to.throw('a string must not be null').with.property('name', 'MalformedMessage');
  });

  it('of 64 bits hold safe integers alone, both ways', () => {
    const before = '0000000100017400000001000000000000';
    const highWatermarkOf = (hex: string): number => {
      const bytes = Buffer.from(`${before}${hex}ffffffff`, 'hex'); // one topic "t", one partition, no error; no records
      return fetchResponse.decode(bytes, 0, bytes.length, 0).responses[0]!.partitions[0]!.highWatermark;
    };
    expect(highWatermarkOf('001fffffffffffff')).to.equal(Number.MAX_SAFE_INTEGER);
    expect(highWatermarkOf('ffe0000000000001')).to.equal(Number.MIN_SAFE_INTEGER);
    for (const beyond of ['0020000000000000', 'ffe0000000000000', '7fffffffffffffff', '8000000000000000']) {
      expect(() => highWatermarkOf(beyond), beyond).to.throw('beyond 2^53').with.property('name', 'MalformedMessage');
    }
    const responses = [{ topic: 't', partitions: [{ highWatermark: 2 ** 53, records: null }] }];
    expect(() => encoded(fetchResponse, { responses }, 4)).to.throw(RangeError);
  });

  it('of text longer than 32767 bytes are refused, both ways', () => {
    expect(() => encoded(heartbeatRequest, { groupId: 'g'.repeat(0x8000) }, 4)).to.throw('longer than the 32767');
    const bytes = Buffer.concat([Buffer.from('818002', 'hex'), Buffer.alloc(0x8000 + 100, 0x67)]);
    expect(() => heartbeatRequest.decode(bytes, 0, bytes.length, 4)).to.throw('longer than 32767').with.property('name', 'MalformedMessage');
  });

  it('of records are views when decoded, and stay by reference when encoded, in pieces too', () => {
    const pieces = [Buffer.alloc(2000, 1), Buffer.alloc(3000, 2)];
    const writer = new Writer();
    fetchResponse.encode(writer, { responses: [{ topic: 't', partitions: [{ records: pieces }] }] }, 12);
    const chunks = writer.finish();
    for (const piece of pieces) expect(chunks.includes(piece)).to.equal(true);
    const bytes = Buffer.concat(chunks);
    const records = fetchResponse.decode(bytes, 0, bytes.length, 12).responses[0]!.partitions[0]!.records!;
    expect(records.equals(Buffer.concat(pieces))).to.equal(true);
    expect(records.buffer).to.equal(bytes.buffer);
  });
});

describe('tagged fields', () => {
  it('that no table names are kept and written back, in ascending order with the known ones', () => {
    const request = { clusterId: 'c', [unknownTags]: [{ tag: 99, bytes: Buffer.from('later') }] };
    const bytes = encoded(fetchRequest, request, 12);
    const decoded = fetchRequest.decode(bytes, 0, bytes.length, 12) as { readonly clusterId: string | null; readonly [unknownTags]?: unknown };
    expect(decoded.clusterId).to.equal('c');
    expect(decoded[unknownTags]).to.deep.equal(request[unknownTags]);
    expect(bytes.subarray(-12).toString('latin1')).to.equal('\x02\x00\x02\x02c\x63\x05later');
    expect(encoded(fetchRequest, decoded, 12).equals(bytes)).to.equal(true);
  });

  it('at their defaults are not written', () => {
    const partition = { divergingEpoch: { epoch: -1, endOffset: -1 }, currentLeader: {}, records: null };
    const [given, absent] = [partition, { records: null }].map((one) => encoded(fetchResponse, { responses: [{ partitions: [one] }] }, 12));
    expect(given!.equals(absent!)).to.equal(true);
  });

  it('with another length than they say are malformed', () => {
    const bytes = Buffer.concat([encoded(fetchRequest, {}, 12).subarray(0, -1), Buffer.from([1, 0, 3, 2, 0x63, 0])]);
    expect(() => fetchRequest.decode(bytes, 0, bytes.length, 12)).to.throw('another length');
  });
});

describe('a version', () => {
  it('outside the range is refused both ways', () => {
    expect(() => encoded(produceRequest, {}, 99)).to.throw('ProduceRequest has versions 0 to 11, not 99').with.property('name', 'UNSUPPORTED_VERSION');
    expect(() => metadataResponse.decode(Buffer.alloc(9), 0, 9, -1)).to.throw('not -1').with.property('name', 'UNSUPPORTED_VERSION');
  });
});
