import { createHash } from 'node:crypto';
import { expect } from 'chai';
import * as batch from '../../../src/record/batch.ts';
import { readMarker } from '../../../src/record/control.ts';
import { dropNativeCodecs, initialiseCodecs } from '../../../src/record/initialise-codecs.ts';
import { readBatchRecords } from '../../../src/record/read.ts';
import type { DecodedRecord } from '../../../src/record/read.ts';
import { goldenLog, goldenPartitions } from '../../golden/logs.ts';

type Bytes = string | null | { hex: string } | { length: number; sha256: string };
interface ExpectedRecord { offset: number; timestamp: number; key: Bytes; value: Bytes; headers?: [string, Bytes][]; control?: string }
interface ExpectedBatch {
  position: number; size: number; magic: number; baseOffset: number; lastOffset: number; valid: boolean; compression: string;
  timestampType: string; partitionLeaderEpoch?: number; crc: number; attributes: number; lastOffsetDelta?: number; baseTimestamp?: number;
  maxTimestamp: number; producerId?: number; producerEpoch?: number; baseSequence?: number; lastSequence?: number; count?: number;
  isTransactional?: boolean; isControl?: boolean; deleteHorizonMs?: number | null; records: ExpectedRecord[];
}
interface Expected { segments: { file: string; size: number; batches: ExpectedBatch[]; error?: unknown }[] }

/** In the shape that expected.json has it: text where printable, else hex, a digest where long. */
function encoded(bytes: Buffer | null, like: Bytes): Bytes {
  if (bytes === null || like === null) return bytes === null ? null : { hex: bytes.toString('hex') };
  if (typeof like === 'string') return bytes.toString('utf8');
  if ('hex' in like) return { hex: bytes.toString('hex') };
  return { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function checkBatch(log: Buffer, expected: ExpectedBatch): void {
  const at = expected.position;
  expect(batch.batchSizeBytes(log, at)).to.equal(expected.size);
  expect(batch.magic(log, at)).to.equal(expected.magic);
  expect(batch.lastOffset(log, at)).to.equal(expected.lastOffset);
  expect(batch.isBatchIntact(log, at)).to.equal(expected.valid);
  expect(batch.compression(log, at)).to.equal(expected.compression);
  expect(batch.storedCrc(log, at)).to.equal(expected.crc);
  expect(batch.maxTimestamp(log, at)).to.equal(expected.maxTimestamp);
  if (expected.magic > 0) expect(batch.timestampType(log, at)).to.equal(expected.timestampType);
  if (expected.magic < 2) return;
  expect({
    baseOffset: batch.baseOffset(log, at), partitionLeaderEpoch: batch.leaderEpoch(log, at), attributes: batch.attributes(log, at),
    lastOffsetDelta: batch.lastOffsetDelta(log, at), producerId: batch.producerId(log, at), producerEpoch: batch.producerEpoch(log, at),
    baseSequence: batch.baseSequence(log, at), lastSequence: batch.lastSequence(log, at), count: batch.recordCount(log, at),
    isTransactional: batch.isTransactional(log, at), isControl: batch.isControl(log, at),
  }).to.deep.equal({
    baseOffset: expected.baseOffset, partitionLeaderEpoch: expected.partitionLeaderEpoch, attributes: expected.attributes,
    lastOffsetDelta: expected.lastOffsetDelta, producerId: expected.producerId, producerEpoch: expected.producerEpoch,
    baseSequence: expected.baseSequence, lastSequence: expected.lastSequence, count: expected.count,
    isTransactional: expected.isTransactional, isControl: expected.isControl,
  });
  const horizon = batch.hasDeleteHorizon(log, at) ? batch.baseTimestamp(log, at) : null;
  expect(horizon).to.equal(expected.deleteHorizonMs ?? null);
}

function checkRecord(record: DecodedRecord, expected: ExpectedRecord): void {
  expect(record.offset).to.equal(expected.offset);
  expect(record.timestamp).to.equal(expected.timestamp);
  expect(encoded(record.key, expected.key)).to.deep.equal(expected.key);
  expect(encoded(record.value, expected.value)).to.deep.equal(expected.value);
  const headers = (expected.headers ?? []).map(([, value], index) => [record.headers[index]?.key, encoded(record.headers[index]?.value ?? null, value)]);
  expect(headers).to.deep.equal(expected.headers ?? []);
  expect(record.headers.length).to.equal(headers.length);
}

function checkPartition(directory: string): number {
  const expected = JSON.parse(goldenLog(`${directory}/expected.json`).toString()) as Expected;
  let batches = 0;
  for (const { file, batches: entries } of expected.segments) {
    const expectedBatches = entries.filter(({ size }) => size !== undefined); // others describe a tail that Kafka does not parse
    const log = goldenLog(`${directory}/${file}`);
    expect([...batch.readBatches(log)]).to.deep.equal(expectedBatches.map(({ position }) => position));
    for (const expectedBatch of expectedBatches) {
      batches++;
      checkBatch(log, expectedBatch);
      if (!expectedBatch.valid) continue;
      const records = readBatchRecords(log, expectedBatch.position);
      expect(records.map(({ offset }) => offset)).to.deep.equal(expectedBatch.records.map(({ offset }) => offset));
      for (const [index, record] of records.entries()) checkRecord(record, expectedBatch.records[index] as ExpectedRecord);
      if (batch.isControl(log, expectedBatch.position)) expect(readMarker(records[0] as DecodedRecord)).to.have.property('type');
    }
  }
  return batches;
}

describe('logs that real brokers wrote', () => {
  afterEach(dropNativeCodecs);

  it('decode to what Kafka reads in them, with the native packages', async () => {
    await initialiseCodecs();
    let batches = 0;
    for (const directory of goldenPartitions()) batches += checkPartition(directory);
    expect(batches).to.be.greaterThan(1000);
  });

  it('decode the same in plain TypeScript (zstd aside)', async () => {
    await initialiseCodecs(['zstd']);
    for (const directory of goldenPartitions()) checkPartition(directory);
  });
});
