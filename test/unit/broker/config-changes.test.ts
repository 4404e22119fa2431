import { expect } from 'chai';
import { changedOverrides } from '../../../src/broker/config-changes.ts';
import type { ConfigOperation } from '../../../src/broker/config-changes.ts';
import { KafkaError } from '../../../src/protocol/errors.ts';
import { readBrokerConfiguration } from '../../../src/runtime/config/broker-config.ts';
import { topicConfigOf } from '../../../src/runtime/config/topic-config.ts';

const broker = readBrokerConfiguration({ 'zookeeper.connect': 'localhost:2181' }).values;
const operation = (name: string, kind: ConfigOperation['kind'], value: string | null = null): ConfigOperation => ({ name, kind, value });

function change(before: Readonly<Record<string, string>>, ...operations: readonly ConfigOperation[]): unknown {
  try {
    return changedOverrides('t', before, topicConfigOf(broker, before), operations);
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

/** What Kafka 3.9.1 answered to the same requests. */
describe('changes of a topic\'s properties', () => {
  it('set and delete', () => {
    expect(change({ 'segment.bytes': '1000' }, operation('retention.ms', 'set', '5'), operation('segment.bytes', 'delete'))).to.deep.equal({ 'retention.ms': '5' });
    expect(change({}, operation('retention.ms', 'delete'))).to.deep.equal({});
  });

  it('append to and subtract from lists, which begin with the value that counts', () => {
    const both = change({}, operation('cleanup.policy', 'append', 'compact'));
    expect(both).to.deep.equal({ 'cleanup.policy': 'delete,compact' });
    expect(change(both as Record<string, string>, operation('cleanup.policy', 'append', 'compact'))).to.deep.equal(both);
    expect(change(both as Record<string, string>, operation('cleanup.policy', 'subtract', 'delete'))).to.deep.equal({ 'cleanup.policy': 'compact' });
  });

  it('are refused in Kafka\'s words', () => {
    expect(change({}, operation('nonsense', 'set', '1'))).to.match(/Unknown topic config name: nonsense$/);
    expect(change({}, operation('retention.ms', 'append', '1'))).to.match(/Config value append is not allowed for config key: retention.ms$/);
    expect(change({}, operation('retention.ms', 'set', 'x'))).to.match(/Invalid config value for resource ConfigResource\(type=TOPIC, name='t'\): Invalid value x for configuration retention.ms: Not a number of type LONG$/);
  });
});
