import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { createAdmin, createConsumer, createProducer } from '../../../src/client/index.ts';
import type { Consumer } from '../../../src/client/index.ts';
import { KafkaError } from '../../../src/protocol/errors.ts';
import { startTestCluster } from '../../../src/testing/test-cluster.ts';
import type { TestCluster } from '../../../src/testing/test-cluster.ts';
import { eventually } from './wire.ts';

const segmentBytes = 200_000;
const retentionBytes = 1_000_000;
const valueBytes = 1000;
const durationMs = 2500;

describe('a topic under production, readers at its heels and far behind', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster({ properties: { 'log.retention.check.interval.ms': 50, 'log.initial.task.delay.ms': 0, 'log.cleaner.backoff.ms': 50, 'log.segment.delete.delay.ms': 200 } });
  });
  after(() => cluster.stop());

  const bytesOf = (topic: string): number => {
    const partition = path.join(cluster.dataDirectory, 'broker-1', `${topic}-0`);
    const logs = fs.readdirSync(partition).filter((name) => name.endsWith('.log'));
    return logs.reduce((sum, name) => sum + (fs.statSync(path.join(partition, name), { throwIfNoEntry: false })?.size ?? 0), 0);
  };

  async function createTopic(name: string, configs: Readonly<Record<string, string>>): Promise<void> {
    const admin = createAdmin({ bootstrapServers: cluster.bootstrapServers });
    try {
      const [created] = await admin.createTopics([{ name, partitions: 1, replicationFactor: 1, configs: { 'segment.bytes': String(segmentBytes), ...configs } }]);
      expect(created?.error).to.equal(undefined);
    } finally {
      await admin.close();
    }
  }

  /** Reads until told to stop; what was deleted before its eyes is passed over. @returns offsets in the order read, and errors */
  async function follow(topic: string, pauseMs: number, isOver: (lastOffset: number) => boolean): Promise<{ offsets: number[]; errors: string[] }> {
    const consumer: Consumer = createConsumer({ bootstrapServers: cluster.bootstrapServers, autoOffsetReset: 'none', maxPollRecords: 50 });
    const offsets: number[] = [];
    const errors: string[] = [];
    const place = { topic, partition: 0 };
    consumer.assign([place]);
    consumer.seek(place, 0);
    try {
      while (!isOver(offsets.at(-1) ?? -1)) {
        try {
          for (const { offset } of await consumer.poll(50)) offsets.push(offset);
          if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
        } catch (error) {
          errors.push(error instanceof KafkaError ? error.name : String(error));
          consumer.seekToBeginning([place]);
        }
      }
    } finally {
      await consumer.close();
    }
    return { offsets, errors };
  }

  async function produceFor(topic: string, keyOf: (index: number) => string, look: () => void): Promise<number> {
    const producer = createProducer({ bootstrapServers: cluster.bootstrapServers });
    const value = Buffer.alloc(valueBytes, 'v');
    let count = 0;
    try {
      for (const endAt = Date.now() + durationMs; Date.now() < endAt; look()) {
        await Promise.all(Array.from({ length: 20 }, () => producer.send({ topic, partition: 0, key: Buffer.from(keyOf(count++)), value })));
      }
    } finally {
      await producer.close();
    }
    return count;
  }

  it('keeps to retention.bytes, and tells a reader no other error than OFFSET_OUT_OF_RANGE', async () => {
    await createTopic('sized', { 'retention.bytes': String(retentionBytes) });
    let isOver = false;
    const readers = [follow('sized', 0, () => isOver), follow('sized', 100, () => isOver)];
    const sizes: number[] = [];
    const count = await produceFor('sized', String, () => sizes.push(bytesOf('sized')));
    isOver = true;
    for (const { offsets, errors } of await Promise.all(readers)) {
      expect(offsets.length).to.be.greaterThan(0);
      expect(offsets).to.deep.equal(offsets.toSorted((one, other) => one - other));
      expect(new Set(errors).size, errors.join()).to.equal(errors.length === 0 ? 0 : 1);
      if (errors.length > 0) expect(errors[0]).to.equal('OFFSET_OUT_OF_RANGE');
    }
    expect(count * valueBytes).to.be.greaterThan(2 * retentionBytes);
    // Between two checks a few segments more may come; a segment goes as a whole, once what is left would still be enough.
    expect(Math.max(...sizes)).to.be.lessThan(retentionBytes + 6 * segmentBytes);
  });

  it('is compacted without an error to a reader, who sees offsets rise and the last value of each key', async () => {
    const keys = 50;
    await createTopic('compacted', { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.01' });
    let isOver = false;
    const readers = [follow('compacted', 0, () => isOver), follow('compacted', 20, () => isOver)];
    const count = await produceFor('compacted', (index) => `key-${index % keys}`, () => undefined);
    isOver = true;
    for (const { offsets, errors } of await Promise.all(readers)) {
      expect(errors).to.deep.equal([]);
      expect(offsets).to.deep.equal(offsets.toSorted((one, other) => one - other));
      expect(new Set(offsets).size).to.equal(offsets.length);
    }
    // A slow machine may not have come to it while records came.
    await eventually(() => bytesOf('compacted') < count * valueBytes, true);
    const { offsets } = await follow('compacted', 0, (lastOffset) => lastOffset === count - 1);
    expect(offsets.slice(-keys)).to.deep.equal(Array.from({ length: keys }, (_, index) => count - keys + index));
  });
});
