import { expect } from 'chai';
import { replicaSelectorOf, selectByRack } from '../../../src/replica/replica-selector.ts';

const view = (id: number, rack: string | undefined, logEndOffset = 10, caughtUpAtMs = 0) => ({ id, rack, logEndOffset, caughtUpAtMs });

describe('the replica that a consumer should read from', () => {
  const leader = view(1, 'a', 20);

  it('is the leader, unless others alone are in the rack', () => {
    expect(selectByRack('a', leader, [view(2, 'a', 30)]).id).to.equal(1);
    expect(selectByRack('c', leader, [view(2, 'b')]).id).to.equal(1);
    expect(selectByRack('', leader, [view(2, '')]).id).to.equal(1);
    expect(selectByRack('b', leader, [view(2, 'b'), view(3, undefined)]).id).to.equal(2);
  });

  it('is the one in the rack that is most caught up; of equals, that with the highest id', () => {
    expect(selectByRack('b', leader, [view(2, 'b', 10), view(3, 'b', 12), view(4, 'b', 11)]).id).to.equal(3);
    expect(selectByRack('b', leader, [view(2, 'b', 10, 5), view(3, 'b', 10, 4), view(4, 'b', 10, -Infinity)]).id).to.equal(2);
    expect(selectByRack('b', leader, [view(2, 'b'), view(4, 'b'), view(3, 'b')]).id).to.equal(4);
  });

  it('is chosen by Kafka\'s own selector alone', () => {
    expect(replicaSelectorOf(undefined)).to.equal(undefined);
    expect(replicaSelectorOf('org.apache.kafka.common.replica.RackAwareReplicaSelector')).to.equal(selectByRack);
    expect(() => replicaSelectorOf('my.Selector')).to.throw('Invalid value my.Selector for configuration replica.selector.class: this broker knows org.apache.kafka.common.replica.RackAwareReplicaSelector alone');
  });
});
