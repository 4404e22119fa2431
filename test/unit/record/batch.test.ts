import { expect } from 'chai';
import fc from 'fast-check';
import * as batch from '../../../src/record/batch.ts';
import { BatchBuilder, buildBatch, recordSizeBytesMax } from '../../../src/record/build.ts';
import type { NewRecord } from '../../../src/record/build.ts';
import { buildEndTransactionMarker, readMarker } from '../../../src/record/control.ts';
import { RecordFailure } from '../../../src/record/errors.ts';
import { dropNativeCodecs, initialiseCodecs } from '../../../src/record/initialise-codecs.ts';
import { VarintReader, readInt16, readInt32, readInt64, readInt8, readUint32, varintSize, varlongSize, writeInt16, writeInt32, writeInt64, writeVarint, writeVarlong } from '../../../src/record/integers.ts';
import { readBatchRecords, readRecords } from '../../../src/record/read.ts';
import type { DecodedRecord } from '../../../src/record/read.ts';
import { goldenLog } from '../../golden/logs.ts';
import { plain, records } from './samples.ts';

const bytes = fc.option(fc.uint8Array({ maxLength: 64 }), { nil: null });
const header = fc.record({ key: fc.string({ maxLength: 8, unit: 'grapheme' }), value: bytes });
const timestamp = fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 2 ** 50 }), fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }));
const record = fc.record({ key: bytes, value: bytes, timestamp, headers: fc.array(header, { maxLength: 3 }) });
const codec = fc.constantFrom(...batch.codecs);

function asPlain(list: readonly NewRecord[], firstOffset: number): unknown {
  const buffer = (value: Uint8Array | null): Buffer | null => (value === null ? null : Buffer.from(value));
  return plain(list.map(({ key, value, timestamp: time, headers }, index): DecodedRecord => ({
    offset: firstOffset + index, timestamp: time ?? -1, key: buffer(key), value: buffer(value),
    headers: (headers ?? []).map((one) => ({ key: one.key, value: buffer(one.value) })),
  })));
}

describe('integers of record formats', () => {
  it('of fixed size are what Buffer reads and writes', () => {
    const buffer = Buffer.alloc(9);
    const expected = Buffer.alloc(9);
    fc.assert(fc.property(fc.uint8Array({ minLength: 9, maxLength: 9 }), fc.nat(1), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (all, at, value) => {
      buffer.set(all);
      expected.set(all);
      expect(readInt8(buffer, at)).to.equal(expected.readInt8(at));
      expect(readInt16(buffer, at)).to.equal(expected.readInt16BE(at));
      expect(readInt32(buffer, at)).to.equal(expected.readInt32BE(at));
      expect(readUint32(buffer, at)).to.equal(expected.readUInt32BE(at));
      writeInt32(buffer, value, at);
      writeInt16(buffer, value >> 16, at + 4);
      expected.writeInt32BE(value, at);
      expected.writeInt16BE(value >> 16, at + 4);
      expect(buffer.equals(expected)).to.equal(true);
      writeInt32(buffer, value >>> 0, at);
      expected.writeUInt32BE(value >>> 0, at);
      expect(buffer.equals(expected)).to.equal(true);
    }), { numRuns: 1000 });
  });

  it('are read as written, in the size foretold', () => {
    const buffer = Buffer.alloc(16);
    const reader = new VarintReader();
    fc.assert(fc.property(fc.maxSafeInteger(), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (long, int) => {
      writeInt64(buffer, long, 0);
      expect(readInt64(buffer, 0)).to.equal(long);
      expect(Number(buffer.readBigInt64BE(0))).to.equal(long);
      for (const value of [long, int]) {
        const end = writeVarlong(buffer, value, 0);
        expect(end).to.equal(varlongSize(value));
        reader.reset(buffer, 0, end);
        expect(reader.varlong()).to.equal(value);
      }
      const end = writeVarint(buffer, int, 0);
      expect(end).to.equal(varintSize(int));
      reader.reset(buffer, 0, end);
      expect(reader.varint()).to.equal(int);
    }), { numRuns: 1000 });
    for (const edge of [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 63, 64, -64, -65, 0, -1]) {
      const end = writeVarlong(buffer, edge, 0);
      reader.reset(buffer, 0, end);
      expect([reader.varlong(), end]).to.deep.equal([edge, varlongSize(edge)]);
    }
  });
});

describe('record batch v2', () => {
  before(() => initialiseCodecs());
  after(dropNativeCodecs);

  it('is read as built, for every codec and any records', () => {
    fc.assert(fc.property(fc.array(record, { maxLength: 30 }), codec, fc.nat(), (list, name, baseOffset) => {
      const built = buildBatch({ codec: name, baseOffset, producerId: 9, producerEpoch: 3, baseSequence: 5, leaderEpoch: 7 }, list);
      expect(batch.batchSizeBytes(built, 0)).to.equal(built.length);
      expect(batch.isBatchIntact(built, 0)).to.equal(true);
      expect(batch.compression(built, 0)).to.equal(name);
      expect([batch.baseOffset(built, 0), batch.recordCount(built, 0), batch.lastOffset(built, 0)]).to.deep.equal([baseOffset, list.length, baseOffset + list.length - 1]);
      expect([batch.producerId(built, 0), batch.producerEpoch(built, 0), batch.baseSequence(built, 0), batch.leaderEpoch(built, 0)]).to.deep.equal([9, 3, 5, 7]);
      expect(batch.maxTimestamp(built, 0)).to.equal(Math.max(-1, ...list.map((one) => one.timestamp)));
      expect(plain([...readRecords(built)])).to.deep.equal(asPlain(list, baseOffset));
    }), { numRuns: 200 });
  });

  it('is rebuilt to the bytes that Java wrote', () => {
    const log = goldenLog('kafka-3.9.1/clean/v2-java-none-0/00000000000000000000.log');
    for (const start of batch.readBatches(log)) {
      const given = log.subarray(start, batch.batchEnd(log, start, log.length));
      const built = buildBatch({ baseOffset: batch.baseOffset(given, 0), leaderEpoch: batch.leaderEpoch(given, 0) }, readBatchRecords(given, 0));
      expect(built.toString('hex')).to.equal(given.toString('hex'));
    }
  });

  it('keeps offsets, last offset and delete horizon as compaction needs them', () => {
    const kept = [...readRecords(buildBatch({ baseOffset: 20 }, records(6)))].filter(({ offset }) => offset % 2 === 1);
    const built = buildBatch({ baseOffset: 20, lastOffset: 25, deleteHorizonMs: 1_800_000_000_000 }, kept, 'kept');
    expect(plain([...readRecords(built)])).to.deep.equal(plain(kept));
    expect([batch.hasDeleteHorizon(built, 0), batch.baseTimestamp(built, 0), batch.lastOffset(built, 0)]).to.deep.equal([true, 1_800_000_000_000, 25]);
    const empty = buildBatch({ baseOffset: 20, lastOffset: 25, producerId: 4, producerEpoch: 0, baseSequence: 0 }, []);
    expect([empty.length, batch.lastOffset(empty, 0), batch.lastSequence(empty, 0), [...readRecords(empty)].length]).to.deep.equal([61, 25, 5, 0]);
  });

  it('gives LogAppendTime to every record', () => {
    const built = buildBatch({ timestampType: 'LogAppendTime', logAppendTimeMs: 77 }, records(3));
    expect([...readRecords(built)].map((one) => one.timestamp)).to.deep.equal([77, 77, 77]);
  });

  it('wraps sequences from 2^31 - 1 to 0', () => {
    const built = buildBatch({ producerId: 1, producerEpoch: 0, baseSequence: 0x7fff_fffe }, records(4));
    expect(batch.lastSequence(built, 0)).to.equal(1);
    expect(batch.incrementSequence(0x7fff_ffff, 1)).to.equal(0);
  });

  it('takes offset and leader epoch without touching the checksum, and a new time with it', () => {
    const built = buildBatch({}, records(2));
    const crc = batch.storedCrc(built, 0);
    batch.setBaseOffset(built, 0, 2 ** 40);
    batch.setLeaderEpoch(built, 0, 12);
    expect([batch.storedCrc(built, 0), batch.isBatchIntact(built, 0)]).to.deep.equal([crc, true]);
    batch.setMaxTimestamp(built, 0, 'LogAppendTime', 5);
    expect(batch.storedCrc(built, 0)).to.not.equal(crc);
    expect([batch.isBatchIntact(built, 0), batch.timestampType(built, 0), batch.lastOffset(built, 0)]).to.deep.equal([true, 'LogAppendTime', 2 ** 40 + 1]);
  });

  it('ends iteration at an incomplete tail', () => {
    const one = buildBatch({}, records(3));
    const three = Buffer.concat([one, one, one]);
    for (let length = 0; length <= three.length; length++) {
      expect([...batch.readBatches(three, 0, length)].length).to.equal(Math.floor(length / one.length));
    }
  });
});

describe('batch builder', () => {
  it('takes records up to the size given, and the first one whatever its size', () => {
    fc.assert(fc.property(fc.array(record, { minLength: 1, maxLength: 60 }), fc.integer({ min: 61, max: 2000 }), (list, sizeBytesMax) => {
      const builder = new BatchBuilder({}, sizeBytesMax);
      let taken = 0;
      while (taken < list.length) {
        const one = list[taken] as (typeof list)[number];
        if (!builder.append(one.timestamp, one.key, one.value, one.headers)) break;
        taken++;
      }
      const estimate = builder.estimatedSizeBytes;
      const built = builder.close();
      expect(taken).to.be.greaterThan(0);
      expect(built.length).to.equal(estimate);
      if (taken > 1) expect(built.length).to.be.at.most(sizeBytesMax);
      if (taken < list.length) expect(built.length + recordSizeBytesMax(list[taken]?.key ?? null, list[taken]?.value ?? null, list[taken]?.headers ?? [])).to.be.greaterThan(sizeBytesMax);
      expect(plain([...readRecords(built)])).to.deep.equal(asPlain(list.slice(0, taken), 0));
    }), { numRuns: 200 });
  });
});

describe('control batch', () => {
  it('is the one that a real coordinator wrote, to the byte', () => {
    const log = goldenLog('kafka-3.9.1/clean/txn-0/00000000000000000002.log');
    let markers = 0;
    for (const start of batch.readBatches(log)) {
      if (!batch.isControl(log, start)) continue;
      const given = log.subarray(start, batch.batchEnd(log, start, log.length));
      const marker = readMarker(readBatchRecords(given, 0)[0] as DecodedRecord);
      const built = buildEndTransactionMarker({
        type: marker?.type ?? 'ABORT', coordinatorEpoch: marker?.coordinatorEpoch ?? -1, producerId: batch.producerId(given, 0), producerEpoch: batch.producerEpoch(given, 0),
        timestampMs: batch.maxTimestamp(given, 0), baseOffset: batch.baseOffset(given, 0), leaderEpoch: batch.leaderEpoch(given, 0),
      });
      expect(built.toString('hex')).to.equal(given.toString('hex'));
      markers++;
    }
    expect(markers).to.be.greaterThan(2);
  });
});

describe('hostile record data', () => {
  const sound = [
    ...batch.codecs.map((name) => () => buildBatch({ codec: name }, records(20))),
    ...['m0-java-gzip', 'm0-java-lz4', 'm0-java-none', 'm1-java-snappy', 'm1-java-lz4'].map((topic) => () => Buffer.from(goldenLog(`kafka-2.4.1/clean/${topic}-0/00000000000000000000.log`).subarray(0, 2000))),
  ];

  before(() => initialiseCodecs());
  after(dropNativeCodecs);

  function onlyFailsAsAgreed(buffer: Buffer): void {
    try {
      for (const one of readRecords(buffer, 1 << 20)) expect(one.offset).to.be.a('number');
    } catch (error) {
      expect(error).to.be.instanceOf(RecordFailure);
    }
    for (const start of batch.readBatches(buffer)) batch.isBatchIntact(buffer, start);
  }

  it('with bytes changed at random is read or refused, and nothing else', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(fc.property(fc.constantFrom(...sound), fc.array(change, { minLength: 1, maxLength: 6 }), (make, changes) => {
      const buffer = make();
      for (const [place, value] of changes) buffer[place % buffer.length] = value;
      onlyFailsAsAgreed(buffer);
    }), { numRuns: 2000 });
  });

  it('cut anywhere gives the whole batches', () => {
    fc.assert(fc.property(fc.constantFrom(...sound), fc.double({ min: 0, max: 1, noNaN: true }), (make, part) => {
      const buffer = make();
      onlyFailsAsAgreed(buffer.subarray(0, Math.floor(part * buffer.length)));
    }), { numRuns: 300 });
  });

  it('of chance alone is read or refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(2), (chance, format) => {
      const buffer = Buffer.concat([Buffer.alloc(17), Buffer.from(chance)]);
      buffer.writeInt32BE(buffer.length - 12, 8);
      buffer[16] = format;
      onlyFailsAsAgreed(buffer);
    }), { numRuns: 2000 });
  });

  it('that claims 2^31 - 1 records costs nothing', () => {
    const buffer = buildBatch({}, records(1));
    buffer.writeInt32BE(0x7fff_ffff, 57);
    expect(() => [...readRecords(buffer)]).to.throw(RecordFailure).with.property('kafkaError', 'INVALID_RECORD');
  });
});
