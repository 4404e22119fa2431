import { expect } from 'chai';
import { Accumulator } from '../../../src/client/accumulator.ts';
import { FetchedRecords } from '../../../src/client/fetched.ts';
import { emptyMetadata, mergeMetadata, withLeader } from '../../../src/client/metadata.ts';
import type { ConsumerRecord, RecordMetadata } from '../../../src/client/records.ts';
import type { MetadataResponse } from '../../../src/protocol/messages/metadata.ts';
import { buildBatch } from '../../../src/record/build.ts';
import { buildEndTransactionMarker } from '../../../src/record/control.ts';
import { readBatchRecords } from '../../../src/record/read.ts';

const settings = { batchSize: 200, compressionType: 'none' as const, lingerMs: 10, deliveryTimeoutMs: 1000, maxInFlightRequestsPerConnection: 5 };
const calm = { isFlushing: false, isMemoryExhausted: false };
const nothing = (): void => undefined;

describe('batches of the producer', () => {
  const fill = (accumulator: Accumulator, values: readonly string[], resolve: (metadata: RecordMetadata) => void = nothing, reject: (error: Error) => void = nothing): void => {
    for (const value of values) accumulator.append('t', 0, 100, 1, null, Buffer.from(value), [], resolve, reject);
  };

  it('wait for linger.ms, or until one is full, flushed or out of memory', () => {
    const accumulator = new Accumulator(settings);
    fill(accumulator, ['a']);
    const [queue] = accumulator.activeQueues();
    expect(accumulator.dueMs(queue!, calm)).to.equal(110);
    expect(accumulator.dueMs(queue!, { ...calm, isFlushing: true })).to.equal(100);
    expect(accumulator.dueMs(queue!, { ...calm, isMemoryExhausted: true })).to.equal(100);
    fill(accumulator, ['b'.repeat(150)]);
    expect(accumulator.dueMs(queue!, calm)).to.equal(100);
  });

  it('go one at a time where only one request may be on its way', () => {
    const accumulator = new Accumulator({ ...settings, maxInFlightRequestsPerConnection: 1 });
    fill(accumulator, ['a']);
    const [queue] = accumulator.activeQueues();
    queue!.inFlight = 1;
    expect(accumulator.dueMs(queue!, calm)).to.equal(Infinity);
  });

  it('come back to their old place', () => {
    const accumulator = new Accumulator(settings);
    fill(accumulator, ['a'.repeat(150), 'b'.repeat(150), 'c'.repeat(150)]);
    const [queue] = accumulator.activeQueues();
    const [first, second] = [accumulator.take(queue!), accumulator.take(queue!)];
    accumulator.putBack([second]);
    accumulator.putBack([first]);
    expect(queue!.batches.map(({ order }) => order)).to.deep.equal([0, 1, 2]);
  });

  it('give each record its offset, or its error', () => {
    const accumulator = new Accumulator(settings);
    const offsets: number[] = [];
    const errors: string[] = [];
    fill(accumulator, ['a', 'b'], ({ offset }) => offsets.push(offset), ({ message }) => errors.push(message));
    const [queue] = accumulator.activeQueues();
    accumulator.take(queue!).succeed(7, -1);
    fill(accumulator, ['c'], nothing, ({ message }) => errors.push(message));
    accumulator.take(queue!).fail((index) => new Error(`no ${index}`));
    expect({ offsets, errors }).to.deep.equal({ offsets: [7, 8], errors: ['no 0'] });
  });

  it('too large for the broker are split, and end when both halves have', () => {
    const accumulator = new Accumulator({ ...settings, batchSize: 10_000 });
    const offsets: number[] = [];
    fill(accumulator, ['a', 'b', 'c'], ({ offset }) => offsets.push(offset));
    const batch = accumulator.take(accumulator.activeQueues()[0]!);
    let ends = 0;
    batch.onEnd(() => ends++);
    const [one, two] = batch.split();
    expect([one, two].map((part) => readBatchRecords(part.bytes(), 0).map(({ value }) => String(value)))).to.deep.equal([['a', 'b'], ['c']]);
    one.succeed(0, -1);
    expect(ends).to.equal(0);
    two.succeed(2, -1);
    expect({ ends, offsets }).to.deep.equal({ ends: 1, offsets: [0, 1, 2] });
  });
});

describe('records of a Fetch answer', () => {
  const values = (fetched: FetchedRecords, count = 100): string[] => {
    const records: ConsumerRecord[] = [];
    fetched.take(records, count);
    return records.map(({ offset, value }) => `${offset}:${String(value)}`);
  };
  const batch = (baseOffset: number, ...texts: string[]): Buffer => buildBatch({ baseOffset }, texts.map((text) => ({ timestamp: 1, key: null, value: Buffer.from(text) })));
  const place = { topic: 't', partition: 0 };

  it('begin at the position, come as many as wanted, and end at an incomplete batch', () => {
    const bytes = Buffer.concat([batch(0, 'a', 'b', 'c'), batch(3, 'd'), batch(4, 'e').subarray(0, 30)]);
    const fetched = new FetchedRecords(place, 1, bytes, undefined, true);
    expect(values(fetched, 1)).to.deep.equal(['1:b']);
    expect(values(fetched)).to.deep.equal(['2:c', '3:d']);
    expect(fetched.position).to.equal(4);
  });

  it('leave the position behind a batch whose last records were compacted away', () => {
    const bytes = buildBatch({ baseOffset: 0, lastOffset: 9 }, [{ timestamp: 1, key: null, value: null, offset: 4 }], 'kept');
    const fetched = new FetchedRecords(place, 0, bytes, undefined, true);
    values(fetched);
    expect(fetched.position).to.equal(10);
  });

  it('of aborted transactions are left out with read_committed alone', () => {
    const transactional = (baseOffset: number, producerId: number, text: string): Buffer =>
      buildBatch({ baseOffset, producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true }, [{ timestamp: 1, key: null, value: Buffer.from(text) }]);
    const marker = (baseOffset: number, producerId: number, type: 'ABORT' | 'COMMIT'): Buffer => buildEndTransactionMarker({ type, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestampMs: 1, baseOffset });
    const bytes = Buffer.concat([transactional(0, 1, 'bad'), transactional(1, 2, 'good'), marker(2, 1, 'ABORT'), transactional(3, 1, 'later'), marker(4, 2, 'COMMIT'), marker(5, 1, 'COMMIT')]);
    expect(values(new FetchedRecords(place, 0, bytes, [{ producerId: 1, firstOffset: 0 }], true))).to.deep.equal(['1:good', '3:later']);
    const all = new FetchedRecords(place, 0, bytes, undefined, true);
    expect(values(all)).to.deep.equal(['0:bad', '1:good', '3:later']);
    expect(all.position).to.equal(6);
  });

  it('that are damaged are an error at their place', () => {
    const bytes = Buffer.concat([batch(0, 'a'), batch(1, 'b')]);
    bytes[bytes.length - 1]! ^= 1;
    const fetched = new FetchedRecords(place, 0, bytes, undefined, true);
    const records: ConsumerRecord[] = [];
    expect(() => fetched.take(records, 10)).to.throw(/t-0 at offset 1/).with.property('name', 'CORRUPT_MESSAGE');
    expect({ count: records.length, position: fetched.position }).to.deep.equal({ count: 1, position: 1 });
  });
});

describe('metadata', () => {
  const answer = (leaderId: number, leaderEpoch: number, errorCode = 0): MetadataResponse => ({
    throttleTimeMs: 0,
    brokers: [{ nodeId: 1, host: 'a', port: 1, rack: null }, { nodeId: 2, host: 'b', port: 2, rack: null }],
    clusterId: 'c',
    controllerId: 1,
    topics: [
      {
        errorCode,
        name: 't',
        topicId: 'qlcAqRZqTHSTcFZZXNV3ig',
        isInternal: false,
        partitions: errorCode !== 0 ? [] : [{ errorCode: 0, partitionIndex: 0, leaderId, leaderEpoch, replicaNodes: [1, 2], isrNodes: [1], offlineReplicas: [] }],
        topicAuthorizedOperations: 0,
      },
    ],
    clusterAuthorizedOperations: 0,
  });
  const leader = (metadata: ReturnType<typeof mergeMetadata>): number | undefined => metadata.topics.get('t')?.partitions[0]?.leaderId;

  it('never goes back to an older leader epoch', () => {
    const first = mergeMetadata(emptyMetadata, answer(2, 5));
    expect(leader(mergeMetadata(first, answer(1, 4)))).to.equal(2);
    expect(leader(mergeMetadata(first, answer(1, 6)))).to.equal(1);
  });

  it('takes leaders in that an answer names, if newer and known', () => {
    const first = mergeMetadata(emptyMetadata, answer(1, 5));
    const hint = { topic: 't', partition: 0, leaderId: 3, leaderEpoch: 6, nodes: [] };
    expect(leader(withLeader(first, hint))).to.equal(1);
    expect(leader(withLeader(first, { ...hint, nodes: [{ id: 3, host: 'c', port: 3, rack: null }] }))).to.equal(3);
    expect(leader(withLeader(first, { ...hint, leaderId: 2, leaderEpoch: 5 }))).to.equal(1);
  });

  it('forgets a topic that the cluster no longer knows, and says why', () => {
    const gone = mergeMetadata(mergeMetadata(emptyMetadata, answer(1, 1)), answer(0, 0, 3));
    expect([gone.topics.has('t'), gone.errors.get('t')]).to.deep.equal([false, 'UNKNOWN_TOPIC_OR_PARTITION']);
  });
});
