import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { batchEnd, compression, isBatchIntact, isControl, magic, maxTimestamp, readBatches, recordCount } from '../../../src/record/batch.ts';
import { buildBatch } from '../../../src/record/build.ts';
import { downConvert, downConvertInSteps, upConvert } from '../../../src/record/convert.ts';
import { buildEndTransactionMarker } from '../../../src/record/control.ts';
import { UnsupportedCompression } from '../../../src/record/errors.ts';
import { initialiseCodecs, dropNativeCodecs } from '../../../src/record/initialise-codecs.ts';
import { buildMessageSet } from '../../../src/record/legacy.ts';
import { readRecords } from '../../../src/record/read.ts';
import type { DecodedRecord } from '../../../src/record/read.ts';
import { validateAndAssignOffsets } from '../../../src/record/validate.ts';
import { goldenLog } from '../../golden/logs.ts';
import { options, plain, records } from './samples.ts';

const wire = JSON.parse(readFileSync(new URL('golden-wire.json', import.meta.url), 'utf8')) as {
  fetches: { name: string; stored: string; v0: string; v1: string }[];
  produced: Record<string, string>;
};
const firstLog = '00000000000000000000.log';

function downConvertForFetch(log: Buffer, toMagic: 0 | 1): Buffer {
  const steps = downConvertInSteps(log, toMagic, 0);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

describe('down conversion for fetches by old clients', () => {
  for (const { name, stored, v0, v1 } of wire.fetches) {
    it(`gives the bytes that a real broker gives: ${name}`, () => {
      const log = Buffer.from(stored, 'hex');
      expect(downConvertForFetch(log, 0).toString('hex')).to.equal(v0);
      expect(downConvertForFetch(log, 1).toString('hex')).to.equal(v1);
    });
  }

  it('keeps offsets, codec and, in v1, times; leaves out headers and control batches', async () => {
    await initialiseCodecs(['zstd']);
    for (const topic of ['v2-java-gzip', 'v2-java-snappy', 'v2-java-lz4', 'v2-java-none', 'txn', 'compact-gzip', 'append-time-gzip']) {
      const log = goldenLog(`kafka-3.9.1/clean/${topic}-0/${topic === 'txn' ? '00000000000000000002.log' : firstLog}`);
      const dataBatches = [...readBatches(log)].filter((start) => !isControl(log, start));
      const wanted = dataBatches.flatMap((start) => plain([...readRecords(log.subarray(0, batchEnd(log, start, log.length)), undefined, start)]));
      for (const format of [0, 1] as const) {
        const converted = downConvert(log, format, 0);
        const expected = wanted.map((record) => ({ ...record, headers: [], timestamp: format === 0 ? -1 : record.timestamp }));
        expect(plain([...readRecords(converted)])).to.deep.equal(expected);
        for (const start of readBatches(converted)) {
          expect(magic(converted, start)).to.equal(format);
          expect(isBatchIntact(converted, start)).to.equal(true);
          if (topic.startsWith('v2-java')) expect(compression(converted, start)).to.equal(topic.slice('v2-java-'.length));
        }
      }
    }
    dropNativeCodecs();
  });

  it('leaves out uncompressed records before the fetch offset', () => {
    const batch = buildBatch({ baseOffset: 10 }, records(5));
    expect([...readRecords(downConvert(batch, 1, 13))].map(({ offset }) => offset)).to.deep.equal([13, 14]);
    expect(downConvert(batch, 1, 15).length).to.equal(0);
  });

  it('leaves batches that are old enough as they are, and refuses zstd', async () => {
    const old = goldenLog(`kafka-2.4.1/clean/m0-java-gzip-0/${firstLog}`);
    expect(downConvert(old, 1, 0).equals(old)).to.equal(true);
    const zstd = goldenLog(`kafka-3.9.1/clean/v2-java-zstd-0/${firstLog}`);
    expect(() => downConvert(zstd, 1, 0)).to.throw(UnsupportedCompression);
  });

  it('passes over markers between data', () => {
    const data = buildBatch({ producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true }, records(2));
    const marker = buildEndTransactionMarker({ type: 'COMMIT', producerId: 7, producerEpoch: 0, coordinatorEpoch: 1, timestampMs: 5, baseOffset: 2 });
    expect([...readRecords(downConvert(Buffer.concat([data, marker]), 0, 0))].length).to.equal(2);
  });
});

describe('up conversion of message sets from old clients', () => {
  it('makes what a real broker made of the same records, to the byte where nothing is compressed', () => {
    for (const [topic, format] of [['up-kcat-v0-none', 0], ['up-kcat-v1-none', 1]] as const) {
      const log = goldenLog(`kafka-3.9.1/clean/${topic}-0/${firstLog}`);
      for (const start of readBatches(log)) {
        const stored = log.subarray(start, batchEnd(log, start, log.length));
        const set = downConvert(stored, format, 0);
        const first = [...readRecords(stored)][0] as DecodedRecord;
        const result = validateAndAssignOffsets(options(Buffer.from(set), { firstOffset: first.offset, leaderEpoch: 0 }));
        expect(result.records.toString('hex')).to.equal(stored.toString('hex'));
        expect(result).to.include({ isRebuilt: true, sourceCompression: 'none', lastOffset: first.offset + recordCount(stored, 0) - 1 });
      }
    }
  });

  it('keeps the codec of a compressed set', () => {
    for (const [topic, codec] of [['m0-kcat-gzip', 'gzip'], ['m0-kcat-lz4', 'lz4'], ['m1-kcat-snappy', 'snappy'], ['m1-java-lz4', 'lz4']] as const) {
      const log = goldenLog(`kafka-2.4.1/clean/${topic}-0/${firstLog}`);
      for (const start of readBatches(log)) {
        const set = Buffer.from(log.subarray(start, batchEnd(log, start, log.length)));
        const result = validateAndAssignOffsets(options(set, { firstOffset: 100 }));
        const before = plain([...readRecords(set)]);
        expect(plain([...readRecords(result.records)])).to.deep.equal(before.map((record, index) => ({ ...record, offset: 100 + index })));
        expect(result.sourceCompression).to.equal(compression(set, 0));
        expect(compression(result.records, 0)).to.equal(compression(set, 0));
        expect(maxTimestamp(result.records, 0)).to.equal(result.maxTimestamp);
        if (recordCount(set, 0) === -1) expect(result.sourceCompression).to.equal(codec);
      }
    }
  });

  it('takes what real clients sent', () => {
    for (const [name, hex] of Object.entries(wire.produced)) {
      const sent = Buffer.from(hex, 'hex');
      const before = plain([...readRecords(sent)]);
      const result = validateAndAssignOffsets(options(sent, { firstOffset: 42, leaderEpoch: 3 }));
      expect(result.isRebuilt, name).to.equal(!name.startsWith('Produce-v03'));
      expect(plain([...readRecords(result.records)])).to.deep.equal(before.map((record, index) => ({ ...record, offset: 42 + index })));
    }
  });

  it('undoes a down conversion without headers, whatever the records', () => {
    const value = fc.option(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)), { nil: null });
    const one = fc.record({ key: value, value, timestamp: fc.integer({ min: 0, max: 2 ** 41 }) });
    const conversion = fc.record({ magic: fc.constantFrom(0 as const, 1 as const), codec: fc.constantFrom('none' as const, 'gzip' as const, 'snappy' as const, 'lz4' as const) });
    fc.assert(fc.property(fc.array(one, { minLength: 1, maxLength: 20 }), conversion, fc.nat(), (list, { magic: format, codec }, base) => {
      const numbered = list.map((record, index) => ({ ...record, headers: [], offset: base + index }));
      const set = buildMessageSet(numbered, { magic: format, codec, timestampType: 'CreateTime', logAppendTimeMs: -1 });
      const expected = numbered.map((record) => ({ ...record, timestamp: format === 0 ? -1 : record.timestamp }));
      expect(plain([...readRecords(set)])).to.deep.equal(plain(expected));
      const batch = upConvert(set, { firstOffset: base, codec, timestampType: 'CreateTime', logAppendTimeMs: -1, leaderEpoch: 0 });
      expect(plain([...readRecords(batch)])).to.deep.equal(plain(expected));
      expect([...readRecords(downConvert(batch, format, base))].length).to.equal(list.length);
    }), { numRuns: 100 });
  });
});
