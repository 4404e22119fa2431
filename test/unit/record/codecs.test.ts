import { expect } from 'chai';
import fc from 'fast-check';
import { codecs } from '../../../src/record/batch.ts';
import type { Codec, Magic } from '../../../src/record/batch.ts';
import { compress, decompress } from '../../../src/record/compression.ts';
import { crc32 } from '../../../src/record/crc32.ts';
import { crc32c, pureCrc32c } from '../../../src/record/crc32c.ts';
import { CorruptRecord, UnsupportedCompression } from '../../../src/record/errors.ts';
import { dropNativeCodecs, initialiseCodecs } from '../../../src/record/initialise-codecs.ts';
import { Output } from '../../../src/record/output.ts';
import { compressSnappyBlock, decompressSnappyBlock, snappyBlockBytesMax } from '../../../src/record/snappy-block.ts';
import { xxh32 } from '../../../src/record/xxh32.ts';

const mebibyte = 1 << 20;
/** Text that repeats, runs, and noise, of lengths around the block sizes. */
const chunk = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(fc.nat(255), fc.nat(70_000)).map(([byte, length]) => Buffer.alloc(length, byte)),
  fc.tuple(fc.string({ minLength: 1, maxLength: 30 }), fc.nat(3000)).map(([text, times]) => Buffer.from(text.repeat(times)).subarray(0, 80_000)),
);
const input = fc.array(chunk, { maxLength: 5 }).map((chunks) => Buffer.concat(chunks));

function noise(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

describe('checksums', () => {
  it('have the known values', () => {
    const digits = Buffer.from('123456789');
    expect([crc32c(digits), crc32(digits), xxh32(digits), xxh32(Buffer.alloc(0))]).to.deep.equal([0xe306_9283, 0xcbf4_3926, 0x937b_ad67, 0x02cc_5d05]);
    expect(xxh32(Buffer.from('Nobody inspects the spammish repetition'))).to.equal(0xe229_3b2f);
  });

  it('crc32c: native and plain versions agree, and a sum can be continued', async () => {
    await initialiseCodecs(['crc32c']);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(20), fc.nat(2000), (bytes, start, middle) => {
      const buffer = Buffer.from(bytes);
      const from = Math.min(start, buffer.length);
      const cut = Math.max(from, Math.min(middle, buffer.length));
      const whole = pureCrc32c(buffer, from, buffer.length);
      expect(crc32c(buffer, from, buffer.length)).to.equal(whole);
      expect(crc32c(buffer, cut, buffer.length, crc32c(buffer, from, cut))).to.equal(whole);
    }), { numRuns: 300 });
    dropNativeCodecs();
  });
});

describe('compression codecs', () => {
  afterEach(dropNativeCodecs);

  it('name what is in use', async () => {
    const choices = await initialiseCodecs();
    expect(choices.map(({ algorithm }) => algorithm)).to.deep.equal(['crc32c', 'snappy', 'lz4', 'zstd']);
    expect(choices.every(({ implementation }) => implementation !== '')).to.equal(true);
  });

  it('give back what went in, and each version reads the other', async () => {
    await initialiseCodecs(['zstd']);
    const sizes = [0, 1, 15, 65_535, 65_536, 65_537, 200_000];
    const samples = [...sizes.map(noise), ...sizes.map((size) => Buffer.alloc(size, 'abcdefgh'))];
    for (const { item } of [...samples, ...fc.sample(input, 100)].map((item) => ({ item }))) {
      const plainly = codecs.map((codec) => compress(codec, item));
      await initialiseCodecs();
      for (const [index, codec] of codecs.entries()) {
        const natively = compress(codec, item);
        expect(decompress(codec, plainly[index] as Buffer, 2, mebibyte).equals(item)).to.equal(true);
        expect(decompress(codec, natively, 2, mebibyte).equals(item)).to.equal(true);
        plainly[index] = natively;
      }
      dropNativeCodecs();
      await initialiseCodecs(['zstd']);
      for (const [index, codec] of codecs.entries()) expect(decompress(codec, plainly[index] as Buffer, 2, mebibyte).equals(item)).to.equal(true);
    }
  });

  it('make repetitive data small in plain TypeScript too', () => {
    const text = Buffer.from('the quick brown fox jumps over the lazy dog. '.repeat(2000));
    for (const codec of ['snappy', 'lz4'] as const) expect(compress(codec, text).length).to.be.below(text.length / 10);
  });

  it('hold the bound on output, whatever the input claims', async () => {
    for (const names of [['zstd'], ['zstd', 'snappy', 'lz4']] as const) {
      await initialiseCodecs(names);
      const zeros = Buffer.alloc(mebibyte);
      for (const codec of codecs.slice(1)) {
        const small = compress(codec, zeros);
        expect(() => decompress(codec, small, 2, mebibyte - 1), codec).to.throw(CorruptRecord);
        expect(decompress(codec, small, 2, mebibyte).length).to.equal(mebibyte);
      }
      dropNativeCodecs();
    }
  });

  it('refuse or read damaged data, and throw nothing else', async () => {
    for (const names of [['zstd'], ['zstd', 'snappy', 'lz4']] as const) {
      await initialiseCodecs(names);
      const sample = Buffer.concat([Buffer.from('some text, some more text, '.repeat(50)), noise(300)]);
      const made = codecs.slice(1).map((codec): [Codec, Buffer] => [codec, compress(codec, sample)]);
      const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });
      fc.assert(fc.property(fc.constantFrom(...made), changes, fc.option(fc.nat()), ([codec, bytes], list, cut) => {
        const damaged = Buffer.from(cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
        for (const [place, value] of list) if (damaged.length > 0) damaged[place % damaged.length] = value;
        try {
          expect(decompress(codec, damaged, 2, 100_000).length).to.be.at.most(100_000);
        } catch (error) {
          expect(error).to.be.instanceOf(CorruptRecord);
        }
      }), { numRuns: 1500 });
      fc.assert(fc.property(fc.constantFrom(...codecs.slice(1)), fc.uint8Array({ maxLength: 100 }), (codec, bytes) => {
        try {
          decompress(codec, Buffer.from(bytes), 2, 100_000);
        } catch (error) {
          expect(error).to.be.instanceOf(CorruptRecord);
        }
      }), { numRuns: 500 });
      dropNativeCodecs();
    }
  });

  it('snappy: take one raw block as librdkafka sends it, and the stream as Java does', () => {
    const text = Buffer.from('raw block, raw block, raw block');
    const block = Buffer.alloc(snappyBlockBytesMax(text.length));
    const raw = block.subarray(0, compressSnappyBlock(text, 0, text.length, block, 0));
    expect(decompress('snappy', raw, 2, 100).equals(text)).to.equal(true);
    expect(compress('snappy', text).subarray(0, 16).toString('hex')).to.equal('82534e41505059000000000100000001');
  });

  it('snappy: refuse a block that announces gigabytes', async () => {
    const bomb = Buffer.from('ffffffff0f00', 'hex');
    for (const names of [[], ['snappy']] as const) {
      await initialiseCodecs(names);
      expect(() => decompress('snappy', bomb, 2, 2 ** 33)).to.throw(CorruptRecord);
      dropNativeCodecs();
    }
    expect(() => decompressSnappyBlock(bomb, 0, bomb.length, new Output(0, 1000))).to.throw(CorruptRecord);
  });

  it('lz4: write the old wrong header checksum in format 0 alone, and read it there alone', () => {
    const text = Buffer.from('lz4 lz4 lz4 lz4 lz4 lz4 lz4');
    expect([0, 1, 2].map((magic) => compress('lz4', text, magic as Magic)[6])).to.deep.equal([0x1a, 0x82, 0x82]);
    const old = compress('lz4', text, 0);
    expect(decompress('lz4', old, 0, 100).equals(text)).to.equal(true);
    expect(decompress('lz4', compress('lz4', text, 1), 0, 100).equals(text)).to.equal(true);
    expect(() => decompress('lz4', old, 1, 100)).to.throw(CorruptRecord);
  });

  it('lz4: take frames with block checksums, content checksum and content size', () => {
    const text = Buffer.from('plain block');
    const head = Buffer.from('04224d187c40000000000000000000', 'hex');
    head.writeUInt32LE(text.length, 6);
    head[14] = (xxh32(head, 4, 14) >>> 8) & 0xff;
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(xxh32(text));
    const size = Buffer.alloc(4);
    size.writeUInt32LE(0x8000_0000 + text.length);
    const frame = Buffer.concat([head, size, text, sum, Buffer.alloc(4), sum]);
    expect(decompress('lz4', frame, 2, 100).equals(text)).to.equal(true);
    frame[20] = 0;
    expect(() => decompress('lz4', frame, 2, 100)).to.throw(CorruptRecord, /checksum/);
  });

  it('zstd: say so when no implementation is there, or the format is too old', async () => {
    expect(() => compress('zstd', Buffer.from('x'))).to.throw(UnsupportedCompression, /zstd-wasm/);
    await initialiseCodecs(['zstd']);
    expect(() => decompress('zstd', Buffer.from('x'), 1, 10)).to.throw(UnsupportedCompression).with.property('kafkaError', 'UNSUPPORTED_COMPRESSION_TYPE');
  });
});
