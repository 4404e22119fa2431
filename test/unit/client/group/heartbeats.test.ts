import { expect } from 'chai';
import type { Cluster } from '../../../../src/client/cluster.ts';
import type { Coordinator } from '../../../../src/client/group/coordinator.ts';
import { groupSettings } from '../../../../src/client/group/group-options.ts';
import { createHeartbeats } from '../../../../src/client/group/heartbeats.ts';
import { newMembership } from '../../../../src/client/group/membership.ts';
import { silentLogger } from '../../../../src/runtime/logger.ts';
import { TestClock } from '../../log/support.ts';

describe('heartbeats', () => {
  it('have one timer, however often the application polls', () => {
    const clock = new TestClock();
    const cluster = { runtime: { clock, logger: silentLogger }, settings: { retryBackoffMs: 100 }, signal: new AbortController().signal };
    const view = { membership: { ...newMembership, phase: 'stable' as const }, isSubscribed: true, feed: () => [] };
    const heartbeats = createHeartbeats(cluster as unknown as Cluster, { node: {} } as unknown as Coordinator, groupSettings({ groupId: 'readers' })!, view, () => undefined);
    heartbeats.start();
    for (let polls = 0; polls < 20; polls++) {
      heartbeats.pollStarted();
      clock.pass(100);
      heartbeats.pollEnded();
    }
    expect(clock.timerCount).to.equal(1);
    heartbeats.stop();
    expect(clock.timerCount).to.equal(0);
  });
});
