import { expect } from 'chai';
import fc from 'fast-check';
import { readBrokerConfiguration } from '../../../src/runtime/config/broker-config.ts';
import { brokerProperties } from '../../../src/runtime/config/broker-properties.ts';
import { configText } from '../../../src/runtime/config/config-text.ts';
import { layered, synonymsOf, updateModeOf, usable } from '../../../src/runtime/config/dynamic-config.ts';
import { createLiveConfiguration } from '../../../src/runtime/config/live-config.ts';
import { topicConfigOf } from '../../../src/runtime/config/topic-config.ts';

const live = (properties: Readonly<Record<string, string>> = {}) => createLiveConfiguration(readBrokerConfiguration({ 'zookeeper.connect': 'localhost', ...properties }));

describe('layers of a broker\'s properties', () => {
  it('count from the broker\'s own over the cluster\'s default to the file', () => {
    const statics = { 'min.insync.replicas': '1', 'num.partitions': '4' };
    expect(layered(statics, { clusterDefault: { 'min.insync.replicas': '2', 'log.segment.bytes': '100' }, broker: { 'min.insync.replicas': '3' } })).to.deep.equal({
      'num.partitions': '4',
      'log.segment.bytes': '100',
      'min.insync.replicas': '3',
    });
  });

  it('hide what means the same in lower layers, whatever the unit', () => {
    expect(layered({ 'log.retention.hours': '5', 'log.retention.ms': '7' }, { clusterDefault: {}, broker: { 'log.retention.hours': '1' } })).to.deep.equal({ 'log.retention.hours': '1' });
    expect(synonymsOf('log.retention.hours', false)).to.deep.equal(['log.retention.ms', 'log.retention.minutes', 'log.retention.hours']);
    expect(synonymsOf('listener.name.a.sasl_ssl.sasl.jaas.config', true)).to.deep.equal(['listener.name.a.sasl_ssl.sasl.jaas.config', 'sasl.jaas.config']);
  });

  it('are taken over whole or not at all, into the one object that everybody reads', () => {
    const config = live({ 'log.retention.hours': '5', 'num.io.threads': '8' });
    const { values } = config;
    expect(Array.from(config.apply({ broker: { 'log.retention.ms': '1000', 'num.io.threads': '16' }, clusterDefault: {} }))).to.have.members(['log.retention.ms', 'log.retention.hours', 'num.io.threads']);
    expect(topicConfigOf(values, {})['retention.ms']).to.equal(1000);
    expect(() => config.apply({ broker: { 'log.retention.ms': '2000', 'num.io.threads': '64' }, clusterDefault: {} })).to.throw('num.io.threads=64, value should not be greater than double the current value 16');
    expect([values['log.retention.ms'], values['num.io.threads']]).to.deep.equal([1000, 16]);
    config.apply({ broker: {}, clusterDefault: {} });
    expect(topicConfigOf(values, {})['retention.ms']).to.equal(5 * 3_600_000);
  });

  it('pass over what other releases may have stored', () => {
    const { properties, ignored } = usable({ 'broker.id': '3', 'log.segment.bytes': 'x', 'min.insync.replicas': '2', 'my.own': 'y', 'listener.name.a.ssl.keystore.password': 'secret', listeners: 'A://:1' }, true);
    expect(properties).to.deep.equal({ 'min.insync.replicas': '2', 'my.own': 'y' });
    expect(Array.from(ignored.keys())).to.have.members(['broker.id', 'log.segment.bytes', 'listener.name.a.ssl.keystore.password', 'listeners']);
  });

  it('give throttles, which no file gives', () => {
    const config = live();
    expect(config.throttle('leader.replication.throttled.rate')).to.equal(Infinity);
    config.apply({ broker: {}, clusterDefault: { 'leader.replication.throttled.rate': '1000', 'follower.replication.throttled.rate': '9223372036854775807' } });
    expect([config.throttle('leader.replication.throttled.rate'), config.throttle('follower.replication.throttled.rate')]).to.deep.equal([1000, Infinity]);
  });

  it('go back to what was when they go, whatever they were', () => {
    const names = Object.keys(brokerProperties).filter((name) => updateModeOf(name) === 'cluster-wide');
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.constantFrom('1', '2', 'true', 'x', '-1', 'gzip', '1000000')), (broker) => {
        const config = live();
        const before = { ...config.values };
        try {
          config.apply({ broker, clusterDefault: {} }, true);
        } catch {
          expect({ ...config.values }).to.deep.equal(before);
        }
        config.apply({ broker: {}, clusterDefault: {} }, true);
        expect({ ...config.values }).to.deep.equal(before);
      }),
    );
  });
});

describe('a value as Kafka prints it', () => {
  it('has Java\'s form', () => {
    expect(configText({ type: 'double' }, '1.7976931348623157e+308')).to.equal('1.7976931348623157E308');
    expect(['5000', '0.5', '1e7', '0.0001', '0'].map((text) => configText({ type: 'double' }, text))).to.deep.equal(['5000.0', '0.5', '1.0E7', '1.0E-4', '0.0']);
    expect(configText({ type: 'boolean' }, ' TRUE ')).to.equal('true');
    expect(configText({ type: 'long' }, '+9223372036854775807')).to.equal('9223372036854775807');
    expect(configText({ type: 'list' }, 'a , b')).to.equal('a,b');
  });
});
