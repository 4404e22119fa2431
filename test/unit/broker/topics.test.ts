import { expect } from 'chai';
import { partitionFor } from '../../../src/coordinator/partition-for.ts';
import { createMetadataCache } from '../../../src/broker/metadata-cache.ts';
import { nextProducerIdBlock } from '../../../src/broker/producer-ids.ts';
import { describeBrokerConfigs, describeTopicConfigs } from '../../../src/broker/topic-configs.ts';
import { collidingTopic, invalidTopicName } from '../../../src/broker/topic-names.ts';
import { waitForLeaders } from '../../../src/broker/wait-for-leaders.ts';
import { readBrokerConfiguration } from '../../../src/runtime/config/broker-config.ts';
import { createLiveConfiguration } from '../../../src/runtime/config/live-config.ts';
import { ManualClock } from '../zookeeper/manual-clock.ts';

describe('topic names', () => {
  it('are checked in Kafka\'s words', () => {
    for (const name of ['a', 'A.b_c-9', '__consumer_offsets', 'x'.repeat(249)]) expect(invalidTopicName(name)).to.equal(undefined);
    expect(invalidTopicName('')).to.contain('the empty string is not allowed');
    expect(invalidTopicName('..')).to.contain("'..' is not allowed");
    expect(invalidTopicName('x'.repeat(250))).to.contain('longer than the max allowed length 249');
    for (const name of ['bad/name', 'ü', 'a b', 'a\n']) expect(invalidTopicName(name)).to.contain('other than ASCII alphanumerics');
  });

  it('collide when they differ in periods and underscores only', () => {
    expect(collidingTopic('a.b', ['x', 'a_b'])).to.equal('a_b');
    expect(collidingTopic('a.b', ['a.b', 'a-b'])).to.equal(undefined);
  });
});

describe('properties of a topic, as DescribeConfigs tells them', () => {
  const broker = createLiveConfiguration(readBrokerConfiguration({ 'zookeeper.connect': 'localhost', 'log.retention.hours': '24', 'min.insync.replicas': '2' }));
  const of = (name: string, overrides: Readonly<Record<string, string>> = {}) => {
    const { value, configSource, synonyms } = describeTopicConfigs(broker, overrides).find((config) => config.name === name)!;
    return [value, configSource, synonyms.map((synonym) => `${synonym.name}=${synonym.value} ${synonym.source}`)];
  };

  it('come from the topic, the broker\'s file or the default, in this order', () => {
    expect(of('min.insync.replicas', { 'min.insync.replicas': '3' })).to.deep.equal(['3', 1, ['min.insync.replicas=3 1', 'min.insync.replicas=2 4', 'min.insync.replicas=1 5']]);
    expect(of('min.insync.replicas')).to.deep.equal(['2', 4, ['min.insync.replicas=2 4', 'min.insync.replicas=1 5']]);
    expect(of('segment.bytes')).to.deep.equal(['1073741824', 5, ['log.segment.bytes=1073741824 5']]);
  });

  it('may be given in another unit, which is told only below one in its own (seen on 3.9.1)', () => {
    expect(of('retention.ms')).to.deep.equal(['86400000', 5, []]);
    expect(of('segment.ms')).to.deep.equal(['604800000', 5, []]);
  });

  it('of a broker never show a password', () => {
    const secret = createLiveConfiguration(readBrokerConfiguration({ 'zookeeper.connect': 'localhost', 'ssl.keystore.password': 'geheim' }));
    const config = describeBrokerConfigs(secret).find(({ name }) => name === 'ssl.keystore.password')!;
    expect(config).to.deep.include({ value: null, isSensitive: true, configSource: 4 });
    expect(JSON.stringify(config)).not.to.contain('geheim');
  });
});

describe('partition of a coordinator', () => {
  it('is the absolute value of Java\'s hash', () => {
    expect(partitionFor('', 50)).to.equal(0);
    expect(partitionFor('my-group', 50)).to.equal(12); // -1906497762
    expect(partitionFor('tg', 50)).to.equal(49); // 3699
    expect(partitionFor('polygenelubricants', 50)).to.equal(0); // its hash is -2147483648
  });
});

describe('blocks of producer ids', () => {
  it('follow each other, a thousand ids each (golden step 19)', () => {
    expect(nextProducerIdBlock(undefined, 3)).to.deep.equal({ brokerId: 3, firstId: 0, lastId: 999 });
    expect(nextProducerIdBlock({ brokerId: 1, firstId: 2000, lastId: 2999 }, 3)).to.deep.equal({ brokerId: 3, firstId: 3000, lastId: 3999 });
    expect(() => nextProducerIdBlock({ brokerId: 1, firstId: 0, lastId: Number.MAX_SAFE_INTEGER - 500 }, 3)).to.throw(RangeError, 'run out');
  });
});

describe('waiting for leaders', () => {
  it('ends when all have one, and names those that are late', async () => {
    const clock = new ManualClock();
    const late = waitForLeaders(createMetadataCache(), clock, [{ name: 't', partitions: 1 }], 1000);
    clock.pass(1000);
    expect(Array.from(await late)).to.deep.equal(['t']);
    expect(clock.timerCount).to.equal(0);
    expect(Array.from(await waitForLeaders(createMetadataCache(), clock, [{ name: 't', partitions: 1 }], 0))).to.deep.equal(['t']);
    expect(Array.from(await waitForLeaders(createMetadataCache(), clock, [], 1000))).to.deep.equal([]);
  });
});
