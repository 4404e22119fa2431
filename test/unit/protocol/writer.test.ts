import { expect } from 'chai';
import fc from 'fast-check';
import { textAt, uuidAt, zeroUuid } from '../../../src/protocol/interned.ts';
import { Writer } from '../../../src/protocol/writer.ts';

const written = (write: (writer: Writer) => void, sizeHint?: number): Buffer => {
  const writer = new Writer(sizeHint);
  write(writer);
  const { length } = writer;
  const bytes = Buffer.concat(writer.finish());
  expect(length).to.equal(bytes.length);
  return bytes;
};

describe('a writer', () => {
  it('writes any text in both forms as Kafka does, at any fill of its buffer', () => {
    const text = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 }));
    const property = fc.property(fc.array(text, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (texts, sizeHint) => {
      const plain = texts.map((one) => Buffer.from(one)).map((bytes) => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]));
      expect(written((writer) => texts.forEach((one) => writer.string(one)), sizeHint).equals(Buffer.concat(plain))).to.equal(true);
      const compact = texts.map((one) => Buffer.from(one)).map((bytes) => {
        const count = bytes.length + 1;
        return Buffer.concat([Buffer.from(count < 0x80 ? [count] : [(count & 0x7f) | 0x80, count >> 7]), bytes]);
      });
      expect(written((writer) => texts.forEach((one) => writer.compactString(one)), sizeHint).equals(Buffer.concat(compact))).to.equal(true);
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('takes long bytes by reference and copies short ones', () => {
    const writer = new Writer();
    const [short, long] = [Buffer.alloc(100, 1), Buffer.alloc(1025, 2)];
    writer.bytes([short, long, short], true);
    writer.bytes(short, false);
    expect(writer.finish().map((chunk) => chunk.length)).to.deep.equal([102, 1025, 204]);
    expect(writer.finish()[1]).to.equal(long);
  });

  it('refuses what is no uuid', () => {
    expect(written((writer) => writer.uuid(zeroUuid)).equals(Buffer.alloc(16))).to.equal(true);
    expect(() => new Writer().uuid('short')).to.throw('not a uuid').with.property('name', 'INVALID_REQUEST');
  });
});

describe('an interned text', () => {
  const at = (bytes: Buffer): string => textAt(Buffer.concat([Buffer.from('xx'), bytes, Buffer.from('y')]), 2, 2 + bytes.length);

  it('is what the bytes say, whatever was read before', () => {
    const property = fc.property(fc.array(fc.oneof(fc.string({ maxLength: 100 }), fc.string({ unit: 'binary', maxLength: 30 })), { maxLength: 20 }), (texts) => {
      for (const text of [...texts, ...texts]) expect(at(Buffer.from(text))).to.equal(text);
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('has U+FFFD for bytes that are no UTF-8, as in Kafka', () => {
    expect(at(Buffer.from([0x61, 0xff, 0x62]))).to.equal('a\ufffdb');
    expect(at(Buffer.from([0xc3]))).to.equal('\ufffd');
  });
});

describe('an interned uuid', () => {
  it('is the base64url text of its 16 bytes, whatever was read before', () => {
    const property = fc.property(fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 }), { maxLength: 20 }), (uuids) => {
      for (const uuid of [...uuids, ...uuids]) {
        const text = uuidAt(Buffer.from(uuid), 0);
        expect(text).to.equal(Buffer.from(uuid).toString('base64url'));
        expect(written((writer) => writer.uuid(text)).equals(uuid)).to.equal(true);
      }
    });
    fc.assert(property, { numRuns: 200 });
    expect(uuidAt(Buffer.alloc(16), 0)).to.equal(zeroUuid);
  });
});
