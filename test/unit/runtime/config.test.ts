import { expect } from 'chai';
import fc from 'fast-check';
import { logDirectories, parseBrokerConfig, readBrokerConfiguration } from '../../../src/runtime/config/broker-config.ts';
import { brokerProperties } from '../../../src/runtime/config/broker-properties.ts';
import { parseProperties } from '../../../src/runtime/config/properties-file.ts';
import { checkTopicOverrides, topicConfigOf } from '../../../src/runtime/config/topic-config.ts';

const required = { 'zookeeper.connect': 'localhost:2181' };

describe('properties file', () => {
  it('has comments, separators, continued lines and escapes as Java reads them', () => {
    const text = ['# comment', '! comment too', 'a=1', '  b : two words ', 'c three', 'd=x\\', '   y', 'e=\\u0041\\t\\\\', 'f\\=g=h', 'empty', 'a=last wins'].join('\r\n');
    expect(parseProperties(text)).to.deep.equal({ a: 'last wins', b: 'two words ', c: 'three', d: 'xy', e: 'A\t\\', 'f=g': 'h', empty: '' });
  });

  it('gives back what simple lines say', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9.]{0,20}$/);
    fc.assert(
      fc.property(fc.dictionary(word, word), (properties) => {
        const text = Object.entries(properties).map(([name, value]) => `${name}=${value}`).join('\n');
        expect(parseProperties(text)).to.deep.equal({ ...properties });
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseProperties(text)));
  });
});

describe('broker properties', () => {
  it('are those of Kafka 3.9.1, with its defaults', () => {
    expect(Object.keys(brokerProperties).length).to.equal(328);
    const config = parseBrokerConfig(required);
    expect(config['socket.request.max.bytes']).to.equal(104_857_600);
    expect(config['log.segment.bytes']).to.equal(1_073_741_824);
    expect(config['auto.create.topics.enable']).to.equal(true);
    expect(config['broker.id']).to.equal(-1);
    expect(config['listeners']).to.equal('PLAINTEXT://:9092');
  });

  it('are refused in Kafka\'s words when a value is of the wrong type or out of range', () => {
    const refused = (properties: Record<string, string>) => () => parseBrokerConfig({ ...required, ...properties });
    expect(refused({ 'num.partitions': 'x' })).to.throw('Invalid value x for configuration num.partitions: Not a number of type INT');
    expect(refused({ 'num.partitions': '0' })).to.throw('Invalid value 0 for configuration num.partitions: Value must be at least 1');
    expect(refused({ 'auto.create.topics.enable': 'yes' })).to.throw('Expected value to be either true or false');
    expect(refused({ 'compression.type': 'zip' })).to.throw('String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer');
    expect(refused({ 'process.roles': 'broker' })).to.throw('coordinated by ZooKeeper');
    expect(refused({ 'broker.id': '1', 'node.id': '2' })).to.throw('must be the same');
    expect(() => parseBrokerConfig({})).to.throw('Missing required configuration "zookeeper.connect"');
  });

  it('tell which were given and which Kafka does not know', () => {
    const { given, unknown } = readBrokerConfiguration({ ...required, 'num.partitions': '3', 'my.plugin': 'x' });
    expect([...given.keys()]).to.deep.equal(['zookeeper.connect', 'num.partitions']);
    expect(unknown).to.deep.equal(['my.plugin']);
  });

  it('have our own beside them, which begin with ottla.', () => {
    const given = { ...required, 'ottla.metrics.port': '9404' };
    expect(readBrokerConfiguration(given)).to.deep.include({ own: { 'ottla.metrics.host': '127.0.0.1', 'ottla.metrics.port': 9404 }, unknown: [] });
    expect(readBrokerConfiguration(required).own['ottla.metrics.port']).to.equal(-1);
    expect(() => readBrokerConfiguration({ ...required, 'ottla.metrics.port': '70000' })).to.throw('Value must be no more than 65535');
  });

  it('take node.id for broker.id and log.dir for log.dirs', () => {
    expect(parseBrokerConfig({ ...required, 'node.id': '7' })['broker.id']).to.equal(7);
    expect(logDirectories(parseBrokerConfig({ ...required, 'log.dir': '/a' }))).to.deep.equal(['/a']);
    expect(logDirectories(parseBrokerConfig({ ...required, 'log.dirs': '/b, /c', 'log.dir': '/a' }))).to.deep.equal(['/b', '/c']);
  });
});

describe('topic properties', () => {
  it('come from the topic, else from the broker, else from Kafka', () => {
    const broker = parseBrokerConfig({ ...required, 'log.segment.bytes': '2000000', 'log.retention.minutes': '5', 'log.roll.hours': '2' });
    const config = topicConfigOf(broker, { 'max.message.bytes': '99', 'newer.than.us': 'x' });
    expect(config['max.message.bytes']).to.equal(99);
    expect(config['segment.bytes']).to.equal(2_000_000);
    expect(config['retention.ms']).to.equal(300_000);
    expect(config['segment.ms']).to.equal(7_200_000);
    expect(config['retention.bytes']).to.equal(-1);
    expect(config['cleanup.policy']).to.deep.equal(['delete']);
  });

  it('limit timestamps by the older log.message.timestamp.difference.max.ms where the newer properties are not set', () => {
    const broker = parseBrokerConfig({ ...required, 'log.message.timestamp.difference.max.ms': '1000', 'log.message.timestamp.after.max.ms': '7' });
    expect(topicConfigOf(broker, {})).to.include({ 'message.timestamp.before.max.ms': 1000, 'message.timestamp.after.max.ms': 7 });
    expect(topicConfigOf(broker, { 'message.timestamp.before.max.ms': '5' })['message.timestamp.before.max.ms']).to.equal(5);
  });

  it('keep for ever when any retention time is negative', () => {
    expect(topicConfigOf(parseBrokerConfig({ ...required, 'log.retention.ms': '-1' }), {})['retention.ms']).to.equal(-1);
    expect(topicConfigOf(parseBrokerConfig({ ...required, 'log.retention.hours': '-1' }), {})['retention.ms']).to.equal(-1);
  });

  it('are checked by name and value where a user gives them', () => {
    expect(() => checkTopicOverrides({ 'retention.ms': '10' })).not.to.throw();
    expect(() => checkTopicOverrides({ 'retention.s': '10' })).to.throw('Unknown topic config name: retention.s');
    expect(() => checkTopicOverrides({ 'cleanup.policy': 'keep' })).to.throw('String must be one of: compact, delete');
  });
});
