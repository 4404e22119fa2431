import { expect } from 'chai';
import { apis } from '../../../src/protocol/apis.ts';
import { allInterBrokerVersions, interBrokerVersions } from '../../../src/protocol/inter-broker-versions.ts';

describe('inter.broker.protocol.version', () => {
  it('without IV means the last one of its release, as in Kafka', () => {
    const texts = ['2.4', '2.4-IV0', '2.8', '2.8.2', '3.3', '3.9', '3.9.1', '3.9-IV0'];
    expect(texts.map((text) => interBrokerVersions(text).release)).to.deep.equal(['2.4-IV1', '2.4-IV0', '2.8-IV1', '2.8-IV1', '3.3-IV3', '3.9-IV0', '3.9-IV0', '3.9-IV0']);
  });

  it('outside 2.4 to 3.9 is refused with what to write instead', () => {
    for (const text of ['2.3', '4.0', '3', '3.9-IV7', '2.40', '', 'latest']) expect(() => interBrokerVersions(text), text).to.throw(RangeError, 'give 2.4 to 3.9');
  });

  it('chooses versions that real brokers were seen to send', () => {
    expect(interBrokerVersions('2.4')).to.deep.include({ leaderAndIsr: 4, updateMetadata: 6, stopReplica: 2, fetch: 11, hasTopicIds: false, alterPartition: null });
    expect(interBrokerVersions('2.8')).to.deep.include({ leaderAndIsr: 5, updateMetadata: 7, stopReplica: 3, fetch: 12, hasTopicIds: true, alterPartition: 3 });
    expect(interBrokerVersions('3.9')).to.deep.include({ leaderAndIsr: 7, updateMetadata: 8, stopReplica: 4, fetch: 17, listOffsets: 9, bumpsEpochOnIsrShrink: false });
  });

  it('decides the versions of znodes', () => {
    const znodes = (release: string): readonly unknown[] => {
      const { featureZnodeVersion, hasTopicIds, hasFeatureZnode } = interBrokerVersions(release);
      return [featureZnodeVersion, hasTopicIds, hasFeatureZnode];
    };
    expect(znodes('2.4')).to.deep.equal([1, false, false]);
    expect(znodes('2.7')).to.deep.equal([1, false, true]);
    expect(znodes('2.8')).to.deep.equal([1, true, true]);
    expect(znodes('3.3')).to.deep.equal([2, true, true]);
    expect(znodes('3.9')).to.deep.equal([2, true, true]);
  });

  it('never goes back, nor beyond what the messages have', () => {
    const newest = allInterBrokerVersions.at(-1)!;
    const highest = (name: string): number => apis.find((api) => api.name === name)!.request.maxVersion;
    expect([newest.leaderAndIsr, newest.updateMetadata, newest.stopReplica, newest.fetch, newest.listOffsets]).to.deep.equal(
      ['LeaderAndIsr', 'UpdateMetadata', 'StopReplica', 'Fetch', 'ListOffsets'].map(highest),
    );
    allInterBrokerVersions.slice(1).forEach((versions, index) => {
      const before = allInterBrokerVersions[index]!;
      for (const name of ['leaderAndIsr', 'updateMetadata', 'stopReplica', 'fetch', 'listOffsets'] as const) expect(versions[name]).to.be.at.least(before[name]);
    });
  });
});
