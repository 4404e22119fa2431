import { expect } from 'chai';
import { nextFeatureNode } from '../../../src/controller/feature-node.ts';
import { interBrokerVersions } from '../../../src/protocol/inter-broker-versions.ts';

describe('the feature node', () => {
  it('keeps feature levels while features are versioned, and drops them when a cluster goes back', () => {
    const stored = { version: 2, isEnabled: true, features: { group: 1 } };
    expect(nextFeatureNode(undefined, interBrokerVersions('3.9'))).to.deep.equal({ version: 2, isEnabled: true, features: {} });
    expect(nextFeatureNode(stored, interBrokerVersions('3.9'))).to.deep.equal(stored);
    expect(nextFeatureNode(stored, interBrokerVersions('2.6'))).to.deep.equal({ version: 1, isEnabled: false, features: {} });
    expect(nextFeatureNode({ ...stored, isEnabled: false }, interBrokerVersions('2.7'))).to.deep.equal({ version: 1, isEnabled: true, features: {} });
  });
});
