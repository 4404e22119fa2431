import { expect } from 'chai';
import { createTopicConfigCache } from '../../../src/broker/topic-config-cache.ts';
import { readBrokerConfiguration } from '../../../src/runtime/config/broker-config.ts';
import { createLiveConfiguration } from '../../../src/runtime/config/live-config.ts';

describe('properties of topics', () => {
  const none = {};
  const own = { 'min.insync.replicas': '3' };
  const live = createLiveConfiguration(readBrokerConfiguration({ 'zookeeper.connect': 'localhost:2181', 'min.insync.replicas': '2' }));
  const configOf = createTopicConfigCache(live, { of: (topic) => (topic === 'strict' ? own : none) });

  it('are reckoned once, and shared by topics with none of their own', () => {
    expect(configOf('one')).to.equal(configOf('two'));
    expect(configOf('one')['min.insync.replicas']).to.equal(2);
    expect(configOf('strict')['min.insync.replicas']).to.equal(3);
    expect(configOf('strict')).to.equal(configOf('strict'));
  });

  it('follow the broker when its own change at run time', () => {
    live.apply({ ...live.layers, clusterDefault: { 'min.insync.replicas': '1' } });
    expect(configOf('one')['min.insync.replicas']).to.equal(1);
    expect(configOf('strict')['min.insync.replicas']).to.equal(3);
  });
});
