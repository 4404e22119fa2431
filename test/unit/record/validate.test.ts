import { expect } from 'chai';
import fc from 'fast-check';
import * as batch from '../../../src/record/batch.ts';
import { buildBatch } from '../../../src/record/build.ts';
import type { BatchOptions, NewRecord } from '../../../src/record/build.ts';
import { buildEndTransactionMarker } from '../../../src/record/control.ts';
import { RecordFailure } from '../../../src/record/errors.ts';
import { dropNativeCodecs, initialiseCodecs } from '../../../src/record/initialise-codecs.ts';
import { buildMessageSet } from '../../../src/record/legacy.ts';
import { readRecords } from '../../../src/record/read.ts';
import { validateAndAssignOffsets } from '../../../src/record/validate.ts';
import type { ValidateOptions } from '../../../src/record/validate.ts';
import { nowMs, options, plain, records } from './samples.ts';

function failure(given: Buffer, changes: Partial<ValidateOptions> = {}): RecordFailure {
  const before = given.toString('hex');
  try {
    validateAndAssignOffsets(options(given, changes));
  } catch (error) {
    expect(given.toString('hex')).to.equal(before);
    if (error instanceof RecordFailure) return error;
    throw error;
  }
  throw new Error('accepted');
}

/** A sound batch with one header field changed and the checksum made right again. */
function changed(change: (buffer: Buffer) => void, batchOptions: BatchOptions = {}): Buffer {
  const buffer = buildBatch(batchOptions, records(3));
  change(buffer);
  batch.sealBatch(buffer, 0);
  return buffer;
}

describe('produced records in the format and codec of the topic', () => {
  it('get offset and leader epoch in place, and nothing else changes', () => {
    const given = buildBatch({ codec: 'gzip', producerId: 5, producerEpoch: 0, baseSequence: 0 }, records(4));
    const body = given.subarray(16).toString('hex');
    const result = validateAndAssignOffsets(options(given, { firstOffset: 1000, leaderEpoch: 9 }));
    expect(result.records).to.equal(given);
    expect(given.subarray(16).toString('hex')).to.equal(body);
    expect([batch.baseOffset(given, 0), batch.leaderEpoch(given, 0), batch.isBatchIntact(given, 0)]).to.deep.equal([1000, 9, true]);
    expect({ ...result, records: undefined }).to.deep.equal({
      records: undefined, lastOffset: 1003, maxTimestamp: nowMs + 3, offsetOfMaxTimestamp: 1003, logAppendTimeMs: -1, sourceCompression: 'gzip', messageCount: 4, isRebuilt: false,
    });
  });

  it('get the time of the append where the topic says so', () => {
    const given = buildBatch({}, records(2));
    const result = validateAndAssignOffsets(options(given, { timestampType: 'LogAppendTime', nowMs: nowMs + 50 }));
    expect([...readRecords(result.records)].map(({ timestamp }) => timestamp)).to.deep.equal([nowMs + 50, nowMs + 50]);
    expect([result.logAppendTimeMs, result.maxTimestamp, batch.isBatchIntact(given, 0), batch.baseTimestamp(given, 0)]).to.deep.equal([nowMs + 50, nowMs + 50, true, nowMs]);
  });

  it('have a maxTimestamp before the baseTimestamp corrected', () => {
    const given = changed((buffer) => buffer.fill(0, 35, 43));
    const result = validateAndAssignOffsets(options(given));
    expect([result.maxTimestamp, batch.maxTimestamp(given, 0), batch.isBatchIntact(given, 0)]).to.deep.equal([nowMs + 2, nowMs + 2, true]);
  });

  it('lose an incomplete tail', () => {
    const given = buildBatch({}, records(2));
    expect(validateAndAssignOffsets(options(Buffer.concat([given, given.subarray(0, 30)]))).records.length).to.equal(given.length);
  });
});

describe('produced records that are refused', () => {
  const rows: [string, () => Buffer, string, RegExp, Partial<ValidateOptions>?][] = [
    ['a wrong checksum', () => { const b = buildBatch({}, records(1)); b[70] = (b[70] as number) ^ 1; return b; }, 'CORRUPT_MESSAGE', /stored crc/],
    ['a size below the header', () => changed((b) => b.writeInt32BE(20, 8)), 'CORRUPT_MESSAGE', /size/],
    ['an unknown format', () => { const b = buildBatch({}, records(1)); b[16] = 3; return b; }, 'CORRUPT_MESSAGE', /format/],
    ['nothing', () => Buffer.alloc(0), 'INVALID_RECORD', /no batches/],
    ['two batches', () => Buffer.concat([buildBatch({}, records(1)), buildBatch({}, records(1))]), 'INVALID_RECORD', /more than one batch/],
    ['a base offset', () => buildBatch({ baseOffset: 3 }, records(1)), 'INVALID_RECORD', /baseOffset/],
    ['no records', () => buildBatch({}, []), 'INVALID_RECORD', /offset range/],
    ['a count of 0', () => changed((b) => b.writeInt32BE(0, 57)), 'INVALID_RECORD', /Invalid reported count/],
    ['a count that is not the range', () => changed((b) => b.writeInt32BE(9, 57)), 'INVALID_RECORD', /Inconsistent batch offset range \[0, 2\] and count of records 9/],
    ['a marker', () => buildEndTransactionMarker({ type: 'COMMIT', producerId: 1, producerEpoch: 0, coordinatorEpoch: 0, timestampMs: 1 }), 'INVALID_RECORD', /control records/],
    ['a producer without sequence', () => buildBatch({ producerId: 1, producerEpoch: 0 }, records(1)), 'INVALID_RECORD', /Invalid sequence number -1/],
    ['an unknown codec', () => changed((b) => b.writeInt16BE(5, 21)), 'UNSUPPORTED_COMPRESSION_TYPE', /5/],
    ['a time that no number holds', () => changed((b) => b.fill(0x7f, 35, 43)), 'INVALID_TIMESTAMP', /2\^53/],
    ['damaged compressed records, where they are decoded', () => changed((b) => b.fill(0x55, 61, 80), { codec: 'gzip' }), 'CORRUPT_MESSAGE', /gzip/, { cleanupPolicyCompact: true }],
  ];
  for (const [name, make, kafkaError, message, changes] of rows) {
    it(`for ${name}: ${kafkaError}`, () => {
      const error = failure(make(), changes);
      expect(error.kafkaError).to.equal(kafkaError);
      expect(error.message).to.match(message);
    });
  }

  it('for a missing key in a compacted topic: each record is named', () => {
    const list: NewRecord[] = records(4).map((record, index) => (index % 2 === 0 ? { ...record, key: null } : record));
    const error = failure(buildBatch({}, list), { cleanupPolicyCompact: true });
    const message = 'Compacted topic cannot accept message without key in topic partition t-0';
    expect(error.kafkaError).to.equal('INVALID_RECORD');
    expect(error.recordErrors).to.deep.equal([{ batchIndex: 0, message }, { batchIndex: 2, message }]);
    expect(error.message).to.match(/^One or more records have been rejected due to 2 record errors in total/);
  });

  it('for a time outside the window: each record is named', () => {
    const late = failure(buildBatch({}, records(3, nowMs + 999)), { afterMaxMs: 1000 });
    expect([late.kafkaError, late.recordErrors.map(({ batchIndex }) => batchIndex)]).to.deep.equal(['INVALID_TIMESTAMP', [2]]);
    const early = failure(buildBatch({}, records(3, nowMs - 1001)), { beforeMaxMs: 1000 });
    expect(early.recordErrors).to.deep.equal([{
      batchIndex: 0, message: `Timestamp ${nowMs - 1001} of message with offset 0 is out of range. The timestamp should be within [${nowMs - 1000}, ${Number.MAX_VALUE}]`,
    }]);
  });

  it('never for a record without time', () => {
    const list = records(2).map((record) => ({ ...record, timestamp: -1 }));
    const result = validateAndAssignOffsets(options(buildBatch({}, list), { beforeMaxMs: 1000, afterMaxMs: 1000 }));
    expect([result.maxTimestamp, result.offsetOfMaxTimestamp]).to.deep.equal([-1, -1]);
  });

  it('for LogAppendTime set by a producer, where the topic has LogAppendTime', () => {
    const given = buildBatch({ timestampType: 'LogAppendTime', logAppendTimeMs: nowMs }, records(2));
    expect(failure(Buffer.from(given), { timestampType: 'LogAppendTime' }).kafkaError).to.equal('INVALID_TIMESTAMP');
    expect(batch.timestampType(validateAndAssignOffsets(options(given)).records, 0)).to.equal('CreateTime');
  });
});

describe('produced records that the topic keeps otherwise', () => {
  before(() => initialiseCodecs());
  after(dropNativeCodecs);

  it('are compressed with the codec of the topic, all else kept', () => {
    for (const source of batch.codecs) {
      for (const compressionOfTopic of ['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
        const given = buildBatch({ codec: source, producerId: 5, producerEpoch: 2, baseSequence: 7, isTransactional: true }, records(9));
        const before = plain([...readRecords(given)]);
        const result = validateAndAssignOffsets(options(given, { compressionOfTopic, firstOffset: 50, leaderEpoch: 4 }));
        const target = compressionOfTopic === 'uncompressed' ? 'none' : compressionOfTopic;
        const out = result.records;
        expect([batch.compression(out, 0), result.sourceCompression, result.isRebuilt]).to.deep.equal([target, source, source !== target]);
        expect(plain([...readRecords(out)])).to.deep.equal(before.map((record) => ({ ...record, offset: record.offset + 50 })));
        expect([batch.producerId(out, 0), batch.producerEpoch(out, 0), batch.baseSequence(out, 0), batch.isTransactional(out, 0), batch.leaderEpoch(out, 0)]).to.deep.equal([5, 2, 7, true, 4]);
      }
    }
  });

  it('from old clients are refused as Kafka refuses them', () => {
    const list = [...readRecords(buildBatch({}, records(3)))].map((record) => ({ ...record, headers: [] }));
    const set = (codec: 'none' | 'gzip'): Buffer => buildMessageSet(list, { magic: 1, codec, timestampType: 'CreateTime', logAppendTimeMs: -1 });
    expect(failure(Buffer.concat([set('gzip'), set('gzip')])).message).to.equal('Compressed outer record has more than one batch');
    const nested = buildMessageSet(list, { magic: 1, codec: 'none', timestampType: 'CreateTime', logAppendTimeMs: -1 });
    nested[12] = (nested[12] as number) ^ 1;
    expect(failure(nested).kafkaError).to.equal('CORRUPT_MESSAGE');
    const mixed = Buffer.concat([set('none'), buildMessageSet(list, { magic: 0, codec: 'none', timestampType: 'CreateTime', logAppendTimeMs: -1 })]);
    expect(failure(mixed).message).to.match(/Batch magic 0 is not the same/);
    const noKey = buildMessageSet(list.map((record) => ({ ...record, key: null })), { magic: 1, codec: 'gzip', timestampType: 'CreateTime', logAppendTimeMs: -1 });
    expect(failure(noKey, { cleanupPolicyCompact: true }).recordErrors.map(({ batchIndex }) => batchIndex)).to.deep.equal([0, 1, 2]);
  });

  it('of a coordinator may hold markers, which are never compressed', () => {
    const marker = buildEndTransactionMarker({ type: 'ABORT', producerId: 1, producerEpoch: 0, coordinatorEpoch: 3, timestampMs: nowMs });
    const result = validateAndAssignOffsets(options(marker, { fromClient: false, compressionOfTopic: 'gzip', cleanupPolicyCompact: true, firstOffset: 8 }));
    expect([result.records, result.lastOffset, result.isRebuilt]).to.deep.equal([marker, 8, false]);
  });
});

describe('hostile produce', () => {
  before(() => initialiseCodecs());
  after(dropNativeCodecs);

  it('with a right checksum over changed bytes is taken or refused, and nothing else', () => {
    const list = [...readRecords(buildBatch({}, records(5)))];
    const sound = [
      ...batch.codecs.map((codec) => () => buildBatch({ codec }, records(5))),
      ...(['none', 'gzip', 'snappy', 'lz4'] as const).flatMap((codec) => ([0, 1] as const).map((magic) => () => buildMessageSet(list, { magic, codec, timestampType: 'CreateTime', logAppendTimeMs: -1 }))),
    ];
    const change = fc.tuple(fc.nat(), fc.nat(255));
    const rules = fc.record({ compressionOfTopic: fc.constantFrom('producer' as const, 'uncompressed' as const, 'lz4' as const), cleanupPolicyCompact: fc.boolean(), timestampType: fc.constantFrom('CreateTime' as const, 'LogAppendTime' as const) });
    fc.assert(fc.property(fc.constantFrom(...sound), fc.array(change, { minLength: 1, maxLength: 4 }), rules, (make, changes, given) => {
      const buffer = make();
      for (const [place, value] of changes) buffer[place % buffer.length] = value;
      if (batch.batchEnd(buffer, 0, buffer.length) !== undefined) {
        const crc = batch.computedCrc(buffer, 0);
        buffer.writeUInt32BE(crc, batch.magic(buffer, 0) === 2 ? 17 : 12);
      }
      try {
        const result = validateAndAssignOffsets(options(buffer, { ...given, firstOffset: 77 }));
        for (const start of batch.readBatches(result.records)) expect(batch.isBatchIntact(result.records, start)).to.equal(true);
      } catch (error) {
        expect(error).to.be.instanceOf(RecordFailure);
      }
    }), { numRuns: 2000 });
  });
});
