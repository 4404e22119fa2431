import { decodeRequestHeader, decodeResponseHeader, encodeRequest, encodeResponse } from '../../src/protocol/frame.ts';
import { textAt } from '../../src/protocol/interned.ts';
import { fetchRequest, fetchResponse } from '../../src/protocol/messages/fetch.ts';
import { metadataResponse } from '../../src/protocol/messages/metadata.ts';
import { produceRequest, produceResponse } from '../../src/protocol/messages/produce.ts';
import type { MessageSchema } from '../../src/protocol/schema.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { nsPerCall } from './measure.ts';
import { bytesOf } from '../support/bytes-of.ts';

/**
 * What does one message cost to read and to write? Nanoseconds, best of 15 rounds; whole frames, headers
 * included. Run alone: `node --import tsx test/bench/protocol.ts`.
 */
const rounds = 15;

const best = (call: () => unknown): number => Math.min(...Array.from({ length: rounds }, () => nsPerCall(call)));

const range = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

const produceTopics = (bytes: number) => [{ name: 'my-replicated-topic', partitionData: [{ index: 3, records: Buffer.alloc(bytes, 7) }] }];
const fetchTopics = (partitions: number) => [
  {
    topic: 'my-replicated-topic',
    partitions: range(partitions, (partition) => ({ partition, currentLeaderEpoch: 5, fetchOffset: 1e12 + partition, lastFetchedEpoch: 5, logStartOffset: 1e6, partitionMaxBytes: 1 << 20 })),
  },
];
const fetched = (partitions: number, pieces: () => Buffer | readonly Buffer[]) => [
  {
    topic: 'my-replicated-topic',
    partitions: range(partitions, (partitionIndex) => ({ partitionIndex, errorCode: 0, highWatermark: 1e12, lastStableOffset: 1e12, logStartOffset: 0, abortedTransactions: null, records: pieces() })),
  },
];
const metadata = (topics: number) => ({
  brokers: range(3, (nodeId) => ({ nodeId, host: 'localhost', port: 9092 + nodeId, rack: null })),
  clusterId: 'vPeOCWypqUOSepEvx0cbog',
  controllerId: 1,
  topics: range(topics, (topic) => ({
    errorCode: 0,
    name: `topic-${topic}`,
    topicId: 'vPeOCWypqUOSepEvx0cbog',
    partitions: range(6, (partitionIndex) => ({ partitionIndex, leaderId: 1, leaderEpoch: 4, replicaNodes: [1, 2, 3], isrNodes: [1, 2, 3] })),
  })),
});

function reading<I>(schema: MessageSchema<unknown, I>, version: number, value: I): () => unknown {
  const frame = Buffer.concat(encodeRequest(schema, version, 7, 'producer-1', value));
  return () => schema.decode(frame, decodeRequestHeader(frame, 4, frame.length).bodyStart, frame.length, version);
}

function readingAnswer<I>(schema: MessageSchema<unknown, I>, version: number, value: I): () => unknown {
  const frame = bytesOf(encodeResponse(schema, version, 7, value));
  return () => schema.decode(frame, decodeResponseHeader(schema.apiKey, version, frame, 4, frame.length).bodyStart, frame.length, version);
}

const writing =
  <I>(schema: MessageSchema<unknown, I>, version: number, value: I): (() => unknown) =>
  () =>
    encodeResponse(schema, version, 7, value);

const piece = Buffer.alloc(16_384, 7);
const produced = { responses: [{ name: 'my-replicated-topic', partitionResponses: [{ index: 3, errorCode: 0, baseOffset: 1e12, logStartOffset: 0 }] }] };

const cases: readonly (readonly [string, () => unknown])[] = [
  ['decode Produce v9, 1 partition, 16 KB', reading(produceRequest, 9, { acks: -1, timeoutMs: 30_000, topicData: produceTopics(16_384) })],
  ['decode Fetch v12, 6 partitions', reading(fetchRequest, 12, { maxWaitMs: 500, minBytes: 1, topics: fetchTopics(6) })],
  ['decode Fetch v12, 100 partitions', reading(fetchRequest, 12, { maxWaitMs: 500, minBytes: 1, topics: fetchTopics(100) })],
  ['decode Fetch v12 answer, 6 partitions', readingAnswer(fetchResponse, 12, { responses: fetched(6, () => piece) })],
  ['decode Metadata v12 answer, 1 topic x 6', readingAnswer(metadataResponse, 12, metadata(1))],
  ['encode Produce v9 answer, 1 partition', writing(produceResponse, 9, produced)],
  ['encode Fetch v12 answer, 1 partition, records by reference', writing(fetchResponse, 12, { responses: fetched(1, () => piece) })],
  ['encode Fetch v12 answer, 6 partitions, each in 2 pieces', writing(fetchResponse, 12, { responses: fetched(6, () => [piece, piece]) })],
  ['encode Metadata v12 answer, 1 topic x 6', writing(metadataResponse, 12, metadata(1))],
  ['encode Metadata v12 answer, 100 topics x 6', writing(metadataResponse, 12, metadata(100))],
];

process.stdout.write('| message | ns |\n|---|---:|\n');
for (const [name, call] of cases) process.stdout.write(`| ${name} | ${Math.round(best(call)).toLocaleString('en-US')} |\n`);

/** A short text that comes again: ours / the runtime's. interned.ts and writer.ts stop at the length where it no longer pays. */
process.stdout.write('\n| characters | read: ours / toString | write: ours / byteLength and write |\n|---|---:|---:|\n');
for (const length of [8, 20, 32, 48, 64]) {
  const text = 'a'.repeat(length);
  const bytes = Buffer.from(text);
  const writer = new Writer(1 << 16);
  const target = Buffer.alloc(1 << 10);
  const read = best(() => textAt(bytes, 0, length)) / best(() => bytes.toString('utf8', 0, length));
  const write = best(() => {
    writer.at = 0;
    writer.compactString(text);
  });
  const theirs = best(() => target.write(text, 0, Buffer.byteLength(text), 'utf8'));
  process.stdout.write(`| ${length} | ${read.toFixed(2)} | ${(write / theirs).toFixed(2)} |\n`);
}
