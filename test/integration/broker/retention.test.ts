import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { createAdmin, createConsumer, createProducer } from '../../../src/client/index.ts';
import type { Consumer } from '../../../src/client/index.ts';
import { offsetSpecs } from '../../../src/client/offset-specs.ts';
import { KafkaError } from '../../../src/protocol/errors.ts';
import { startTestCluster } from '../../../src/testing/test-cluster.ts';
import type { TestCluster } from '../../../src/testing/test-cluster.ts';
import { eventually } from './wire.ts';

const segmentBytes = 200_000;
const retentionBytes = 1_000_000;
const valueBytes = 1000;
const producedBytes = 3_000_000;

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

  const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /** Sends bursts until the topic was given `bytes`. @returns how many records */
  async function produce(topic: string, bytes: number, keyOf: (index: number) => string, afterBurst: (count: number) => Promise<void> = () => Promise.resolve()): Promise<number> {
    const producer = createProducer({ bootstrapServers: cluster.bootstrapServers });
    const value = Buffer.alloc(valueBytes, 'v');
    let count = 0;
    try {
      for (; count * valueBytes < bytes; await afterBurst(count)) {
        await Promise.all(Array.from({ length: 20 }, () => producer.send({ topic, partition: 0, key: Buffer.from(keyOf(count++)), value })));
      }
    } finally {
      await producer.close();
    }
    return count;
  }

  type Followed = Awaited<ReturnType<typeof follow>>;
  /** Offsets rise, and what a reader was told at most is that its place is gone. */
  function expectSound({ offsets, errors }: Followed): void {
    expect(offsets.length).to.be.greaterThan(0);
    expect(offsets).to.deep.equal(offsets.toSorted((one, other) => one - other));
    expect(errors.filter((error) => error !== 'OFFSET_OUT_OF_RANGE')).to.deep.equal([]);
  }

  async function firstOffset(topic: string): Promise<number> {
    const admin = createAdmin({ bootstrapServers: cluster.bootstrapServers });
    try {
      const [found] = await admin.listOffsets([{ topic, partition: 0, timestamp: offsetSpecs.earliest }]);
      return found!.offset;
    } finally {
      await admin.close();
    }
  }

  it('keeps to retention.bytes, and tells a reader no other error than OFFSET_OUT_OF_RANGE', async () => {
    await createTopic('sized', { 'retention.bytes': String(retentionBytes) });
    let isOver = false;
    const readers = [follow('sized', 0, () => isOver), follow('sized', 100, () => isOver)];
    // A segment goes as a whole, once what is left would still be enough. Where more has come between two checks, production waits for the next.
    const isKept = (): boolean => bytesOf('sized') <= retentionBytes + 2 * segmentBytes;
    await produce('sized', producedBytes, String, async () => {
      while (!isKept()) await nextTurn();
    });
    isOver = true;
    for (const followed of await Promise.all(readers)) expectSound(followed);
    expect(bytesOf('sized')).to.be.within(retentionBytes - segmentBytes, retentionBytes + 2 * segmentBytes);
  });

  it('keeps to retention.ms, the last segment too once all of it is too old', async () => {
    await createTopic('timed', { 'retention.ms': '300' });
    let isOver = false;
    const readers = [follow('timed', 0, () => isOver), follow('timed', 100, () => isOver)];
    const count = await produce('timed', producedBytes, String);
    isOver = true;
    for (const followed of await Promise.all(readers)) expectSound(followed);
    await eventually(() => firstOffset('timed'), count);
    await eventually(() => Promise.resolve(bytesOf('timed')), 0);
  });

  it('takes log.retention.bytes and log.retention.ms of the brokers over while they run, where the topic has none of its own', async () => {
    const admin = createAdmin({ bootstrapServers: cluster.bootstrapServers });
    const change = async (broker: string, changes: readonly { name: string; operation: 'set' | 'delete'; value: string | null }[]): Promise<void> => {
      const [outcome] = await admin.incrementalAlterConfigs([{ type: 'broker', name: broker, changes }]);
      expect(outcome?.error).to.equal(undefined);
    };
    const produce = async (topic: string): Promise<void> => {
      const producer = createProducer({ bootstrapServers: cluster.bootstrapServers });
      const value = Buffer.alloc(valueBytes, 'v');
      await Promise.all(Array.from({ length: 1000 }, () => producer.send({ topic, partition: 0, value })));
      await producer.close();
    };
    try {
      await createTopic('default', {});
      await createTopic('own', { 'retention.bytes': '-1', 'retention.ms': '-1' });
      for (const topic of ['default', 'own']) await produce(topic);
      expect(await firstOffset('default')).to.equal(0);
      await change('', [{ name: 'log.retention.bytes', operation: 'set', value: '300000' }]);
      await eventually(() => bytesOf('default') < 300_000 + segmentBytes, true);
      await change('1', [{ name: 'log.retention.ms', operation: 'set', value: '1' }]);
      await eventually(() => firstOffset('default'), 1000);
      expect(await firstOffset('own')).to.equal(0);
      await change('1', [{ name: 'log.retention.ms', operation: 'delete', value: '' }]);
      await change('', [{ name: 'log.retention.bytes', operation: 'delete', value: '' }]);
      await produce('default');
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await firstOffset('default')).to.equal(1000);
    } finally {
      await admin.close();
    }
  });

  it('begins where DeleteRecords says, in the middle of a batch too, and gives the room back', async () => {
    await createTopic('cut', { 'retention.bytes': '-1', 'retention.ms': '-1' });
    const admin = createAdmin({ bootstrapServers: cluster.bootstrapServers });
    let isOver = false;
    let start = 0;
    const cut = async (offset: number): Promise<void> => {
      const [outcome] = await admin.deleteRecords([{ topic: 'cut', partition: 0, offset }]);
      expect(outcome?.error).to.equal(undefined);
      start = offset;
    };
    const readers = [follow('cut', 0, () => isOver), follow('cut', 100, () => isOver)];
    try {
      const count = await produce('cut', producedBytes, String, async (sofar) => {
        if (sofar - start >= 500) await cut(sofar - 33);
      });
      isOver = true;
      for (const followed of await Promise.all(readers)) expectSound(followed);
      expect(start).to.be.greaterThan(0);
      expect(await firstOffset('cut')).to.equal(start);
      await eventually(() => Promise.resolve(bytesOf('cut') < (count - start) * 2 * valueBytes + 2 * segmentBytes), true);
      await cut(count - 7);
      const { offsets, errors } = await follow('cut', 0, (lastOffset) => lastOffset === count - 1);
      expect([errors, offsets]).to.deep.equal([['OFFSET_OUT_OF_RANGE'], Array.from({ length: 7 }, (_, index) => count - 7 + index)]);
    } finally {
      isOver = true;
      await admin.close();
    }
  });

  it('is compacted without an error to a reader, who sees offsets rise and the last value of each key', async () => {
    const keys = 50;
    await createTopic('compacted', { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.01' });
    let isOver = false;
    const readers = [follow('compacted', 0, () => isOver), follow('compacted', 20, () => isOver)];
    const count = await produce('compacted', producedBytes, (index) => `key-${index % keys}`);
    while (bytesOf('compacted') > count * valueBytes * 0.9) await nextTurn();
    isOver = true;
    for (const { offsets, errors } of await Promise.all(readers)) {
      expect(errors).to.deep.equal([]);
      expect(offsets).to.deep.equal(offsets.toSorted((one, other) => one - other));
      expect(new Set(offsets).size).to.equal(offsets.length);
    }
    const { offsets } = await follow('compacted', 0, (lastOffset) => lastOffset === count - 1);
    expect(offsets.slice(-keys)).to.deep.equal(Array.from({ length: keys }, (_, index) => count - keys + index));
  });
});
