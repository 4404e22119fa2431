import { expect } from 'chai';
import { nextFeatureNode } from '../../../src/controller/feature-node.ts';
import { interBrokerProtocol } from '../../../src/controller/inter-broker-protocol.ts';

describe('inter.broker.protocol.version of a controller', () => {
  it('decides the versions of znodes', () => {
    const znodes = (release: string): readonly unknown[] => {
      const { brokerZnodeVersion, featureZnodeVersion, hasTopicIds, hasFeatures } = interBrokerProtocol(release);
      return [brokerZnodeVersion, featureZnodeVersion, hasTopicIds, hasFeatures];
    };
    expect(znodes('2.4')).to.deep.equal([4, 1, false, false]);
    expect(znodes('2.7')).to.deep.equal([5, 1, false, true]);
    expect(znodes('2.8')).to.deep.equal([5, 1, true, true]);
    expect(znodes('3.3')).to.deep.equal([5, 2, true, true]);
    expect(znodes('3.9')).to.deep.equal([5, 2, true, true]);
  });

  it('keeps feature levels while features are versioned, and drops them when a cluster goes back', () => {
    const stored = { version: 2, isEnabled: true, features: { group: 1 } };
    expect(nextFeatureNode(undefined, interBrokerProtocol('3.9'))).to.deep.equal({ version: 2, isEnabled: true, features: {} });
    expect(nextFeatureNode(stored, interBrokerProtocol('3.9'))).to.deep.equal(stored);
    expect(nextFeatureNode(stored, interBrokerProtocol('2.6'))).to.deep.equal({ version: 1, isEnabled: false, features: {} });
    expect(nextFeatureNode({ ...stored, isEnabled: false }, interBrokerProtocol('2.7'))).to.deep.equal({ version: 1, isEnabled: true, features: {} });
  });
});
