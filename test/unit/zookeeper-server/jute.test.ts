import { expect } from 'chai';
import fc from 'fast-check';
import { adler32 } from '../../../src/zookeeper-server/checksum.ts';
import { JuteReader, JuteWriter, MalformedJute } from '../../../src/zookeeper-server/jute.ts';

const hexLong = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const value = fc.oneof(
  fc.record({ kind: fc.constant('int' as const), value: fc.integer() }),
  fc.record({ kind: fc.constant('long' as const), value: fc.maxSafeInteger() }),
  fc.record({ kind: fc.constant('bool' as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant('hexLong' as const), value: hexLong }),
  fc.record({ kind: fc.constant('string' as const), value: fc.option(fc.string({ unit: 'grapheme', maxLength: 40 })) }),
  fc.record({ kind: fc.constant('buffer' as const), value: fc.option(fc.uint8Array({ maxLength: 2000 })) }),
);
type Value = typeof value extends fc.Arbitrary<infer T> ? T : never;

function write(writer: JuteWriter, one: Value): void {
  switch (one.kind) {
    case 'int': return writer.int(one.value);
    case 'long': return writer.long(one.value);
    case 'bool': return writer.bool(one.value);
    case 'hexLong': return writer.hexLong(one.value);
    case 'string': return writer.string(one.value);
    default: return writer.buffer(one.value);
  }
}

function read(reader: JuteReader, one: Value): unknown {
  switch (one.kind) {
    case 'int': return reader.int();
    case 'long': return reader.long();
    case 'bool': return reader.bool();
    case 'hexLong': return reader.hexLong();
    case 'string': return reader.nullableString();
    default: {
      const bytes = reader.buffer();
      return bytes === null ? null : new Uint8Array(bytes);
    }
  }
}

describe('jute', () => {
  it('reads back what it wrote, whatever it was', () => {
    fc.assert(fc.property(fc.array(value, { maxLength: 30 }), (values) => {
      const writer = new JuteWriter();
      for (const one of values) write(writer, one);
      const reader = new JuteReader(writer.take());
      expect(values.map((one) => read(reader, one))).to.deep.equal(values.map((one) => one.value));
      expect(reader.remaining).to.equal(0);
    }));
  });

  it('says of every truncated record that it is malformed, and reads nothing past its end', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), fc.nat(), (values, cut) => {
      const writer = new JuteWriter();
      for (const one of values) write(writer, one);
      const bytes = writer.take();
      const reader = new JuteReader(bytes, 0, cut % bytes.length);
      expect(() => values.forEach((one) => read(reader, one))).to.throw(MalformedJute);
    }));
  });

  it('takes no memory for a vector that its record cannot hold', () => {
    const writer = new JuteWriter();
    writer.int(0x7fffffff);
    expect(() => new JuteReader(writer.take()).vector((one) => one.int())).to.throw(MalformedJute);
  });

  it('reads a null vector as an empty one', () => {
    expect(new JuteReader(Buffer.from('ffffffff', 'hex')).vector((one) => one.int())).to.deep.equal([]);
  });

  it('puts the length before a frame, wherever the frame begins', () => {
    const writer = new JuteWriter();
    writer.byte(7);
    const start = writer.beginFrame();
    writer.int(1);
    writer.string('ü');
    writer.endFrame(start);
    expect(writer.take().toString('hex')).to.equal('07' + '0000000a' + '00000001' + '00000002c3bc');
  });
});

describe('Adler-32', () => {
  it('is that of zlib for known texts', () => {
    expect(adler32(Buffer.from(''))).to.equal(1);
    expect(adler32(Buffer.from('Wikipedia'))).to.equal(0x11e60398);
    expect(adler32(Buffer.alloc(100_000, 0xff))).to.equal(0x149a302c);
  });

  it('goes on where it stopped', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 9000 }), fc.nat(9000), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      expect(adler32(bytes, at, bytes.length, adler32(bytes, 0, at))).to.equal(adler32(bytes));
    }));
  });
});
